"""Take the pictures of docs/letters.md: the letter in four styles, and the pages behind its link.

`make pictures` runs it, after the letter or its pages have changed. Everybody in the pictures is
invented, and the letters lead nowhere.
"""

import asyncio
import io
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, get_args

import pypdfium2  # type: ignore[import-untyped]  # ships no types
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Label
from demo.payloads import example_claims
from demo.services import RunningServices
from issuer.adapters.letter_press.press import TypstPress
from issuer.ports.letters import LetterContent, LetterStyle, PinMedium, Sender
from tools import needs

PICTURES: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "letters"
_DOTS_PER_INCH: Final = 110
_COLOURS: Final = 16
_PHONE: Final = ViewportSize(width=390, height=700)
_TYPE: Final = "self_assessment_result"


def letters() -> None:
    """Set the letter in every style and keep a picture of each."""
    catalogue = load_catalogue()
    known = catalogue.organisations["mallimaa"]
    content = LetterContent(
        sender=Sender(
            name=known.names,
            address=("PL 0", "00000 MALLIKYLÄ"),
            help=Label(*(f"{known.contact[lang]}." for lang in ("fi", "sv", "en"))),
        ),
        recipient=("Maija Testi Mallikas", "Mallitie 1 A 2", "00000 MALLIKYLÄ"),
        card=catalogue.types["statement_feedback"].title,
        link="https://letters.mallimaa.example/l/NtzLEUB3b6vOln6BHnSmSD",
        place="letters.mallimaa.example/l",
        typed_code="NRWJ6-3F6BT-68GCP",
        pin_medium=PinMedium.IN_PERSON,
        written_on=date(2026, 11, 24),
        last_day=date(2026, 12, 24),
    )
    for style in get_args(LetterStyle):
        document = pypdfium2.PdfDocument(asyncio.run(TypstPress().pdf(content, style)))
        keep(document[0].render(scale=_DOTS_PER_INCH / 72).to_pil(), style)
        document.close()


def pages(page: Page, services: RunningServices) -> None:
    """Walk from a letter's link to the card, in Finnish, and keep what a phone shows."""
    api = services.issuer_api("itsearviointi", _TYPE)
    claims = example_claims("01_self_assessment_result", today=datetime.now(UTC).date())
    body: dict[str, Any] = {"type": _TYPE, "claims": claims, "subject_ref": "picture-1"}
    answer = api.post("/api/v1/itsearviointi/letters", json=body | {"pin_medium": "in_person"})
    made = answer.json()
    page.goto(f"{made['link']}?lang=fi")
    shoot(page, "landing.fi")
    page.locator("a.main").click()
    page.locator("#pin").fill("000000" if made["pin"] != "000000" else "111111")
    page.keyboard.press("Enter")
    page.locator("#fault").wait_for()
    shoot(page, "pin.fi")
    page.locator("#pin").fill(made["pin"])
    page.keyboard.press("Enter")
    page.locator(".code").wait_for()
    shoot(page, "open.fi")


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page."""
    page.evaluate("document.activeElement?.blur()")
    keep(Image.open(io.BytesIO(page.screenshot(full_page=True))), name)


def keep(picture: Image.Image, name: str) -> None:
    """Keep a picture in few colours."""
    few = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


def main() -> int:
    """Take every picture anew."""
    letters()
    chromium = needs.chromium()
    if chromium is None:
        sys.stderr.write("No Chromium here: the pages behind the link were not photographed.\n")
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        RunningServices(Path(folder) / "services") as services,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=str(chromium))
        pages(browser.new_context(viewport=_PHONE, locale="fi-FI").new_page(), services)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
