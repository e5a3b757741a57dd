"""Every page of the desk as people need it: enlarged, without movement, in forced colours.

One visit goes through all pages, and each is looked at in every way before the visit goes on.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import HEADINGS, ask, customer_window, read_out, scan, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

ENLARGED: ViewportSize = {"width": 320, "height": 256}  # 1280 x 1024 at 400 % (WCAG 2.2, 1.4.10)
WIDE: ViewportSize = {"width": 1440, "height": 1000}
OWN_WORDS = "Löytää työ, jossa"
SIDEWAYS = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [document.documentElement.scrollWidth, ...[...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > room + 0.5)
    .map(one => one.outerHTML.slice(0, 200))]; }"""
COVERED = """() => {
  const found = [];
  const all = 'a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]';
  for (const one of document.querySelectorAll(all)) {
    if (!one.checkVisibility({visibilityProperty: true}) || one.tabIndex < 0) continue;
    one.focus();  // scrolls to it, as the Tab key does
    // What is drawn for a field that is not itself seen has the focus ring of its own.
    if (document.activeElement !== one || one.offsetWidth <= 1) continue;
    const box = [...one.getClientRects()][0];
    const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
    if (left >= right || top >= bottom) { found.push('out of sight: ' + one.outerHTML); continue; }
    const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const label = one.closest('label');
    if (!(at && (one.contains(at) || at.contains(one) || (label && label.contains(at))))) {
      found.push('covered: ' + one.outerHTML);
    }
  }
  document.activeElement.blur();
  scrollTo(0, 0);
  return found; }"""
CLIPPED = """() => [...document.querySelectorAll('main h1, main p, main li, main dd, main button')]
  .filter(one => one.checkVisibility() && one.textContent.trim())
  .filter(one => getComputedStyle(one).overflow === 'hidden'
    && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
  .map(one => one.outerHTML)"""
MOVES = """() => [...document.querySelectorAll('*')].filter(one => {
  const style = getComputedStyle(one);
  return parseFloat(style.animationDuration) > 0.01 || parseFloat(style.transitionDuration) > 0.01
    || style.scrollBehavior === 'smooth'; }).map(one => one.tagName)
  .concat(document.getAnimations().map(one => 'animation'))"""
LOST_IN_FORCED_COLOURS = """() => {
  const ground = getComputedStyle(document.body).backgroundColor, found = [];
  for (const one of document.querySelectorAll('main button.button, main a.button, main .field')) {
    const style = getComputedStyle(one);
    const seen = parseFloat(style.borderTopWidth) > 0 && style.borderTopColor !== ground;
    if (one.offsetWidth > 1 && !seen && style.textDecorationLine === 'none') {
      found.push('no edge: ' + one.outerHTML);
    }
  }
  for (const shape of document.querySelectorAll('main .verdict svg, main .mark svg.shape')) {
    const drawn = [...shape.querySelectorAll('*')].some(part => {
      const style = getComputedStyle(part);
      return [style.fill, style.stroke].some(ink => ink !== 'none' && ink !== ground); });
    const isSmall = shape.getBoundingClientRect().width < 8;
    if (!drawn || isSmall) found.push('no shape: ' + shape.outerHTML);
  }
  return found; }"""


