"""The pages behind a letter's link, on a phone: whole way without script, and for everybody."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # ships no types
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from demo.payloads import example_claims
from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import QR_ONLY, look, photographed

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
PHONE = ViewportSize(width=390, height=844)
TYPE = "self_assessment_result"


def letter(services: RunningServices) -> tuple[dict[str, Any], Image.Image]:
    """A letter with a self-assessment, and its page as it is printed."""
    org = "itsearviointi"
    api = services.issuer_api(org, TYPE)
    claims = example_claims("01_self_assessment_result", today=datetime.now(UTC).date())
    body = {"type": TYPE, "claims": claims, "subject_ref": "letter-1", "pin_medium": "in_person"}
    made = api.post(f"/api/v1/{org}/letters", json=body).json()
    paper = pypdfium2.PdfDocument(api.get(made["pdf"]["fi"]).content)
    printed = paper[0].render(scale=200 / 72).to_pil()
    paper.close()
    return made, printed


def type_pin(page: Page, pin: str) -> None:
    page.locator("#pin").fill(pin)
    page.get_by_role("button", name="Jatka").click()


def test_from_paper_to_card_without_script(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    made, printed = letter(services)
    (code,) = zxingcpp.read_barcodes(printed, formats=QR_ONLY)
    plain = browser.new_context(viewport=PHONE, locale="fi-FI", java_script_enabled=False)
    page = plain.new_page()

    page.goto(code.text)
    expect(page.locator("h1")).to_have_text("Sait koodin kirjeessä tai viestissä")
    page.get_by_role("link", name="Jatka PIN-koodiin").click()
    type_pin(page, "000000" if made["pin"] != "000000" else "111111")
    expect(page.locator("#fault")).to_contain_text("Sinulla on vielä 4 yritystä.")
    type_pin(page, made["pin"])
    expect(page.locator("h1")).to_have_text("Ota kortti lompakkoosi")
    link = page.get_by_role("link", name="Avaa lompakko").get_attribute("href")
    (shown,) = zxingcpp.read_barcodes(Image.open(photographed(page, tmp_path)), formats=QR_ONLY)
    assert shown.text == link
    client.json("receive", link, "--approve")

    page.goto(code.text + "/pin")
    type_pin(page, made["pin"])
    expect(page.locator("h1")).to_have_text("Tällä koodilla ei saa korttia")
    expect(page.get_by_text("Kortti on jo lompakossa.")).to_be_visible()


def test_every_page_is_for_everybody(browser: Browser, services: RunningServices) -> None:
    made, _ = letter(services)
    wrong = "000000" if made["pin"] != "000000" else "111111"
    page = browser.new_context(viewport=PHONE, locale="fi-FI").new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))

    page.goto(f"{services.issuer.url}/l")
    look(page, "letter-code")
    page.locator("#code").fill(made["typed_code"].lower())
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Sait koodin kirjeessä tai viestissä")
    look(page, "letter-landing")
    page.get_by_role("link", name="Jatka PIN-koodiin").click()
    type_pin(page, wrong)
    expect(page.locator("#pin")).to_have_attribute("aria-invalid", "true")
    look(page, "letter-pin-wrong")
    type_pin(page, made["pin"])
    expect(page.locator("h1")).to_have_text("Ota kortti lompakkoosi")
    look(page, "letter-open")
    page.goto(f"{made['link']}/pin?lang=sv")
    for left in (4, 3, 2, 1):
        page.locator("#pin").fill(wrong)
        page.keyboard.press("Enter")
        expect(page.locator("#fault")).to_contain_text(f"Du har {left} försök kvar.")
    page.locator("#pin").fill(wrong)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Brevet är låst för din säkerhet")
    look(page, "letter-locked")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("The letter is locked for your safety")
    # A page that is answered with 422 is named there; nothing else is.
    assert [fault for fault in faults if "422" not in fault] == []
