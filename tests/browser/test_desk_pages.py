"""The desk in a real browser: a whole visit, at desktop and phone width, by keyboard, under axe."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import HEADINGS, ask, look, read_out, scan, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

FOCUS_IS_SEEN = """[null, '::after'].some(part => {
  const style = getComputedStyle(document.activeElement, part);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; })"""


@pytest.mark.req("DESK-04", "DESK-06")
def test_a_visit_from_sign_in_to_clearing(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    problems: list[str] = []
    page = sign_in(browser, services)
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda failure: problems.append(str(failure)))
    look(page, "start")
    ask(page)
    look(page, "ask")
    text = page.locator("main").inner_text()
    expect(page.locator("body")).to_contain_text("Mallimaan työllisyysalue (TESTI)")
    assert "openid4vp://" in text, "a link stands beside the QR code"
    answered = client.json("present", scan(page, tmp_path), "--approve")
    page.wait_for_url("**/desk/code/*", timeout=15_000)  # it moves on by itself
    assert "Mallikas" not in page.content(), "no value before the code is typed"
    read_out(page, answered)
    page.wait_for_url("**/desk/identity/*")
    assert "Löytää työ, jossa" not in page.content(), "no value before the person is compared"
    look(page, "identity")
    page.get_by_role("button", name="Sama henkilö, asiakirja verrattu").click()
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][0])
    expect(page.locator("main")).to_contain_text("Löytää työ, jossa ei tarvitse nostaa raskasta")
    look(page, "outcome-accept")
    outcome = page.url
    page.get_by_role("button", name="Tyhjennä ja sulje").click()
    page.wait_for_url("**/desk?cleared=1")
    page.goto(outcome)
    assert "Löytää työ, jossa" not in page.content(), "what was cleared stays cleared"
    assert problems == []


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_outcomes_in_three_languages(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path, lang: str
) -> None:
    page = sign_in(browser, services, lang)
    ask(page)
    read_out(page, client.json("present", scan(page, tmp_path), "--approve"))
    page.wait_for_url("**/desk/identity/*")
    page.locator("button[value=compared]").click()
    expect(page.locator("h1")).to_have_text(HEADINGS[lang][0])
    assert page.locator("html").get_attribute("lang") == lang
    page.goto(f"{services.verifier.url}/desk")
    ask(page)
    client.says("present", scan(page, tmp_path), "--approve", "--misbehave", "tamper-disclosure")
    page.wait_for_url("**/desk/outcome/*", timeout=15_000)
    expect(page.locator("h1")).to_have_text(HEADINGS[lang][2])
    assert "Mallikas" not in page.content()
    look(page, f"outcome-reject-{lang}")
    page.goto(f"{services.verifier.url}/desk")
    ask(page)
    client.json("present", scan(page, tmp_path), "--decline")
    page.wait_for_url("**/desk/outcome/*", timeout=15_000)
    look(page, f"outcome-not-shown-{lang}")


@pytest.mark.req("DESK-01", "DESK-03")
@pytest.mark.parametrize("by", ["pictures", "hand scanner"])
def test_a_wallet_without_network(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path, by: str
) -> None:
    page = sign_in(browser, services)
    ask(page)
    page.get_by_role("button", name="ei ole verkkoa").click()
    page.wait_for_url("**/offline*")
    look(page, "ask-offline")
    drawn = client.json(
        "challenge",
        scan(page, tmp_path, "kyky-challenge:"),
        *("--approve", "--frames", "2", "--out", str(tmp_path / "answer.png")),
    )
    page.locator("form[action*='/desk/scan/'] button").first.click()
    page.wait_for_url("**/desk/scan/*")
    if by == "pictures":
        page.locator("input[type=file]").set_input_files(drawn["pictures"])
        page.locator("form[enctype] button").click()
    else:
        expect(page.locator("#text")).to_be_focused()
        page.keyboard.type(drawn["frames"][1])  # the field has the focus; a scanner ends with Enter
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_be_visible()
        look(page, "scan-half")
        page.locator("#text").fill(drawn["frames"][0])
        page.keyboard.press("Enter")
    page.wait_for_url("**/desk/identity/*")
    page.locator("button[value=compared]").click()
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][0])


def test_the_keyboard_is_enough_and_the_focus_is_seen(
    browser: Browser, services: RunningServices
) -> None:
    page = sign_in(browser, services)
    reached: list[str] = []
    for _ in range(20):
        page.keyboard.press("Tab")
        outline = page.evaluate(FOCUS_IS_SEEN)
        assert outline, page.evaluate("document.activeElement.outerHTML")
        reached.append(page.evaluate("document.activeElement.value || ''"))
        if reached[-1] == "te_service_need":
            break
    assert "te_service_need" in reached
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/ask/*")


def test_it_works_without_script(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    page = sign_in(browser, services, java_script_enabled=False)
    ask(page)
    answered = client.json("present", scan(page, tmp_path), "--approve")
    read_out(page, answered, script=False)
    page.wait_for_url("**/desk/identity/*")
    page.locator("button[value=compared]").click()
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][0])


def test_colours_forced_by_the_system_keep_every_mark(
    browser: Browser, services: RunningServices
) -> None:
    page = sign_in(browser, services, forced_colors="active")
    ask(page)
    look(page, "ask-forced-colours")


def test_the_pages_load_nothing_from_elsewhere(browser: Browser, services: RunningServices) -> None:
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{services.verifier.url}/desk/sign-in")
    assert asked
    assert [url for url in asked if not url.startswith(services.verifier.url)] == []
