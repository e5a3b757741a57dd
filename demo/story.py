"""`make demo`: the whole story with real services, a real wallet and real QR pictures.

Organisations issue, the client carries, the desk asks and sees just what it asked for, a referral
travels with the client, an organisation suspends and revokes, and frauds are refused. Every step
is checked; the first that does not hold ends the story with exit code 1 and says what to do.
"""

import argparse
import secrets
import shutil
import sys
import time
from pathlib import Path

import httpx2

from demo.adding import tell_adding
from demo.asked_system import AskedSystem
from demo.chapters import CHAPTERS, FEEDBACK, IDENTITY, Chapter
from demo.people import IssuingSystem, Json, heading, text_of
from demo.referral import tell_referral
from demo.services import RunningServices, ServiceFailed
from demo.stage import REJECTED, STATUS_TTL_SECONDS, UNCONFIRMED, Stage
from demo.telling import StoryFailed, Teller, must
from demo.tricks import tell_frauds, tell_relay

TRANSCRIPT = "transcript.txt"


def tell(stage: Stage, passphrase: str) -> None:
    """Tell it all; raises StoryFailed or ServiceFailed where it does not hold."""
    _issue(stage)
    _show(stage)
    tell_referral(stage)
    tell_relay(stage)
    _WithoutNetwork(stage).tell()
    _change_status(stage)
    tell_adding(stage)
    tell_frauds(stage, passphrase)


def _issue(stage: Stage) -> None:
    stage.teller.heading("1. Organisations issue, the wallet receives")
    for chapter in CHAPTERS:
        with stage.teller.step(f"{chapter.org} issues {chapter.type_id}"):
            stage.issue(chapter)
    with stage.teller.step("the wallet holds both cards"):
        cards = stage.client.json("list")["cards"]
        held = {card["type"] for card in cards}
        must(held == {chapter.type_id for chapter in CHAPTERS}, f"the wallet holds {held}")
    stage.teller.quote(stage.client.says("list"))
    with stage.teller.step("what the law moves without the client is refused, with the reason"):
        system = IssuingSystem(stage.services, "kela", "authority_decision")
        system.type_id = "insurance_claim_patient_data"
        answer = system.try_to_offer({}, pin=False)
        must(
            answer.status_code >= httpx2.codes.BAD_REQUEST and answer.json().get("reason"),
            f"patient data for an insurance claim: {answer.text}",
        )
    stage.teller.quote(answer.json()["reason"]["fi"])


def _show(stage: Stage) -> None:
    stage.teller.heading("2. The desk asks, the client decides, the official sees just that")
    first = CHAPTERS[0]
    with stage.teller.step("the client may decline; no reason is asked"):
        page = stage.ask_and_answer(first.profile, "declined", "--decline")
        must("ei näyttänyt tietoja" in heading(page), f"declined, and saw: {heading(page)}")
        stage.official.save(page, "1-not-shown")
    for number, chapter in enumerate(CHAPTERS, start=2):
        with stage.teller.step(f"{chapter.profile}: accepted, and nothing more was seen"):
            _, page = stage.accepted(chapter, stage.official)
            stage.official.save(page, f"{number}-accept-{chapter.profile}")


