"""Training in a real browser: the mark on every page, in three languages and at three widths."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.services import RunningServices
from tests.browser.desk import HEADINGS, WIDTHS, look, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

WORDS = {"fi": "HARJOITUS", "sv": "ÖVNING", "en": "TRAINING"}


def marked(page: Page, name: str, word: str) -> None:
    """Check the mark of training, and what everybody needs of a page."""
    assert page.title().startswith(f"{word}: ")
    look(page, f"training-{name}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        band = page.locator(".training-band")
        expect(band).to_be_visible()
        expect(band).to_contain_text(word)
    page.set_viewport_size({"width": WIDTHS[0], "height": 1000})


def start(page: Page, services: RunningServices, scenario: str) -> None:
    page.goto(f"{services.verifier.url}/desk/training")
    page.locator(f"button[value={scenario}]").click()


@pytest.mark.req("DESK-04")
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_whole_exercise(browser: Browser, services: RunningServices, lang: str) -> None:
    word = WORDS[lang]
    problems: list[str] = []
    page = sign_in(browser, services, lang)
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda failure: problems.append(str(failure)))
    assert word not in page.content()
    page.locator("footer a[href='/desk/training']").click()
    marked(page, f"list-{lang}", word)
    page.locator("button[value=valid]").click()
    page.wait_for_url("**/desk/ask/training.valid.*")
    marked(page, f"ask-{lang}", word)
    client = page.context.new_page()
    client.goto(page.url.replace("/desk/ask/", "/desk/customer/"))
    marked(client, f"customer-{lang}", word)
    client.close()
    page.locator("form[action*='/training/answer/'] button").click()
    page.wait_for_url("**/desk/code/*")
    marked(page, f"code-{lang}", word)
    page.locator("input[name=code]").fill(page.locator(".training-said").inner_text())
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/identity/*")
    marked(page, f"identity-{lang}", word)
    page.locator("button[value=compared]").click()
    expect(page.locator("h1")).to_have_text(HEADINGS[lang][0])
    marked(page, f"outcome-{lang}", word)
    page.locator(".training-card a[href='/desk/training']").click()
    expect(page.locator("button[value=revoked]")).to_be_visible()
    assert problems == []


@pytest.mark.parametrize(
    ("scenario", "heading"), [("suspended", 1), ("revoked", 2), ("foreign_issuer", 2)]
)
def test_other_outcomes_bear_the_mark(
    browser: Browser, services: RunningServices, scenario: str, heading: int
) -> None:
    page = sign_in(browser, services)
    start(page, services, scenario)
    page.locator("form[action*='/training/answer/'] button").click()
    page.wait_for_load_state()
    if "/desk/code/" in page.url:
        page.locator("input[name=code]").fill(page.locator(".training-said").inner_text())
        page.keyboard.press("Enter")
    page.wait_for_url("**/desk/outcome/*")
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][heading])
    marked(page, f"outcome-{scenario}", "HARJOITUS")


def test_over_asking_is_refused_in_words(browser: Browser, services: RunningServices) -> None:
    page = sign_in(browser, services)
    start(page, services, "over_asked")
    expect(page.locator("h1")).to_have_text("Pyyntöä ei lähetetty")
    marked(page, "refused", "HARJOITUS")


def test_it_works_without_script_and_in_forced_colours(
    browser: Browser, services: RunningServices
) -> None:
    page = sign_in(browser, services, java_script_enabled=False, forced_colors="active")
    start(page, services, "wrong_person")
    page.locator("form[action*='/training/answer/'] button").click()
    page.locator("input[name=code]").fill(page.locator(".training-said").inner_text())
    page.keyboard.press("Enter")
    expect(page.locator(".training-card")).to_contain_text("Aino Testi Esimerkki")
    page.locator("button[value=not_same]").click()
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][2])
    expect(page.locator(".training-card")).to_contain_text("vain sinä pystyit")
    if folder := os.environ.get("KYKY_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / "training-forced-colours.png", full_page=True)
