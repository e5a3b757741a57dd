"""The confirmation code in a real browser: at the desk, and on the page of the client's phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import HEADINGS, ask, look, read_out, scan, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

SIZE = "shown => parseFloat(getComputedStyle(shown).fontSize)"
ABOVE = """document.querySelector('#fault').getBoundingClientRect().bottom
  <= document.querySelector('#code').getBoundingClientRect().top"""
ERROR = {"fi": "Virhe:", "sv": "Fel:", "en": "Error:"}
TRIES = {"fi": "2 yritystä jäljellä", "sv": "2 försök kvar", "en": "2 tries left"}
PHONE = {
    "fi": ("Lue tämä koodi virkailijalle", "Mallimaan työllisyysalue (TESTI)"),
    "sv": ("Läs upp den här koden för handläggaren", "Modellandets sysselsättningsområde (TESTI)"),
    "en": ("Read this code to the official", "Mallimaa employment area (TESTI)"),
}


def wrong(answered: dict[str, str]) -> str:
    return "000000" if answered["confirmation_code"] != "000000" else "111111"


def waits_for_code(page: Page) -> None:
    page.wait_for_url("**/desk/code/*", timeout=15_000)
    expect(page.locator("#code")).to_be_visible()


@pytest.mark.req("DESK-05", "VP-26")
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_client_reads_the_code_out(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path, lang: str
) -> None:
    page = sign_in(browser, services, lang)
    ask(page)
    answered = client.json("present", scan(page, tmp_path), "--approve")
    waits_for_code(page)
    assert not any(value in page.content() for value in ("Mallikas", "Maija", "Löytää työ, jossa"))
    expect(page.locator("#code")).to_be_focused()  # the page moved by itself; staff just type
    look(page, f"code-{lang}")

    page.keyboard.type(wrong(answered))
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    expect(page.locator("#code")).to_be_focused()
    field = page.locator("#code")
    assert field.get_attribute("aria-invalid") == "true"
    assert "fault" in str(field.get_attribute("aria-describedby")).split()
    assert page.evaluate(ABOVE), "the error stands above its field"
    assert page.title().startswith(ERROR[lang])
    expect(page.locator("#tries")).to_contain_text(TRIES[lang])
    look(page, f"code-wrong-{lang}")

    code = answered["confirmation_code"]
    page.keyboard.type(f"{code[:3]} {code[3:]}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/identity/*")


@pytest.mark.req("DESK-05", "VP-26")
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_page_of_the_clients_phone(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path, lang: str
) -> None:
    page = sign_in(browser, services, lang)
    ask(page)
    answered = client.json("present", scan(page, tmp_path), "--approve")
    asked: list[str] = []
    phone = browser.new_page(viewport={"width": 360, "height": 700}, locale=f"{lang}-FI")
    phone.on("request", lambda request: asked.append(request.url))
    for _ in range(2):  # looking again changes nothing
        phone.goto(answered["redirect_uri"])
        expect(phone.locator("h1")).to_have_text(PHONE[lang][0])
        said = phone.locator("main").inner_text()
        code = answered["confirmation_code"]
        assert f"{code[:3]} {code[3:]}" in said
        assert PHONE[lang][1] in said
        assert not any(value in phone.content() for value in ("Mallikas", "Maija", "itsearvio"))
    assert phone.context.cookies() == []
    assert all(url.startswith(services.verifier.url) for url in asked)
    assert phone.locator(".code-shown").evaluate(SIZE) >= 48
    look(phone, f"phone-code-{lang}")
    read_out(page, answered)
    page.wait_for_url("**/desk/identity/*")

    phone.goto(f"{services.verifier.url}/c/{'A' * 43}?lang={lang}")
    look(phone, f"phone-over-{lang}")
    assert phone.locator(".code-shown").count() == 0


@pytest.mark.req("DESK-05")
def test_whoever_answers_from_elsewhere_is_not_confirmed(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    ask(page)
    answered = client.json("present", scan(page, tmp_path), "--approve")
    for _ in range(3):
        waits_for_code(page)
        page.locator("#code").fill(wrong(answered))
        page.get_by_role("button", name="Tarkista koodi").click()
        assert "Mallikas" not in page.content()
    page.wait_for_url("**/desk/outcome/*")
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][2])
    words = page.locator("main").inner_text()
    assert "Vahvistuskoodi ei täsmännyt" in words
    assert "Kukaan ei ole tehnyt väärin" in words
    look(page, "outcome-not-confirmed")
    expect(page.get_by_role("button", name="Pyydä tiedot uudelleen")).to_be_visible()
    page.go_back()
    assert "Mallikas" not in page.content()
    assert page.locator("#code").count() == 0


def test_without_a_code_the_way_on_is_asking_again(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    page = sign_in(browser, services, forced_colors="active")
    ask(page)
    client.json("present", scan(page, tmp_path), "--approve")
    waits_for_code(page)
    look(page, "code-forced-colours")
    before = page.url
    page.get_by_role("button", name="Pyydä tiedot uudelleen").click()
    page.wait_for_url("**/desk/ask/*")
    page.goto(before)
    assert "Mallikas" not in page.content()


@pytest.mark.req("DESK-05")
def test_it_works_without_script_and_without_a_mouse(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    page = sign_in(browser, services, java_script_enabled=False)
    ask(page)
    answered = client.json("present", scan(page, tmp_path), "--approve")
    page.reload()
    waits_for_code(page)
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type("12 34")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Tätä ei laskettu yritykseksi")
    expect(page.locator("main")).to_contain_text("3 yritystä jäljellä")
    page.keyboard.type(answered["confirmation_code"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/identity/*")