class _WithoutNetwork:
    """A wallet without network answers by pictures over the counter."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def tell(self) -> None:
        self.stage.teller.heading("5. A wallet without network answers by QR code at the desk")
        first, second = CHAPTERS[0], FEEDBACK
        with self.stage.teller.step(f"{second.profile}: one picture shown, read, accepted"):
            started, pictures = self._answer_challenge(second, 1)
            self._accepted_by_picture(second, started, pictures)
        with self.stage.teller.step("the same picture shown again: refused"):
            again = self._scan(started, pictures)
            must(again.is_client_error, f"it was answered {again.text}")
        with self.stage.teller.step(f"{first.profile}: three smaller pictures, in any order"):
            started, pictures = self._answer_challenge(first, 3)
            said = self._scan(started, pictures[-1:]).json()
            must((said["seen"], said["total"]) == (1, 3), f"one of three gave {said}")
            self._accepted_by_picture(first, started, pictures[::-1])

    def _accepted_by_picture(self, chapter: Chapter, started: Json, pictures: list[Path]) -> None:
        taken = self._scan(started, pictures)
        must(taken.is_success, f"the desk could not take it: {taken.text}")
        address = f"/api/v1/verifications/{started['id']}"
        self.stage.desk_api.post(f"{address}/identity", json={"identity": "compared"})
        result = self.stage.result(started)
        must(result["outcome"] == "accept", f"the verifier said {result['outcome']}")
        (card,) = result["cards"]
        asked = {*IDENTITY, *(path.partition(".")[0] for path in chapter.leaves)}
        must(set(card["claims"]) == asked, f"what was shown: {sorted(card['claims'])}")

    def _answer_challenge(self, chapter: Chapter, frames: int) -> tuple[Json, list[Path]]:
        started = self.stage.desk_api.post(
            "/api/v1/verifications", json={"profile": chapter.profile}
        ).json()
        challenge = self.stage.picture(f"challenge-{chapter.profile}")
        shown = self.stage.desk_api.get(f"/api/v1/verifications/{started['id']}/challenge").json()
        challenge.write_bytes(self.stage.desk_api.get(shown["qr_png"]).content)
        answer = self.stage.picture(f"answer-{chapter.profile}")
        drawn = self.stage.client.json(
            "challenge", str(challenge), "--approve", "--frames", str(frames), "--out", str(answer)
        )
        return started, [Path(path) for path in drawn["pictures"]]

    def _scan(self, started: Json, pictures: list[Path]) -> httpx2.Response:
        return self.stage.desk_api.post(
            "/api/v1/scans",
            data={"verification": started["id"]},
            files=[("picture", (one.name, one.read_bytes(), "image/png")) for one in pictures],
        )


def _change_status(stage: Stage) -> None:
    stage.teller.heading("6. The hospital suspends, then revokes")
    chapter = FEEDBACK
    system, credential_id = stage.credentials[chapter.type_id]
    for number, (action, reason, state, expected) in enumerate(
        (
            ("suspend", "under_review", "suspended", UNCONFIRMED),
            ("reinstate", None, "valid", "Onko asiakas sama henkilö?"),
            ("revoke", "corrected", "revoked", REJECTED),
        ),
        start=7,
    ):
        with stage.teller.step(f"{action}: the desk says “{expected}”"):
            now = system.change(credential_id, action, reason)
            must(now == state, f"{action} made it {now}")
            time.sleep(STATUS_TTL_SECONDS + 0.1)  # the desk's copy of the list has run out
            page = stage.ask_and_answer(chapter.profile, action, "--approve")
            said = stage.official.save(page, f"{number}-{action}")
            must(expected in said, f"after {action} the desk said: {said}")
            if state == "revoked":
                must("Mallikas" not in text_of(page), "a rejected card shows a name")


def _is_ours(output: Path) -> bool:
    """Whether a folder may be replaced: an earlier output, or empty."""
    return output.is_dir() and ((output / TRANSCRIPT).exists() or not any(output.iterdir()))


def main() -> int:
    """Tell the story; return the exit code."""
    parser = argparse.ArgumentParser(description="Play the whole story on this machine.")
    parser.add_argument("--output", type=Path, default=Path("demo-output"))
    output: Path = parser.parse_args().output
    if output.exists() and not _is_ours(output):
        parser.error(f"{output} is there and is no earlier demo output; name another folder")
    shutil.rmtree(output, ignore_errors=True)
    (output / "qr").mkdir(parents=True)
    teller = Teller(output / TRANSCRIPT)
    passphrase = secrets.token_urlsafe(24)
    kela = AskedSystem()
    services = RunningServices(
        output.absolute() / "services",
        extra={
            "KYKY_KEYS_PASSPHRASE": passphrase,
            "KYKY_ISSUER_STATUS_TTL_SECONDS": str(STATUS_TTL_SECONDS),
            **kela.settings(),
        },
    )
    try:
        with teller.step("keys and trust list made; issuer and verifier are up"):
            services.start()
            kela.start(services)
        stage = Stage(output, teller, services, passphrase=secrets.token_urlsafe(16))
        try:
            tell(stage, passphrase)
        finally:
            stage.close()
    except StoryFailed as failure:
        teller.failed(failure)
        return 1
    except ServiceFailed as failure:
        teller.failed(StoryFailed(str(failure), "read the logs in demo-output/services/"))
        return 1
    finally:
        kela.stop()
        services.stop()
    teller.end(f"The story holds. Look at {output}/pages, {output}/qr and {output}/transcript.txt.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
