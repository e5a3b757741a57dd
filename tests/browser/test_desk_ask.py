"""The staff's waiting page and the client's window side by side, in a real browser."""

from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import QR_ONLY, ask, customer_window, look, photographed, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

IDLE = {"fi": "Tervetuloa", "sv": "Välkommen", "en": "Welcome"}
FITS = "document.documentElement.scrollHeight <= 900"


def code_on(page: Page, tmp_path: Path) -> str:
    (code,) = zxingcpp.read_barcodes(Image.open(photographed(page, tmp_path)), formats=QR_ONLY)
    return code.text


@pytest.mark.req("DESK-06")
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_every_page_of_asking(
    browser: Browser, services: RunningServices, tmp_path: Path, lang: str
) -> None:
    page = sign_in(browser, services, lang)
    look(page, f"start-{lang}")
    ask(page)
    look(page, f"ask-{lang}")
    screen = customer_window(page)
    screen.set_viewport_size({"width": 1440, "height": 900})
    assert screen.evaluate(FITS), "all of it on one screen"
    assert code_on(screen, tmp_path).startswith("openid4vp://?")
    look(screen, f"customer-{lang}")
    page.locator("button[name=network]").click()
    page.wait_for_url("**/offline")
    look(page, f"ask-offline-{lang}")
    expect(screen.locator("img[src*='challenge.svg']")).to_be_visible(timeout=10_000)
    look(screen, f"customer-offline-{lang}")
    page.locator("button[name=help]").click()
    expect(screen.locator("body.assisted")).to_be_visible(timeout=10_000)
    look(screen, f"customer-assisted-{lang}")
    page.locator("form[action*='/desk/paper/'] button").click()
    expect(page.locator("fieldset")).to_have_count(2)
    look(page, f"paper-{lang}")
    page.locator("input[value=in_order]").check()
    page.locator("form[action*='/desk/paper/'] button").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    look(page, f"paper-fault-{lang}")
    page.locator("input[value=compared]").check()
    page.locator("form[action*='/desk/paper/'] button").click()
    expect(page.locator(".verdict.ok")).to_be_visible()
    look(page, f"paper-recorded-{lang}")
    expect(screen.locator("body.quiet")).to_be_visible(timeout=10_000)
    look(screen, f"customer-thanks-{lang}")
    page.locator("form[action*='/desk/close/'] button").click()
    expect(screen.locator("h1")).to_have_text(IDLE[lang], timeout=10_000)
    look(screen, f"customer-idle-{lang}")
    expect(page.locator(".tasks .last")).to_be_visible()
    look(page, f"start-used-{lang}")
    page.goto(f"{services.verifier.url}/k/AAAA-AAAA-AAAA?lang={lang}")
    look(page, f"typed-wrong-{lang}")


@pytest.mark.req("DESK-01", "DESK-06")
def test_two_windows_follow_one_visit(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    screen = page.context.new_page()
    screen.goto(f"{services.verifier.url}/desk/customer")
    expect(screen.locator("h1")).to_have_text(IDLE["fi"])
    page.keyboard.press("1")  # the first task, by its shortcut
    page.wait_for_url("**/desk/ask/*")
    screen.wait_for_url("**/desk/customer/*", timeout=10_000)  # by itself
    expect(page.locator("[data-screen-open]")).to_have_text("Asiakkaan näyttö on auki.")
    screen.get_by_role("link", name="Svenska").click()
    expect(screen.locator("html")).to_have_attribute("lang", "sv")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    staff = page.context.cookies()
    assert {one["name"] for one in staff} >= {"kyky_last", "kyky_customer_lang"}
    typed = screen.locator(".typed").inner_text()
    phone = browser.new_page()
    phone.goto(f"{services.verifier.url}/k")
    phone.locator("#code").fill(typed.lower())
    phone.keyboard.press("Enter")
    link = phone.locator("a.button").get_attribute("href")
    assert link == code_on(screen, tmp_path)
    look(phone, "typed")
    phone.close()
    assert link is not None
    page.keyboard.press("Escape")
    page.wait_for_url("**/desk?cleared=1")
    expect(screen.locator("h1")).to_have_text("Välkommen", timeout=10_000)


def test_what_a_hand_scanner_types_presses_no_shortcut(
    browser: Browser, services: RunningServices
) -> None:
    page = sign_in(browser, services)
    page.keyboard.type("1234")
    page.wait_for_timeout(600)
    assert page.url.endswith("/desk")
    page.get_by_role("button", name="Poista pikanäppäimet käytöstä").click()
    page.keyboard.press("1")
    page.wait_for_timeout(600)
    assert page.url.endswith("/desk")


@pytest.mark.parametrize(
    "options",
    [
        {"forced_colors": "active"},
        {"reduced_motion": "reduce"},
        {"java_script_enabled": False},
    ],
    ids=["forced colours", "reduced motion", "no script"],
)
def test_whatever_the_client_needs(
    browser: Browser, services: RunningServices, tmp_path: Path, options: dict[str, Any]
) -> None:
    page = sign_in(browser, services, **options)
    ask(page)
    screen = customer_window(page)
    assert code_on(screen, tmp_path).startswith("openid4vp://?")
    screen.locator("button[name=network]").click()
    expect(screen.locator("img[src*='challenge.svg']")).to_be_visible()
    assert code_on(screen, tmp_path).startswith("kyky-challenge:")


def test_the_clients_window_by_keyboard(browser: Browser, services: RunningServices) -> None:
    page = sign_in(browser, services)
    ask(page)
    screen = customer_window(page)
    names: list[str] = []
    for _ in range(10):
        screen.keyboard.press("Tab")
        names.append(screen.evaluate("document.activeElement.innerText.trim()"))
    for wanted in ("Svenska", "Lompakossani ei ole verkkoa", "Tarvitsen enemmän aikaa"):
        assert wanted in names
