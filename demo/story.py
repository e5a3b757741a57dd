"""`make demo`: the whole story with real services, a real wallet and real QR pictures.

Three organisations issue, the client carries, the desk asks and sees just what it asked for, an
organisation suspends and revokes, and frauds are refused. Every step is checked; the first that
does not hold ends the story with exit code 1 and says what to do.
"""

import argparse
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx2

from credential_schemas.i18n import HELSINKI
from demo.chapters import CHAPTERS, IDENTITY, Chapter
from demo.frauds import present_hospital_signed
from demo.payloads import example_claims
from demo.people import Client, IssuingSystem, Json, Official, heading, text_of
from demo.services import RunningServices, ServiceFailed
from demo.telling import StoryFailed, Teller, must

STATUS_TTL_SECONDS = 1
TRANSCRIPT = "transcript.txt"
ASKS_FOR_CODE = "Kysy asiakkaalta vahvistuskoodi"
TRIES = 3


class Story:
    """Tells the story once, in `output`."""

    def __init__(self, output: Path, teller: Teller, services: RunningServices) -> None:
        self._output, self._teller, self._services = output, teller, services
        self._claims = {
            chapter.type_id: example_claims(
                chapter.payload, today=datetime.now(UTC).astimezone(HELSINKI).date()
            )
            for chapter in CHAPTERS
        }
        self._credentials: dict[str, tuple[IssuingSystem, str]] = {}
        self._pictures = 0

    def tell(self, passphrase: str) -> None:
        """Tell it; raises StoryFailed or ServiceFailed where it does not hold."""
        self._client = Client(self._output / "wallet", self._services, secrets.token_urlsafe(16))
        self._official = Official(self._services, "te_office", self._output / "pages")
        self._desk_api = self._services.verifier_api("te_office")
        try:
            self._issue()
            self._show()
            self._relay()
            self._show_without_network()
            self._change_status()
            self._refuse_frauds(passphrase)
        finally:
            self._official.close()

    def _picture(self, name: str) -> Path:
        self._pictures += 1
        return self._output / "qr" / f"{self._pictures:02}-{name}.png"

    # --- 1 ------------------------------------------------------------------------------------

    def _issue(self) -> None:
        self._teller.heading("1. Three organisations issue, the wallet receives")
        for chapter in CHAPTERS:
            with self._teller.step(f"{chapter.org} issues {chapter.type_id}"):
                self._issue_one(chapter)
        with self._teller.step("the wallet holds three cards"):
            cards = self._client.json("list")["cards"]
            held = {card["type"] for card in cards}
            must(held == {chapter.type_id for chapter in CHAPTERS}, f"the wallet holds {held}")
        self._teller.quote(self._client.says("list"))
        with self._teller.step("what the law moves without the client is refused, with the reason"):
            system = IssuingSystem(self._services, "kela", "authority_decision")
            system.type_id = "insurance_claim_patient_data"
            answer = system.try_to_offer({}, pin=False)
            must(
                answer.status_code >= httpx2.codes.BAD_REQUEST and answer.json().get("reason"),
                f"patient data for an insurance claim: {answer.text}",
            )
        self._teller.quote(answer.json()["reason"]["fi"])

    def _issue_one(self, chapter: Chapter) -> None:
        system = IssuingSystem(self._services, chapter.org, chapter.type_id)
        offer = system.offer(self._claims[chapter.type_id], pin=chapter.pin)
        picture = self._picture(f"offer-{chapter.type_id}")
        picture.write_bytes(system.picture(offer["offer_id"]))
        if chapter.pin:
            wrong = "000000" if offer["pin"] != "000000" else "111111"
            self._client.refusal("receive", str(picture), "--pin", wrong, "--approve")
        pin = ("--pin", offer["pin"]) if chapter.pin else ()
        received = self._client.json("receive", str(picture), *pin, "--approve")
        must(received["outcome"] == "received", f"{chapter.type_id}: {received['outcome']}")
        credential_id = system.credential_of(offer["offer_id"])
        self._credentials[chapter.type_id] = (system, credential_id)

    # --- 2 ------------------------------------------------------------------------------------

    def _show(self) -> None:
        self._teller.heading("2. The desk asks, the client decides, the official sees just that")
        first = CHAPTERS[0]
        with self._teller.step("the client may decline; no reason is asked"):
            page = self._ask_and_answer(first.profile, "declined", "--decline")
            must("ei näyttänyt tietoja" in heading(page), f"declined, and saw: {heading(page)}")
            self._official.save(page, "1-not-shown")
        for number, chapter in enumerate(CHAPTERS, start=2):
            with self._teller.step(f"{chapter.profile}: accepted, and nothing more was seen"):
                page = self._accepted(chapter)
                self._official.save(page, f"{number}-accept-{chapter.profile}")
        self._teller.quote(self._client.says("log"))

    def _accepted(self, chapter: Chapter) -> httpx2.Response:
        picture = self._picture(f"request-{chapter.profile}")
        verification = self._official.ask(chapter.profile, picture)
        answered = self._client.json("present", str(picture), "--approve")
        (card,) = answered["request"]["cards"]
        left = {shown["path"] for shown in card["shows"]}
        must(left == {*IDENTITY, *chapter.leaves}, f"{chapter.profile}: what left was {left}")
        page = self._read_out(verification, answered["confirmation_code"])
        must("Mallikas" in text_of(page), f"the official saw: {heading(page)}")
        page = self._official.same_person(page, verification)
        must(heading(page) == "Tiedot kelpaavat", f"the outcome was: {heading(page)}")
        words = text_of(page)
        missing = [value for value in chapter.seen if value not in words]
        leaked = [value for value in chapter.unseen if value in words]
        must(not missing, f"{chapter.profile}: the page does not show {missing}")
        must(not leaked, f"{chapter.profile}: the page shows what was not asked: {leaked}")
        return page

    def _ask_and_answer(self, profile: str, name: str, *how: str) -> httpx2.Response:
        picture = self._picture(f"request-{name}")
        verification = self._official.ask(profile, picture)
        answered = self._client.json("present", str(picture), *how)
        page = self._official.look(verification)
        if heading(page) == ASKS_FOR_CODE:
            page = self._read_out(verification, answered["confirmation_code"])
        return page

    def _read_out(self, verification: str, code: str) -> httpx2.Response:
        page = self._official.look(verification)
        must(heading(page) == ASKS_FOR_CODE, f"before the code the official saw: {heading(page)}")
        must("Mallikas" not in text_of(page), "a name is shown before the code is typed")
        return self._official.type_code(page, verification, f"{code[:3]} {code[3:]}")

    # --- 3 ------------------------------------------------------------------------------------

    def _relay(self) -> None:
        self._teller.heading("3. Somebody photographs the code and answers in the client's place")
        picture = self._picture("request-photographed")
        verification = self._official.ask(CHAPTERS[0].profile, picture)
        with self._teller.step("the other person's wallet gets a code, and the client has none"):
            answered = self._client.json("present", str(picture), "--approve")
            page = self._official.look(verification)
            must(heading(page) == ASKS_FOR_CODE, f"the official saw: {heading(page)}")
        with self._teller.step("without that code the desk confirms nothing and shows no value"):
            wrong = "000000" if answered["confirmation_code"] != "000000" else "111111"
            for _ in range(TRIES):
                page = self._official.type_code(page, verification, wrong)
                must("Mallikas" not in text_of(page), "a relayed answer shows a name")
            said = self._official.save(page, "5-not-confirmed")
            must(said == "Älä käytä näitä tietoja", f"after wrong codes the desk said: {said}")
        with self._teller.step("the code comes too late to help"):
            late = self._official.type_code(page, verification, answered["confirmation_code"])
            must(heading(late) == said, f"after the code came late the desk said: {heading(late)}")
        self._teller.quote(text_of(page).rpartition(said)[2].partition("Mitä nyt")[0].strip())

    # --- 4 ------------------------------------------------------------------------------------

    def _show_without_network(self) -> None:
        self._teller.heading("4. A wallet without network answers by QR code at the desk")
        first, second = CHAPTERS[:2]
        with self._teller.step(f"{second.profile}: one picture shown, read, accepted"):
            started, pictures = self._answer_challenge(second, 1)
            self._accepted_by_picture(second, started, pictures)
        with self._teller.step("the same picture shown again: refused"):
            again = self._scan(started, pictures)
            must(again.is_client_error, f"it was answered {again.text}")
        with self._teller.step(f"{first.profile}: three smaller pictures, in any order"):
            started, pictures = self._answer_challenge(first, 3)
            said = self._scan(started, pictures[-1:]).json()
            must((said["seen"], said["total"]) == (1, 3), f"one of three gave {said}")
            self._accepted_by_picture(first, started, pictures[::-1])

    def _accepted_by_picture(self, chapter: Chapter, started: Json, pictures: list[Path]) -> None:
        taken = self._scan(started, pictures)
        must(taken.is_success, f"the desk could not take it: {taken.text}")
        address = f"/api/v1/verifications/{started['id']}"
        self._desk_api.post(f"{address}/identity", json={"identity": "compared"})
        result = self._result(started)
        must(result["outcome"] == "accept", f"the verifier said {result['outcome']}")
        (card,) = result["cards"]
        asked = {*IDENTITY, *(path.partition(".")[0] for path in chapter.leaves)}
        must(set(card["claims"]) == asked, f"what was shown: {sorted(card['claims'])}")

    def _answer_challenge(self, chapter: Chapter, frames: int) -> tuple[Json, list[Path]]:
        started = self._desk_api.post(
            "/api/v1/verifications", json={"profile": chapter.profile}
        ).json()
        challenge = self._picture(f"challenge-{chapter.profile}")
        shown = self._desk_api.get(f"/api/v1/verifications/{started['id']}/challenge").json()
        challenge.write_bytes(self._desk_api.get(shown["qr_png"]).content)
        answer = self._picture(f"answer-{chapter.profile}")
        drawn = self._client.json(
            "challenge", str(challenge), "--approve", "--frames", str(frames), "--out", str(answer)
        )
        return started, [Path(path) for path in drawn["pictures"]]

    def _scan(self, started: Json, pictures: list[Path]) -> httpx2.Response:
        return self._desk_api.post(
            "/api/v1/scans",
            data={"verification": started["id"]},
            files=[("picture", (one.name, one.read_bytes(), "image/png")) for one in pictures],
        )

    def _result(self, started: Json) -> Json:
        result = self._desk_api.get(
            f"/api/v1/verifications/{started['id']}",
            headers={"Kyky-Result-Key": started["result_key"]},
        )
        return cast(Json, result.json())

    # --- 5 ------------------------------------------------------------------------------------

    def _change_status(self) -> None:
        self._teller.heading("5. The hospital suspends, then revokes")
        chapter = CHAPTERS[1]
        system, credential_id = self._credentials[chapter.type_id]
        for number, (action, reason, state, expected) in enumerate(
            (
                ("suspend", "under_review", "suspended", "Tietoja ei voida vahvistaa"),
                ("reinstate", None, "valid", "Onko asiakas sama henkilö?"),
                ("revoke", "corrected", "revoked", "Älä käytä näitä tietoja"),
            ),
            start=6,
        ):
            with self._teller.step(f"{action}: the desk says “{expected}”"):
                now = system.change(credential_id, action, reason)
                must(now == state, f"{action} made it {now}")
                time.sleep(STATUS_TTL_SECONDS + 0.1)  # the desk's copy of the list has run out
                page = self._ask_and_answer(chapter.profile, action, "--approve")
                said = self._official.save(page, f"{number}-{action}")
                must(expected in said, f"after {action} the desk said: {said}")
                if state == "revoked":
                    must("Mallikas" not in text_of(page), "a rejected card shows a name")

    # --- 6 ------------------------------------------------------------------------------------

    def _refuse_frauds(self, passphrase: str) -> None:
        self._teller.heading("6. Frauds are rejected")
        frauds: tuple[tuple[str, str, Callable[[Path], object]], ...] = (
            (
                "a tampered disclosure",
                "disclosure_unreferenced",
                self._misbehave("tamper-disclosure"),
            ),
            (
                "an answer made for another request",
                "kb_nonce_mismatch",
                self._misbehave("wrong-nonce"),
            ),
            (
                "a stranger's holder key",
                "kb_signature_invalid",
                self._misbehave("wrong-holder-key"),
            ),
            (
                "a self-assessment signed by the hospital",
                "issuer_not_trusted_for_type",
                lambda picture: present_hospital_signed(
                    self._services,
                    claims=self._claims["self_assessment_result"],
                    picture=str(picture),
                    passphrase=passphrase,
                ),
            ),
        )
        for name, code, commit in frauds:
            with self._teller.step(f"{name}: rejected ({code})"):
                result = self._try_fraud(name, commit)
                said = (result["outcome"], result["code"])
                must(said == ("reject", code), f"{name}: the verifier said {said}")
                must(result["cards"] in (None, []), f"{name}: values are shown")
        with self._teller.step("the same answer sent twice: the second is refused"):
            picture, _ = self._start_by_api("replayed")
            refusal = self._client.refusal(
                "present", str(picture), "--approve", "--misbehave", "replay"
            )
        self._teller.quote(refusal["message"])
        with self._teller.step("the hospital's own system may not issue a self-assessment"):
            system = IssuingSystem(self._services, "mallimaa", "statement_feedback")
            system.type_id = "self_assessment_result"
            answer = system.try_to_offer(self._claims["self_assessment_result"], pin=False)
            must(answer.status_code == httpx2.codes.FORBIDDEN, f"it was answered {answer.text}")
        with self._teller.step("neither log holds the client's data"):
            for service in (self._services.issuer, self._services.verifier):
                log = service.log.read_text("utf-8")
                found = [name for name in ("Mallikas", "Maija", "120488", "1988") if name in log]
                must(not found, f"{service.name}.log holds {found}")

    def _misbehave(self, how: str) -> Callable[[Path], object]:
        return lambda picture: self._client.says(
            "present", str(picture), "--approve", "--misbehave", how
        )

    def _start_by_api(self, name: str) -> tuple[Path, Json]:
        started = self._desk_api.post(
            "/api/v1/verifications", json={"profile": "te_initial_interview"}
        ).json()
        picture = self._picture(f"request-{name.replace(' ', '-')}")
        picture.write_bytes(self._desk_api.get(started["qr_png"]).content)
        return picture, started

    def _try_fraud(self, name: str, commit: Callable[[Path], object]) -> Json:
        picture, started = self._start_by_api(name)
        commit(picture)
        return self._result(started)


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
    services = RunningServices(
        output.absolute() / "services",
        extra={
            "KYKY_KEYS_PASSPHRASE": passphrase,
            "KYKY_ISSUER_STATUS_TTL_SECONDS": str(STATUS_TTL_SECONDS),
        },
    )
    try:
        with teller.step("keys and trust list made; issuer and verifier are up"):
            services.start()
        Story(output, teller, services).tell(passphrase)
    except StoryFailed as failure:
        teller.failed(failure)
        return 1
    except ServiceFailed as failure:
        teller.failed(StoryFailed(str(failure), "read the logs in demo-output/services/"))
        return 1
    finally:
        services.stop()
    teller.end(f"The story holds. Look at {output}/pages, {output}/qr and {output}/transcript.txt.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
