"""Chapters in which somebody cheats: a relayed answer, and frauds that no honest wallet commits."""

from collections.abc import Callable
from pathlib import Path

import httpx2

from demo.chapters import CHAPTERS
from demo.frauds import present_hospital_signed
from demo.people import IssuingSystem, Json, heading, text_of
from demo.stage import REJECTED, Stage
from demo.telling import must

_TRIES = 3


def tell_relay(stage: Stage) -> None:
    """Tell how an answer from elsewhere is not taken."""
    stage.teller.heading("4. Somebody photographs the code and answers in the client's place")
    picture = stage.picture("request-photographed")
    verification = stage.official.ask(CHAPTERS[0].profile, picture)
    with stage.teller.step("the other person's wallet gets a code, and the client has none"):
        answered = stage.client.json("present", str(picture), "--approve")
        page = stage.waits_for_code(verification, stage.official)
    with stage.teller.step("without that code the desk confirms nothing and shows no value"):
        wrong = "000000" if answered["confirmation_code"] != "000000" else "111111"
        for _ in range(_TRIES):
            page = stage.official.type_code(page, verification, wrong)
            must("Mallikas" not in text_of(page), "a relayed answer shows a name")
        said = stage.official.save(page, "6-not-confirmed")
        must(said == REJECTED, f"after wrong codes the desk said: {said}")
    with stage.teller.step("the code comes too late to help"):
        late = stage.official.type_code(page, verification, answered["confirmation_code"])
        must(heading(late) == said, f"after the code came late the desk said: {heading(late)}")
    stage.teller.quote(text_of(page).rpartition(said)[2].partition("Mitä nyt")[0].strip())


def tell_frauds(stage: Stage, passphrase: str) -> None:
    """Tell how frauds are refused; `passphrase` is the keys'."""
    _Frauds(stage).tell(passphrase)


class _Frauds:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def tell(self, passphrase: str) -> None:
        """Tell the chapter."""
        self.stage.teller.heading("8. Frauds are rejected")
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
                    self.stage.services,
                    claims=self.stage.claims["self_assessment_result"],
                    picture=str(picture),
                    passphrase=passphrase,
                ),
            ),
        )
        for name, code, commit in frauds:
            with self.stage.teller.step(f"{name}: rejected ({code})"):
                result = self._try_fraud(name, commit)
                said = (result["outcome"], result["code"])
                must(said == ("reject", code), f"{name}: the verifier said {said}")
                must(result["cards"] in (None, []), f"{name}: values are shown")
        with self.stage.teller.step("the same answer sent twice: the second is refused"):
            picture, _ = self._start_by_api("replayed")
            refusal = self.stage.client.refusal(
                "present", str(picture), "--approve", "--misbehave", "replay"
            )
        self.stage.teller.quote(refusal["message"])
        with self.stage.teller.step("the hospital's own system may not issue a self-assessment"):
            system = IssuingSystem(self.stage.services, "mallimaa", "statement_feedback")
            system.type_id = "self_assessment_result"
            answer = system.try_to_offer(self.stage.claims["self_assessment_result"], pin=False)
            must(
                answer.status_code == httpx2.codes.UNPROCESSABLE_ENTITY,
                f"it was answered {answer.text}",
            )
        with self.stage.teller.step("no log holds the client's data"):
            for service in self.stage.running():
                log = service.log.read_text("utf-8")
                found = [name for name in ("Mallikas", "Maija", "120488", "1988") if name in log]
                must(not found, f"{service.name}.log holds {found}")

    def _misbehave(self, how: str) -> Callable[[Path], object]:
        return lambda picture: self.stage.client.says(
            "present", str(picture), "--approve", "--misbehave", how
        )

    def _start_by_api(self, name: str) -> tuple[Path, Json]:
        started = self.stage.desk_api.post(
            "/api/v1/verifications", json={"profile": "te_initial_interview"}
        ).json()
        picture = self.stage.picture(f"request-{name.replace(' ', '-')}")
        picture.write_bytes(self.stage.desk_api.get(started["qr_png"]).content)
        return picture, started

    def _try_fraud(self, name: str, commit: Callable[[Path], object]) -> Json:
        picture, started = self._start_by_api(name)
        commit(picture)
        return self.stage.result(started)
