"""Outcomes in a real browser: each in three languages and widths, and what may be done after."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from credential_schemas.i18n import HELSINKI
from demo.payloads import example_claims
from demo.people import Client, IssuingSystem
from demo.services import RunningServices
from tests.browser.desk import QR_ONLY, ask, look, scan, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

LANGS = ("fi", "sv", "en")
OWN_WORDS = "Löytää työ, jossa"
TITLES = {
    "accept": ("Tiedot kelpaavat", "Uppgifterna godkänns", "The data can be used"),
    "cannot-confirm": (
        "Tietoja ei voida vahvistaa",
        "Uppgifterna kan inte bekräftas",
        "The data cannot be confirmed",
    ),
    "reject": (
        "Älä käytä näitä tietoja",
        "Använd inte dessa uppgifter",
        "Do not use these data",
    ),
    "not-shown": (
        "Asiakas ei näyttänyt tietoja",
        "Klienten visade inte uppgifterna",
        "The client did not show the data",
    ),
}
GREEN = """() => [...document.querySelectorAll('main *')].filter(one => {
  const style = getComputedStyle(one);
  return [style.color, style.borderLeftColor, style.backgroundColor, style.fill].includes(
    'rgb(20, 83, 45)');
}).length"""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServices]:
    directory = tmp_path_factory.mktemp("services")
    with RunningServices(directory, extra={"KYKY_ISSUER_STATUS_TTL_SECONDS": "1"}) as running:
        yield running


class Cards:
    """A wallet, and the systems whose cards it holds."""

    def __init__(self, services: RunningServices, home: Path) -> None:
        self.client = Client(home / "wallet", services, "a long passphrase")
        self.home = home
        self.assessment = IssuingSystem(services, "itsearviointi", "self_assessment_result")
        self.assessed = self._receive(self.assessment, "01_self_assessment_result")
        feedback = IssuingSystem(services, "mallimaa", "statement_feedback")
        self._receive(feedback, "02_statement_feedback")

    def _receive(self, system: IssuingSystem, payload: str) -> str:
        claims = example_claims(payload, today=datetime.now(UTC).date())
        offer = system.offer(claims, pin=False)
        picture = self.home / f"{payload}.png"
        picture.write_bytes(system.picture(offer["offer_id"]))
        self.client.json("receive", str(picture), "--approve")
        return system.credential_of(offer["offer_id"])


@pytest.fixture(scope="module")
def cards(services: RunningServices, tmp_path_factory: pytest.TempPathFactory) -> Cards:
    return Cards(services, tmp_path_factory.mktemp("cards"))


def asked(page: Page, tmp_path: Path) -> str:
    """Return a picture of the code that the client is shown."""
    photo = tmp_path / "asked.png"
    photo.write_bytes(page.request.get(f"{page.url.partition('?')[0]}/qr.png").body())
    return str(photo)


def show(
    page: Page, cards: Cards, tmp_path: Path, *, profile: str = "te_initial_interview"
) -> None:
    """From the start page to comparing the person."""
    ask(page, profile)
    told = cards.client.json("present", asked(page, tmp_path), "--approve")
    page.wait_for_url("**/desk/code/*", timeout=15_000)
    page.locator("input[name=code]").fill(told["confirmation_code"])
    page.keyboard.press("Enter")


def accept(page: Page, cards: Cards, tmp_path: Path, **how: Any) -> None:
    show(page, cards, tmp_path, **how)
    page.wait_for_url("**/desk/identity/*", timeout=15_000)
    page.locator("button[value=compared]").click()
    page.wait_for_url("**/desk/outcome/*")


def bring(page: Page, cards: Cards, tmp_path: Path, outcome: str) -> None:
    """Bring the desk to an outcome."""
    if outcome == "accept":
        accept(page, cards, tmp_path)
    elif outcome == "cannot-confirm":
        cards.assessment.change(cards.assessed, "suspend", "under_review")
        page.wait_for_timeout(1_200)  # so long the earlier list may be held
        try:
            show(page, cards, tmp_path)
            page.wait_for_url("**/desk/outcome/*", timeout=15_000)
        finally:
            cards.assessment.change(cards.assessed, "reinstate")
            page.wait_for_timeout(1_200)
    else:
        ask(page)
        how = ("--decline",) if outcome == "not-shown" else (
            "--approve", "--misbehave", "tamper-disclosure",
        )  # fmt: skip
        cards.client.says("present", asked(page, tmp_path), *how)
        page.wait_for_url("**/desk/outcome/*", timeout=15_000)


@pytest.mark.req("DESK-04", "DESK-06")
@pytest.mark.parametrize("outcome", TITLES)
def test_each_outcome_in_every_language_and_width(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path, outcome: str
) -> None:
    page = sign_in(browser, services)
    bring(page, cards, tmp_path, outcome)
    address = page.url.partition("?")[0]
    for number, lang in enumerate(LANGS):
        page.goto(f"{address}?lang={lang}")
        expect(page.locator("h1")).to_have_text(TITLES[outcome][number])
        shows = outcome in {"accept", "cannot-confirm"}
        assert (OWN_WORDS in page.content()) is shows
        assert ("Mallikas" in page.content()) is shows
        assert (page.evaluate(GREEN) > 0) is (outcome == "accept")
        look(page, f"outcome-{outcome}-{lang}", unfold=False)
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        look(page, f"outcome-{outcome}-{lang}-open", unfold=False)
    page.goto(f"{services.verifier.url}/desk?lang=fi")


def test_what_matters_is_seen_at_once(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path
) -> None:
    """After the last key: one click, and verdict, person, words and button stand on one screen."""
    page = sign_in(browser, services)
    show(page, cards, tmp_path)
    page.wait_for_url("**/desk/identity/*", timeout=15_000)
    look(page, "identity", unfold=False)
    page.locator("button[value=compared]").click()
    page.set_viewport_size({"width": 1440, "height": 900})
    for seen in (
        page.locator("h1"),
        page.get_by_text("Maija Testi Mallikas").first,
        page.get_by_text(f"”{OWN_WORDS}"),
        page.get_by_text("Asiakas arvioi työkykynsä näin"),
        page.get_by_role("button", name="Tyhjennä ja sulje"),
    ):
        box = seen.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 900, seen
    order = page.locator("main h1, main h2").all_inner_texts()
    assert order[:2] == ["Tiedot kelpaavat", "Asiakkaan oma näkemys"]


def test_colours_forced_by_the_system_keep_every_mark(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path
) -> None:
    page = sign_in(browser, services, forced_colors="active")
    for outcome in TITLES:
        page.goto(f"{services.verifier.url}/desk")
        bring(page, cards, tmp_path, outcome)
        look(page, f"forced-{outcome}", unfold=False)
        assert page.locator(".verdict svg").is_visible()


def test_back_reload_and_a_second_click_change_nothing(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    show(page, cards, tmp_path)
    page.wait_for_url("**/desk/identity/*", timeout=15_000)
    page.locator("button[value=compared]").dblclick()
    page.wait_for_url("**/desk/outcome/*")
    expect(page.locator("h1")).to_have_text(TITLES["accept"][0])
    page.go_back()
    page.wait_for_url("**/desk/outcome/*")  # the page before sends on to where things stand
    expect(page.locator("h1")).to_have_text(TITLES["accept"][0])
    page.reload()
    expect(page.locator("h1")).to_have_text(TITLES["accept"][0])
    assert OWN_WORDS in page.content(), "a page that is back has its values"
    address = page.url
    page.context.clear_cookies()
    page.reload()
    assert "/desk/sign-in" in page.url
    assert "Mallikas" not in page.content()
    page.goto(address)
    assert OWN_WORDS not in page.content()


def test_esc_and_idleness_clear_the_page(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    accept(page, cards, tmp_path)
    first = page.url
    page.keyboard.press("Escape")
    page.wait_for_url("**/desk?cleared=1")
    page.goto(first)
    assert OWN_WORDS not in page.content()
    page.goto(f"{services.verifier.url}/desk")
    page.clock.install()
    accept(page, cards, tmp_path)
    page.clock.fast_forward(4 * 60_000)
    expect(page.locator("h1")).to_have_text(TITLES["accept"][0])
    page.mouse.move(50, 50)
    page.clock.fast_forward(4 * 60_000)
    expect(page.locator("h1")).to_have_text(TITLES["accept"][0])
    page.clock.fast_forward(61_000)
    page.wait_for_url("**/desk?cleared=1")


def test_a_page_that_is_left_is_held_for_a_minute_only(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    accept(page, cards, tmp_path)
    address = page.url

    def held_for() -> int:
        """How long the values stay, as a browser without script is told."""
        told = re.search(r'data-reload-after="(\d+)"', page.request.get(address).text())
        assert told is not None
        return int(told.group(1))

    assert held_for() > 500
    page.goto(f"{services.verifier.url}/desk")
    page.wait_for_timeout(500)
    assert held_for() <= 61
    page.goto(address)
    page.wait_for_timeout(500)
    assert held_for() > 400, "it is back"


def test_the_summary_is_made_for_paper(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    accept(page, cards, tmp_path)
    page.get_by_role("button", name="Tulosta yhteenveto").click()
    page.wait_for_url("**/desk/print/*")
    address = page.url.partition("?")[0]
    for lang in LANGS:
        page.goto(f"{address}?lang={lang}")
        look(page, f"print-{lang}", unfold=False)
    page.emulate_media(media="print")
    for hidden in ("header.top", "footer", "[data-print]", "form[data-clear]", "aside.demo"):
        assert not page.locator(hidden).first.is_visible(), hidden
    expect(page.locator("article")).to_contain_text(OWN_WORDS)
    sheet = page.pdf(format="A4")
    assert sheet.count(b"/Type /Page\n") == 1, "one sheet"
    page.emulate_media(media="screen")
    page.goto(f"{address}?lang=fi")


def test_the_client_gets_a_receipt_by_a_second_code(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    accept(page, cards, tmp_path)
    page.get_by_role("button", name="Anna asiakkaalle tosite").dblclick()
    page.wait_for_url("**/desk/receipt/*")
    address = page.url
    assert "Mallikas" not in page.locator("main").inner_text()
    assert OWN_WORDS not in page.content()
    for lang in LANGS:
        page.goto(f"{address}?lang={lang}")
        look(page, f"receipt-{lang}", unfold=False)
    page.goto(f"{address}?lang=fi")
    photo = scan(page, tmp_path, "openid-credential-offer://")
    (read,) = zxingcpp.read_barcodes(Image.open(photo), formats=QR_ONLY)
    assert page.locator(f"a.button[href='{read.text}']").is_visible()
    assert "Liisa" not in page.locator("body").inner_text(), "the page is the client's to read"
    cards.client.json("receive", photo, "--approve")
    held = cards.client.json("list")["cards"]
    (receipt,) = [card for card in held if card["type"] == "consent_receipt"]
    claims = cards.client.json("show", receipt["id"])["claims"]
    assert claims["verifier_name"] == "Mallimaan työllisyysalue (TESTI)"
    assert claims["request_profile"] == "te_initial_interview"
    assert "self_assessment_result.own_goals" in claims["disclosed_claims"]
    assert "retention_until" not in claims
    assert OWN_WORDS not in json.dumps(claims, ensure_ascii=False)
    assert "Mallikas" not in json.dumps(claims, ensure_ascii=False)
    page.get_by_role("button", name="Takaisin tulokseen").click()
    expect(page.locator("h1")).to_have_text(TITLES["accept"][0])


def test_a_task_that_keeps_data_says_until_when_and_makes_a_copy(
    browser: Browser, services: RunningServices, cards: Cards, tmp_path: Path
) -> None:
    today = datetime.now(HELSINKI).date()
    until = today + timedelta(days=730)
    said = f"{until.day}.{until.month}.{until.year}"
    page = sign_in(browser, services)
    expect(page.locator("main"), "said before asking").to_contain_text(said)
    ask(page, "te_employment_support")
    expect(page.locator("main"), "said to the client").to_contain_text(said)
    page.goto(f"{services.verifier.url}/desk")
    accept(page, cards, tmp_path, profile="te_employment_support")
    expect(page.locator("main"), "said beside the button that clears").to_contain_text(said)
    look(page, "outcome-kept", unfold=False)
    with page.expect_download() as waited:
        page.get_by_role("button", name="Lataa kopio").click()
    copy = json.loads(Path(waited.value.path()).read_text("utf-8"))
    assert copy["kept_until"] == until.isoformat()
    (card,) = copy["cards"]
    assert card["claims"]["employment_impact"] == "significant"
    assert "diagnoses" not in json.dumps(copy)
    expect(page.locator("h1")).to_have_text(TITLES["accept"][0])
