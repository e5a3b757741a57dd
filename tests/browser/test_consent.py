"""The pages on which a person lets a card into the wallet: for everybody, and without script.

Most are served from memory here; the whole way is gone once, and in tests/issuer without a browser.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from starlette.responses import Response

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Label, Lang
from demo.adding import Adding
from demo.asked_system import AskedSystem
from demo.people import Client
from demo.services import RunningServices
from issuer.ports.sign_in import Person, StandInWish
from issuer.web.consent_pages import (
    ConsentView,
    EndView,
    consent_page,
    declined_page,
    nothing_page,
    over_page,
    stand_in_page,
    trouble_page,
)
from issuer.web.letter_pages import file_response
from tests.browser.desk import look

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
PHONE = ViewportSize(width=390, height=844)
CATALOGUE = load_catalogue()
KELA = CATALOGUE.organisations["kela"]
PROVIDER = Label(
    "Lompakkotehdas Oy (TESTI)", "Plånboksfabriken Ab (TESTI)", "Wallet Factory (TESTI)"
)
ENDS = {
    "nothing": nothing_page,
    "declined": declined_page,
    "over": over_page,
    "trouble": trouble_page,
}
PEOPLE = [
    Person("test 0", "120488-9123", "Maija Testi Mallikas"),
    Person("test 1", "030375-9179", "Pekka Testi Esimerkki"),
]


@dataclass
class Site:
    """The pages on a port of their own, and what was answered on them."""

    port: int = 0
    wallet: str | None = "Mallilompakko"
    provider: Label | None = PROVIDER
    allowed: str = ""
    answered: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def callback(self) -> str:
        """The wallet's own address, on another origin."""
        return f"http://localhost:{self.port}/callback"

    def page(self, path: str, lang: Lang) -> Response | None:
        if path == "/kela/consent":
            return consent_page(self.view(), lang)
        if path == "/test-sign-in":
            wish = StandInWish("state", "nonce", "challenge", f"{self.url}/kela/sign-in")
            return stand_in_page(PEOPLE, wish, path, lang)
        kind, _, known = path.strip("/").partition("-")
        if kind in ENDS:
            known_view = EndView(KELA, back=self.callback, here=path, is_demo=True)
            return ENDS[kind](known_view if known else EndView(here=path), lang)
        if path.startswith("/l/files/"):
            return file_response(path.removeprefix("/l/files/"))
        return Response("the wallet", media_type="text/plain") if path == "/callback" else None

    def view(self) -> ConsentView:
        return ConsentView(
            catalogue=CATALOGUE,
            organisation=KELA,
            credential_type=CATALOGUE.types["authority_decision"],
            wallet_name=self.wallet,
            provider_names=self.provider,
            form_action="/kela/consent",
            csrf="of this browser",
            allowed_redirect=self.allowed or f"http://localhost:{self.port}",
            person_name="Maija Testi Mallikas",
            is_demo=True,
        )


@contextmanager
def serving(site: Site) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            lang = parse_qs(parts.query).get("lang", ["fi"])[0]
            found = site.page(parts.path, next(one for one in LANGS if one == lang))
            self.send(found or Response(status_code=404))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"])).decode()
            site.answered.append(dict(parse_qsl(sent)))
            self.send(Response(status_code=303, headers={"Location": f"{site.callback}?code=x"}))

        def send(self, page: Response) -> None:
            self.send_response(page.status_code)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with serving(site):
        yield site


def opened(browser: Browser, address: str, *, script: bool = True) -> Page:
    page = browser.new_context(
        viewport=PHONE, locale="fi-FI", java_script_enabled=script
    ).new_page()
    page.goto(address)
    return page


PAGES = {
    "fi": ("kela/consent", "test-sign-in", "over", *(f"{kind}-known" for kind in ENDS)),
    "sv": ("kela/consent", "nothing-known"),
    "en": ("kela/consent", "trouble-known"),
}


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_is_for_everybody(browser: Browser, site: Site, lang: Lang) -> None:
    faults: list[str] = []
    page = browser.new_context(viewport=PHONE).new_page()
    page.on("console", lambda message: faults.append(message.text))
    for name in PAGES[lang]:
        page.goto(f"{site.url}/{name}?lang={lang}")
        assert page.evaluate("document.documentElement.lang") == lang
        look(page, f"consent-{name.replace('/', '-')}-{lang}")
    page.get_by_role("link", name="Svenska").click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    # Pages that are answered with 400 and 503 are named there; nothing else is.
    assert [one for one in faults if "400" not in one and "503" not in one] == []