class Looker:
    """Looks every page over, in every way, and remembers which ones."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, page: Page, name: str) -> None:
        """Look at a page without leaving it.

        Args:
            page: the page.
            name: which one it is.
        """
        assert page.locator("h1").count() == 1, name
        heading = page.locator("h1").inner_text()
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        page.emulate_media(reduced_motion="reduce")
        assert page.evaluate(MOVES) == [], f"{name} moves"
        page.emulate_media(reduced_motion="no-preference", forced_colors="active")
        assert page.evaluate(LOST_IN_FORCED_COLOURS) == [], name
        page.emulate_media(forced_colors="none")
        page.set_viewport_size(ENLARGED)
        assert page.evaluate(SIDEWAYS) == [], f"{name} scrolls sideways"
        assert page.evaluate(COVERED) == [], name
        assert page.evaluate(CLIPPED) == [], name
        page.set_viewport_size(WIDE)
        assert page.locator("h1").inner_text() == heading, "looking changes nothing"
        self.seen.append(name)

    def and_again(self, page: Page, name: str) -> None:
        """Look at a page, load it again, and find the same one."""
        heading, address = page.locator("h1").inner_text(), page.url.partition("?")[0]
        self(page, name)
        page.reload()
        expect(page.locator("h1")).to_have_text(heading)
        assert page.url.partition("?")[0] == address, name


def while_asking(look: Looker, page: Page, screen: Page) -> None:
    """Look over the pages of asking, both windows, and come back to the code with network."""
    look.and_again(page, "ask")
    look.and_again(screen, "customer")
    page.locator("button[name=network]").click()
    page.wait_for_url("**/offline")
    look.and_again(page, "ask offline")
    # The client's window follows by itself.
    expect(screen.locator("img[src*='challenge.svg']")).to_be_visible(timeout=15_000)
    look.and_again(screen, "customer offline")
    page.goto(page.url.replace("/ask/", "/scan/").replace("/offline", ""))
    look.and_again(page, "scan")
    page.locator("#text").fill("WIFI:S:guest;T:WPA;P:secret;;")
    page.keyboard.press("Enter")
    expect(page.locator("#fault .wrong")).to_be_visible()
    look(page, "scan: not ours")
    page.goto(page.url.replace("/scan/", "/paper/"))
    look.and_again(page, "paper")
    page.goto(page.url.replace("/paper/", "/ask/") + "/offline")
    page.locator("button[name=network]").click()
    page.wait_for_url(re.compile(r"/desk/ask/[^/]+$"))


def after_accepting(look: Looker, page: Page) -> None:
    """Look over the outcome and what follows it, and clear."""
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][0])
    look.and_again(page, "outcome")
    outcome = page.url
    page.goto(outcome.replace("/outcome/", "/print/"))
    look.and_again(page, "print")
    page.goto(outcome)
    page.get_by_role("button", name="Anna asiakkaalle tosite").click()
    page.wait_for_url("**/desk/receipt/*")
    look.and_again(page, "receipt")
    assert OWN_WORDS not in page.content()
    page.get_by_role("button", name="Tyhjennä ja sulje").click()
    page.wait_for_url("**/desk?cleared=1")
    look.and_again(page, "start, cleared")


@pytest.mark.req("DESK-04", "DESK-06")
def test_every_page_of_a_visit(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    look = Looker()
    base = services.verifier.url
    nobody = browser.new_page(viewport=WIDE)
    for path in ("/desk/sign-in", "/desk/sign-in?ended=1", "/k", "/k/AAAA-AAAA-AAAA"):
        nobody.goto(f"{base}{path}")
        look.and_again(nobody, path)
    page = sign_in(browser, services)
    look.and_again(page, "start")
    ask(page)
    screen = customer_window(page)
    while_asking(look, page, screen)
    answered = client.json("present", scan(page, tmp_path), "--approve")
    page.wait_for_url("**/desk/code/*", timeout=15_000)
    look.and_again(page, "code")
    expect(screen.locator("img[src*='/qr.svg']")).to_have_count(0, timeout=15_000)
    look.and_again(screen, "customer thanks")
    nobody.goto(answered["redirect_uri"])
    look.and_again(nobody, "telephone: the code")
    page.locator("#code").fill("12 34")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "code: no six digits")
    read_out(page, answered)
    page.wait_for_url("**/desk/identity/*")
    look.and_again(page, "identity")
    page.locator("button[value=compared]").click()
    after_accepting(look, page)
    for path in ("offline", "training", "no/such/page", "outcome/unknown"):
        page.goto(f"{base}/desk/{path}")
        look.and_again(page, path)
    page.goto(f"{base}/desk")
    page.get_by_role("button", name="Lukitse").click()
    page.wait_for_url("**/desk/lock")
    look.and_again(page, "lock")
    assert len(set(look.seen)) == len(look.seen) == 26


@pytest.mark.parametrize(
    ("scenario", "heading"), [("valid", 0), ("suspended", 1), ("revoked", 2), ("declined", None)]
)
def test_every_outcome_under_a_band_that_stays(
    browser: Browser, services: RunningServices, scenario: str, heading: int | None
) -> None:
    """Training has the only part that stays while the page is scrolled."""
    look = Looker()
    page = sign_in(browser, services)
    page.goto(f"{services.verifier.url}/desk/training")
    page.locator(f"button[value={scenario}]").click()
    page.wait_for_url("**/desk/ask/training.*")
    look.and_again(page, "ask")
    page.locator("form[action*='/training/answer/'] button").click()
    page.wait_for_url(re.compile("/desk/(code|outcome)/"))
    if "/desk/code/" in page.url:
        look.and_again(page, "code")
        page.locator("input[name=code]").fill(page.locator(".training-said").inner_text())
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/desk/(identity|outcome)/"))
    if "/desk/identity/" in page.url:
        look.and_again(page, "identity")
        page.locator("button[value=compared]").click()
        page.wait_for_url("**/desk/outcome/*")
    if heading is not None:
        expect(page.locator("h1")).to_have_text(HEADINGS["fi"][heading])
    look.and_again(page, "outcome")


def test_a_whole_day_without_script(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    page = sign_in(browser, services, java_script_enabled=False)
    ask(page)
    answered = client.json("present", scan(page, tmp_path), "--approve")
    page.get_by_role("link", name="Päivitä").click()
    page.wait_for_url("**/desk/code/*")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type("999")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Tätä ei laskettu yritykseksi")
    read_out(page, answered)
    page.wait_for_url("**/desk/identity/*")
    page.locator("button[value=compared]").click()
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][0])
    page.get_by_role("button", name="Tulosta yhteenveto").click()
    page.wait_for_url("**/desk/print/*")
    assert OWN_WORDS in page.content()
    page.locator("a[href*='/desk/outcome/']").click()
    page.get_by_role("button", name="Anna asiakkaalle tosite").click()
    page.wait_for_url("**/desk/receipt/*")
    page.get_by_role("button", name="Tyhjennä ja sulje").click()
    expect(page.get_by_role("status")).to_have_text("Tiedot on tyhjennetty.")
    ask(page)
    page.locator("button[name=network]").click()
    page.wait_for_url("**/offline")
    drawn = client.json(
        "challenge",
        scan(page, tmp_path, "kyky-challenge:"),
        *("--approve", "--frames", "2", "--out", str(tmp_path / "answer.png")),
    )
    page.locator("form[action*='/desk/scan/'] button").first.click()
    for frame in drawn["frames"]:
        page.locator("#text").fill(frame)
        page.keyboard.press("Enter")
    page.wait_for_url("**/desk/identity/*")
    page.locator("button[value=not_same]").click()
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][2])
    assert OWN_WORDS not in page.content()
    page.get_by_role("button", name="Lukitse").click()
    page.locator("#password").fill(services.staff("te_office").password)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk$"))
    page.get_by_role("button", name="Kirjaudu ulos").click()
    page.wait_for_url("**/desk/sign-in")
