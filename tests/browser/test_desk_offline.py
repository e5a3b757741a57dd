"""The desk whose network goes: what the page says, and a client who is served all the same."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import HEADINGS, ask, client_with_a_card, look, scan, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

GONE = {
    "fi": ("voit silti tarkistaa", "kortteja ei voi vahvistaa"),
    "sv": ("du kan ändå kontrollera", "kort kan inte bekräftas"),
    "en": ("you can still check", "cards cannot be confirmed"),
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServices]:
    """Lists may be held for a second, so that only a bundle helps without network."""
    extra = {"KYKY_ISSUER_STATUS_TTL_SECONDS": "1"}
    with RunningServices(tmp_path_factory.mktemp("services"), extra=extra) as running:
        yield running


@pytest.fixture(scope="module")
def client(services: RunningServices, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return client_with_a_card(services, tmp_path_factory.mktemp("wallet"))


def shown_by_code(page: Page, client: Client, tmp_path: Path) -> None:
    """The client's wallet reads the challenge, the desk reads the wallet's answer."""
    ask(page)
    page.locator("button[name=network]").click()
    page.wait_for_url("**/offline")
    drawn = client.json(
        "challenge",
        scan(page, tmp_path, "kyky-challenge:"),
        *("--approve", "--out", str(tmp_path / "answer.png")),
    )
    page.locator("form[action*='/desk/scan/'] button").first.click()
    page.wait_for_url("**/desk/scan/*")
    page.locator("#text").fill(drawn["frames"][0])
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("/desk/scan/"))


def try_again(page: Page, services: RunningServices, lang: str = "fi") -> None:
    page.goto(f"{services.verifier.url}/desk/offline?lang={lang}")
    page.locator("form[action='/desk/offline'] button").click()
    page.wait_for_load_state()


def test_the_start_page_leads_there(browser: Browser, services: RunningServices) -> None:
    page = sign_in(browser, services)
    page.locator("a[href='/desk/offline']").click()
    page.wait_for_url("**/desk/offline")
    expect(page.locator("h1")).to_contain_text("Verkko toimii")


def test_a_day_without_network(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    try_again(page, services)
    look(page, "offline-there")
    services.issuer.stop()
    for lang, (_, nothing) in GONE.items():
        try_again(page, services, lang)
        expect(page.locator("h1")).to_contain_text(nothing)
        assert page.locator("html").get_attribute("lang") == lang
        look(page, f"offline-nothing-{lang}")
    page.goto(f"{services.verifier.url}/desk?lang=fi")
    shown_by_code(page, client, tmp_path)
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][1])

    services.issuer.start()
    bundle = str(tmp_path / "bundle.jws")
    services.run("kyky-verifier", "bundle", "make", "--out", bundle)
    services.issuer.stop()
    services.run("kyky-verifier", "bundle", "load", bundle)
    for lang, (still, _) in GONE.items():
        try_again(page, services, lang)
        expect(page.locator("h1")).to_contain_text(still)
        look(page, f"offline-gone-{lang}")
        rows = page.locator("table.ages tbody tr")
        assert rows.count() >= 4
        assert page.locator("table.ages tbody .shape.ok").count() >= 2
    page.goto(f"{services.verifier.url}/desk?lang=fi")
    shown_by_code(page, client, tmp_path)
    page.locator("button[value=compared]").click()
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][0])
    expect(page.locator("main"), "the outcome says how old the status is").to_contain_text("vanha")
    services.issuer.start()
