"""What every chapter of the story stands on: the people, the services, and asking and answering."""

import html
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx2

from credential_schemas.i18n import HELSINKI
from demo.another_desk import AnotherDesk
from demo.chapters import CHAPTERS, FEEDBACK, IDENTITY, REFERRAL, Chapter
from demo.payloads import example_claims
from demo.people import Client, IssuingSystem, Json, Official, heading, text_of
from demo.services import RunningServices, Service
from demo.telling import Teller, must

STATUS_TTL_SECONDS = 1
ACCEPTED = "Tiedot kelpaavat"
REJECTED = "Älä käytä näitä tietoja"
UNCONFIRMED = "Tietoja ei voida vahvistaa"
_ASKS_FOR_CODE = "Kysy asiakkaalta vahvistuskoodi"
_OFFER = re.compile(r'href="(openid-credential-offer:[^"]+)"')


class Stage:
    """Where the story plays.

    Attributes:
        claims: what each issuing system hands over, by credential type.
        credentials: who issued a card, and under which id, by credential type.
    """

    def __init__(
        self, output: Path, teller: Teller, services: RunningServices, *, passphrase: str
    ) -> None:
        self.output, self.teller, self.services = output, teller, services
        today = datetime.now(UTC).astimezone(HELSINKI).date()
        self.claims = {
            one.type_id: example_claims(one.payload, today=today)
            for one in (*CHAPTERS, FEEDBACK, REFERRAL)
        }
        self.credentials: dict[str, tuple[IssuingSystem, str]] = {}
        self.client = Client(output / "wallet", services, passphrase)
        pages = output / "pages"
        self.official = Official(services.verifier.url, services.staff("te_office"), pages)
        self.health_centre = AnotherDesk(services, "sote-keskus-malli")
        self.health_centre.service.start()
        nurse = self.health_centre.staff("health_centre", "niina.hoitaja", "Niina Hoitaja")
        self.nurse = Official(self.health_centre.service.url, nurse, pages)
        self.desk_api = services.verifier_api("te_office")
        self._pictures = 0

    def close(self) -> None:
        """Everybody goes home."""
        self.official.close()
        self.nurse.close()
        self.health_centre.service.stop()

    def running(self) -> tuple[Service, ...]:
        """Return every service of the story."""
        return (self.services.issuer, self.services.verifier, self.health_centre.service)

    def picture(self, name: str) -> Path:
        """Return where the next QR picture goes."""
        self._pictures += 1
        return self.output / "qr" / f"{self._pictures:02}-{name}.png"

    def issue(self, chapter: Chapter) -> None:
        """Have a card offered by QR code and received; a wrong PIN is tried before the right."""
        system = IssuingSystem(self.services, chapter.org, chapter.type_id)
        offer = system.offer(self.claims[chapter.type_id], pin=chapter.pin)
        picture = self.picture(f"offer-{chapter.type_id}")
        picture.write_bytes(system.picture(offer["offer_id"]))
        if chapter.pin:
            wrong = "000000" if offer["pin"] != "000000" else "111111"
            self.client.refusal("receive", str(picture), "--pin", wrong, "--approve")
        pin = ("--pin", offer["pin"]) if chapter.pin else ()
        received = self.client.json("receive", str(picture), *pin, "--approve")
        must(received["outcome"] == "received", f"{chapter.type_id}: {received['outcome']}")
        self.credentials[chapter.type_id] = (system, system.credential_of(offer["offer_id"]))

    def accepted(self, chapter: Chapter, desk: Official) -> tuple[str, httpx2.Response]:
        """Ask at a desk, answer, accept; the page shows what was asked and nothing else.

        Returns:
            The verification's id and the page with the outcome.
        """
        picture = self.picture(f"request-{chapter.profile}")
        verification = desk.ask(chapter.profile, picture)
        answered = self.client.json("present", str(picture), "--approve")
        (card,) = answered["request"]["cards"]
        left = {shown["path"] for shown in card["shows"]}
        must(left == {*IDENTITY, *chapter.leaves}, f"{chapter.profile}: what left was {left}")
        page = self.read_out(verification, answered["confirmation_code"], desk)
        must("Mallikas" in text_of(page), f"the official saw: {heading(page)}")
        page = desk.same_person(page, verification)
        must(heading(page) == ACCEPTED, f"the outcome was: {heading(page)}")
        words = text_of(page)
        missing = [value for value in chapter.seen if value not in words]
        leaked = [value for value in chapter.unseen if value in words]
        must(not missing, f"{chapter.profile}: the page does not show {missing}")
        must(not leaked, f"{chapter.profile}: the page shows what was not asked: {leaked}")
        return verification, page

    def ask_and_answer(
        self, profile: str, name: str, *how: str, desk: Official | None = None
    ) -> httpx2.Response:
        """Ask at a desk, the employment office's by default, and answer; return where that led."""
        desk = desk or self.official
        picture = self.picture(f"request-{name}")
        verification = desk.ask(profile, picture)
        answered = self.client.json("present", str(picture), *how)
        page = desk.look(verification)
        if heading(page) == _ASKS_FOR_CODE:
            page = self.read_out(verification, answered["confirmation_code"], desk)
        return page

    def waits_for_code(self, verification: str, desk: Official) -> httpx2.Response:
        """Return the page that waits for the code; no name is on it."""
        page = desk.look(verification)
        must(heading(page) == _ASKS_FOR_CODE, f"before the code the desk saw: {heading(page)}")
        must("Mallikas" not in text_of(page), "a name is shown before the code is typed")
        return page

    def read_out(self, verification: str, code: str, desk: Official) -> httpx2.Response:
        """The client reads the code out, the official types it; return where that led."""
        page = self.waits_for_code(verification, desk)
        return desk.type_code(page, verification, f"{code[:3]} {code[3:]}")

    def receipt(self, verification: str, page: httpx2.Response, desk: Official) -> Json:
        """Have a receipt offered on the outcome's page, and receive it into the wallet."""
        shown = desk.give_receipt(page, verification)
        link = _OFFER.search(shown.text)
        must(link, f"no receipt is offered: {heading(shown)}")
        received = self.client.json(
            "receive", html.unescape(link.group(1) if link else ""), "--approve"
        )
        must(received["outcome"] == "received", f"the receipt: {received['outcome']}")
        return received

    def result(self, started: Json) -> Json:
        """Return what the interface for case systems tells of a verification that it started."""
        result = self.desk_api.get(
            f"/api/v1/verifications/{started['id']}",
            headers={"Kyky-Result-Key": started["result_key"]},
        )
        return cast(Json, result.json())
