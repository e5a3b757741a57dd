"""The client's own pages in a real browser, with a real wallet: from the receipt to withdrawing."""

import pytest
from playwright.sync_api import Browser, expect

from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import FITS, NARROWEST, ask, barriers, read_out, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

SAME = "Sama henkilö, asiakirja verrattu"


def test_a_client_comes_back_with_the_receipt_and_withdraws(
    browser: Browser, services: RunningServices, client: Client
) -> None:
    desk = sign_in(browser, services)
    ask(desk)
    asked = desk.locator("a[href^='openid4vp:']").first.get_attribute("href")
    assert asked is not None
    read_out(desk, client.json("present", asked, "--approve"))
    desk.get_by_role("button", name=SAME).click()
    desk.get_by_role("button", name="Anna asiakkaalle tosite").click()
    desk.wait_for_url("**/desk/receipt/*")
    offer = desk.locator("a[href^='openid-credential-offer:']").get_attribute("href")
    assert offer is not None
    client.json("receive", offer, "--approve")

    own = browser.new_context(viewport={"width": NARROWEST, "height": 844}, locale="fi").new_page()
    own.goto(f"{services.verifier.url}/privacy")
    own.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert own.evaluate(FITS)
    assert barriers(own) == []
    own.get_by_role("button", name="Katso tositteellasi").click()
    expect(own.locator("h1")).to_have_text("Näytä tosite lompakollasi")
    own.wait_for_load_state()
    assert own.evaluate("document.querySelector('img.code').naturalWidth") > 0
    assert own.evaluate(FITS)
    link = own.locator("a[href^='openid4vp:']").get_attribute("href")
    assert link is not None
    own.goto(client.json("present", link, "--approve")["redirect_uri"])
    expect(own.locator("h1")).to_have_text("Tiedot, jotka näytit")
    expect(own.locator("main")).to_contain_text("Tiedot ovat virkailijan näytöllä")
    own.get_by_role("button", name="Peru hyväksyntä").click()
    expect(own.get_by_role("status")).to_contain_text("Peruit hyväksyntäsi")
    own.wait_for_load_state()
    assert own.evaluate(FITS)
    assert barriers(own) == []

    desk.get_by_role("button", name="Takaisin tulokseen").click()
    expect(desk.locator("main")).to_contain_text("tyhjennetty")