def test_what_the_person_is_told(browser: Browser, site: Site) -> None:
    page = opened(browser, f"{site.url}/kela/consent")
    expect(page.locator("h1")).to_have_text("Otatko kortin lompakkoosi?")
    for words in (
        "Jatka vain, jos aloitit tämän itse lompakossasi.",
        "Mallilompakko",
        "Lompakon tekijä on Lompakkotehdas Oy (TESTI).",
        "Maija Testi Mallikas",
        "Työllisyysalue (ent. TE-toimisto), Sote-keskus, Kela",
        "Kortti ei ole henkilötodistus.",
        "Et tarvitse korttia. Paperi kelpaa edelleen, eikä kortti vaikuta palveluihisi.",
    ):
        expect(page.get_by_text(words)).to_be_visible()
    site.wallet, site.provider = "<script>alert(1)</script>", None
    page.reload()
    expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()
    expect(page.get_by_text("Emme tiedä, kuka lompakon on tehnyt.")).to_be_visible()


def test_both_answers_are_as_near(browser: Browser, site: Site) -> None:
    page = opened(browser, f"{site.url}/kela/consent")
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        take = page.get_by_role("button", name="Ota kortti", exact=True).bounding_box()
        leave = page.get_by_role("button", name="Älä ota korttia").bounding_box()
        assert take is not None
        assert leave is not None
        assert (take["width"], take["height"]) == (leave["width"], leave["height"])
        assert take["height"] >= 48


def test_by_keyboard_alone(browser: Browser, site: Site) -> None:
    page = opened(browser, f"{site.url}/kela/consent")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "approve"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/callback*")
    assert site.answered == [{"csrf": "of this browser", "decision": "decline"}]


def test_without_script_the_answer_leads_back_to_the_wallet(browser: Browser, site: Site) -> None:
    page = opened(browser, f"{site.url}/kela/consent?lang=sv", script=False)
    page.get_by_role("button", name="Ta emot kortet", exact=True).click()
    page.wait_for_url(f"{site.callback}?code=x")
    assert site.answered == [{"csrf": "of this browser", "decision": "approve"}]


def test_the_answer_leads_nowhere_else(browser: Browser, site: Site) -> None:
    site.allowed = "https://wallet.example"
    page = opened(browser, f"{site.url}/kela/consent")
    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.get_by_role("button", name="Ota kortti", exact=True).click()
    assert page.url == f"{site.url}/kela/consent"


# The whole way ---------------------------------------------------------------------------------


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[RunningServices]:
    """An issuer at which a test person signs in, and which asks the sample of a system."""
    system = AskedSystem()
    with RunningServices(tmp_path / "services", extra=system.settings()) as running:
        system.start(running)
        yield running
        system.stop()


def test_from_the_wallet_through_the_browser_to_the_card(
    browser: Browser, asking: RunningServices, tmp_path: Path
) -> None:
    client = Client(tmp_path / "wallet", asking, "a long passphrase")
    page = browser.new_context(viewport=PHONE, locale="fi-FI", java_script_enabled=False).new_page()

    wallet = Adding(client, asking.issuer.url)
    page.goto(wallet.link)
    expect(page.locator("h1")).to_have_text("Valitse testihenkilö")
    page.get_by_label("Maija Testi Mallikas").check()
    page.get_by_role("button", name="Kirjaudu", exact=True).click()
    expect(page.locator("h1")).to_have_text("Otatko kortin lompakkoosi?")
    expect(page.get_by_text("Maija Testi Mallikas")).to_be_visible()
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Take the card", exact=True).click()
    page.wait_for_url("**/callback?code=*")
    (card,) = wallet.end()["cards"]
    assert card["type"] == "authority_decision"

    wallet = Adding(client, asking.issuer.url)
    page.goto(wallet.link)
    page.get_by_label("Aino Testi Kokeilu").check()
    page.get_by_role("button", name="Kirjaudu", exact=True).click()
    page.get_by_role("button", name="Ota kortti", exact=True).click()
    expect(page.locator("h1")).to_have_text("Sinulle ei ole tätä korttia")
    page.get_by_role("link", name="Palaa lompakkoon").click()
    page.wait_for_url("**/callback?error=access_denied*")
    assert wallet.end()["error"] == "authorization_denied"
    page.goto(f"{asking.issuer.url}/kela/consent")
    expect(page.locator("h1")).to_have_text("Tämä pyyntö ei ole enää auki")
