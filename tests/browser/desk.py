"""What the browser tests of the desk share: signing in, looking a page over, reading its code."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from demo.payloads import example_claims
from demo.people import Client, IssuingSystem
from demo.services import RunningServices, StaffAccount

QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDEST, PHONE, NARROWEST = 1440, 390, 320
WIDTHS = (WIDEST, 768, PHONE, NARROWEST)
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
HEADINGS = {
    "fi": ("Tiedot kelpaavat", "Tietoja ei voida vahvistaa", "Älä käytä näitä tietoja"),
    "sv": ("Uppgifterna godkänns", "Uppgifterna kan inte bekräftas", "Använd inte dessa uppgifter"),
    "en": ("The data can be used", "The data cannot be confirmed", "Do not use these data"),
}


def sign_in(
    browser: Browser,
    services: RunningServices,
    lang: str = "fi",
    *,
    person: StaffAccount | None = None,
    **options: Any,
) -> Page:
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 1000}, **options})
    page = context.new_page()
    page.goto(f"{services.verifier.url}/desk/sign-in?lang={lang}")
    person = person or services.staff("te_office")
    page.locator("input[name=name]").fill(person.name)
    page.locator("input[name=password]").fill(person.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    return page


def client_with_a_card(services: RunningServices, folder: Path) -> Client:
    """Return a client whose wallet, in `folder`, holds one self-assessment."""
    client = Client(folder / "w", services, "a long passphrase")
    system = IssuingSystem(services, "itsearviointi", "self_assessment_result")
    claims = example_claims("01_self_assessment_result", today=datetime.now(UTC).date())
    offer = system.offer(claims, pin=False)
    picture = folder / "offer.png"
    picture.write_bytes(system.picture(offer["offer_id"]))
    client.json("receive", str(picture), "--approve")
    return client


def look(page: Page, name: str, *, unfold: bool = True) -> None:
    """Check what everybody needs of a page; keep a picture of each width where one is wanted.

    A page must not scroll sideways at any width. The accessibility checks run at the widest and
    the narrowest in Finnish, and at a phone's in the other languages: only words differ there.
    """
    if unfold:
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.locator("h1").count() == 1
    is_finnish = page.evaluate("document.documentElement.lang") == "fi"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        assert fits(page), f"{name} scrolls sideways at {width}"
        if width in ((WIDEST, NARROWEST) if is_finnish else (PHONE,)):
            assert barriers(page) == [], (name, width)
        if folder := os.environ.get("KYKY_TEST_PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": WIDEST, "height": 1000})


def fits(page: Page) -> bool:
    """Return whether a page does not scroll sideways, now or soon: it may be loading a picture."""
    for _ in range(20):
        if page.evaluate(FITS):
            return True
        page.wait_for_timeout(50)
    return False


def barriers(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core finds: the rule and the element, once for each rule."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]


def scan(page: Page, tmp_path: Path, scheme: str = "openid4vp://?") -> str:
    """Photograph the code, on the window turned to the client where there is one.

    Args:
        page: the staff's page.
        tmp_path: where the picture goes.
        scheme: what the code begins with.

    Returns:
        The path of the picture, which a decoder can read.
    """
    if page.locator("[data-open-screen]").count():
        screen = customer_window(page)
        photo = photographed(screen, tmp_path)
        screen.close()
    else:
        photo = photographed(page, tmp_path)
    (code,) = zxingcpp.read_barcodes(Image.open(photo), formats=QR_ONLY)
    assert code.text.startswith(scheme)
    return str(photo)


def customer_window(page: Page) -> Page:
    """Open the window turned to the client, beside the staff's page that asks."""
    screen = page.context.new_page()
    address = page.locator("[data-open-screen]").get_attribute("href")
    screen.goto(urljoin(page.url, address))
    return screen


def photographed(page: Page, tmp_path: Path) -> Path:
    """Photograph a whole page, once its pictures are there."""
    loaded = "Array.from(document.images).every(one => one.complete && one.naturalWidth)"
    for _ in range(100):
        if page.evaluate(loaded):
            break
        page.wait_for_timeout(50)
    photo = tmp_path / "screen.png"
    photo.write_bytes(page.screenshot(full_page=True))
    return photo


def ask(page: Page, profile: str = "te_initial_interview") -> None:
    page.locator(f"button[value={profile}]").click()
    page.wait_for_url("**/desk/ask/*")


def read_out(page: Page, answered: dict[str, Any], *, script: bool = True) -> None:
    """The client reads the code out, the official types it.

    A page with script goes on by itself when the answer is there; loading it again meanwhile would
    cross its own way. Without script the official loads it again.
    """
    if not script:
        page.reload()
    page.wait_for_url("**/desk/code/*", timeout=15_000)
    page.locator("#code").fill(answered["confirmation_code"])
    page.keyboard.press("Enter")
