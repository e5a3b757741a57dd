"""Signing in, the locked screen and the choice of a role, in a real browser."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from playwright.sync_api import Browser, Page, expect

from demo.people import Client
from demo.services import RunningServices, free_port
from keys.opener import open_keys
from keys.trust import read_trust_list, sign_trust_list
from tests.browser.desk import ask, client_with_a_card, look, read_out, scan, sign_in
from tests.interop.oidc_provider import Provider, running_provider, settings_for
from tools.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

LANGS = ["fi", "sv", "en"]
PASSPHRASE = "nelja sanaa ilman jarkea"
LOCKED = {"fi": "Näyttö on lukittu", "sv": "Skärmen är låst", "en": "The screen is locked"}


@pytest.fixture(scope="module")
def provider_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def services(
    tmp_path_factory: pytest.TempPathFactory, provider_port: int
) -> Iterator[RunningServices]:
    """A desk that locks after a minute, has a provider, and whose organisation has two roles."""
    extra = {
        "KYKY_KEYS_PASSPHRASE": PASSPHRASE,
        "KYKY_VERIFIER_LOCK_MINUTES": "1",
        **settings_for(provider_port),
    }
    with RunningServices(tmp_path_factory.mktemp("services"), extra=extra) as running:
        give_two_roles(running)
        running.verifier.restart()
        yield running


@pytest.fixture(scope="module")
def client(services: RunningServices, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return client_with_a_card(services, tmp_path_factory.mktemp("wallet"))


def give_two_roles(services: RunningServices) -> None:
    """Sign the trust list again, with one more role for the desk's organisation."""
    anchor = x509.load_pem_x509_certificate(services.operator_anchor.read_bytes())
    text = services.trust_list.read_text("ascii")
    held = read_trust_list(text, operator_anchors=[anchor], at=datetime.now(UTC))
    parties = tuple(
        replace(party, roles=party.roles | {"kela"}) if "te_office" in party.roles else party
        for party in held.relying_parties
    )
    more = replace(held, sequence=held.sequence + 1, relying_parties=parties)
    keys = open_keys(services.keys_directory, passphrase=PASSPHRASE)
    signed = sign_trust_list(more, keys.signer("trust-operator", "trust-list"))
    services.trust_list.write_text(signed, "ascii")


@pytest.fixture
def provider(needs_node: Node, services: RunningServices, provider_port: int) -> Iterator[Provider]:
    with running_provider(needs_node, services, provider_port) as running:
        yield running


def shows_a_person(page: Page, client: Client, tmp_path: Path) -> None:
    """Have a client answer, up to the page with name and birthdate on it."""
    ask(page)
    read_out(page, client.json("present", scan(page, tmp_path), "--approve"))
    page.wait_for_url("**/desk/identity/*")
    assert "Mallikas" in page.content()


@pytest.mark.parametrize("lang", LANGS)
def test_the_form_and_its_fault(browser: Browser, services: RunningServices, lang: str) -> None:
    page = browser.new_page()
    page.goto(f"{services.verifier.url}/desk/sign-in?lang={lang}")
    look(page, f"sign-in-{lang}")
    page.locator("#name").fill("nobody.here")
    page.locator("#password").fill("not this one at all")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("#password").input_value() == ""
    look(page, f"sign-in-fault-{lang}")


def test_the_keyboard_is_enough(browser: Browser, services: RunningServices) -> None:
    person = services.staff("te_office")
    page = browser.new_page()
    page.goto(f"{services.verifier.url}/desk/sign-in?lang=fi")
    reached: list[str] = []
    while "name" not in reached:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.href"))
        assert len(reached) < 12, reached
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px", reached
    page.keyboard.type(person.name)
    page.keyboard.press("Tab")
    page.keyboard.type(person.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    expect(page.locator("header")).to_contain_text("Liisa Virkailija")


@pytest.mark.parametrize("script", [True, False])
def test_through_the_organisations_own_sign_in_and_out(
    browser: Browser, services: RunningServices, provider: Provider, *, script: bool
) -> None:
    """The provider is another site, so our strict cookies stay behind until the way back."""
    provider.seat("liisa")
    page = browser.new_context(java_script_enabled=script).new_page()
    page.goto(f"{services.verifier.url}/desk/sign-in?lang=fi")
    page.get_by_role("link", name="Kirjaudu organisaation tunnuksilla").click()
    page.wait_for_url(re.compile(r"/desk$"))
    expect(page.locator("header")).to_contain_text("Liisa Virkailija")
    page.get_by_role("button", name="Lukitse").click()
    page.wait_for_url("**/desk/lock")
    if script:
        look(page, "locked-provider")
    page.get_by_role("link", name="Kirjaudu organisaation tunnuksilla").click()
    page.wait_for_url(re.compile(r"/desk$"))
    page.get_by_role("button", name="Kirjaudu ulos").click()
    page.wait_for_url(f"{provider.issuer}/**")
    page.goto(f"{services.verifier.url}/desk")
    assert page.url.endswith("/desk/sign-in?ended=1")


def test_nobody_in_particular_is_told_why(
    browser: Browser, services: RunningServices, provider: Provider
) -> None:
    provider.seat("pekka")
    page = browser.new_page()
    page.goto(f"{services.verifier.url}/desk/sign-in?lang=en")
    page.get_by_role("link", name="Sign in with your organisation").click()
    expect(page.locator("h1")).to_have_text("You have no role at this desk")
    look(page, "no-role")


def test_the_screen_locks_by_itself_and_only_when_nothing_is_done(
    browser: Browser, services: RunningServices, client: Client, tmp_path: Path
) -> None:
    idle = sign_in(browser, services)
    busy = sign_in(browser, services)
    plain = sign_in(browser, services, java_script_enabled=False)
    shows_a_person(idle, client, tmp_path)
    identity = idle.url
    begin = time.monotonic()
    while not (idle.url.endswith("/desk/lock") and plain.url.endswith("/desk/lock")):
        assert time.monotonic() - begin < 75
        busy.keyboard.press("Shift")  # somebody reads on, and touches nothing that leads anywhere
        busy.wait_for_timeout(2_000)
    assert time.monotonic() - begin > 50
    busy.wait_for_timeout(3_000)
    assert busy.url.endswith("/desk")
    assert "Mallikas" not in idle.content()
    idle.go_back()
    expect(idle.locator("h1")).to_have_text(LOCKED["fi"])
    assert "Mallikas" not in idle.content()
    for lang in LANGS:
        idle.goto(f"{services.verifier.url}/desk/lock?lang={lang}")
        expect(idle.locator("h1")).to_have_text(LOCKED[lang])
        look(idle, f"locked-{lang}")
    idle.locator("#password").fill(services.staff("te_office").password)
    idle.keyboard.press("Enter")
    idle.wait_for_url(re.compile(r"/desk$"))
    idle.goto(identity)
    assert "Mallikas" not in idle.content()


@pytest.mark.parametrize("lang", LANGS)
def test_a_person_with_two_roles(browser: Browser, services: RunningServices, lang: str) -> None:
    password = "kahdeksan uutta ovea"
    name = f"kaksi.{lang}"
    services.run(
        *("kyky-verifier", "staff", "add", name, "--display", "Kaksi Tehtävää"),
        *("--role", "te_office", "--role", "kela"),
        stdin=f"{password}\n",
    )
    page = browser.new_page()
    page.goto(f"{services.verifier.url}/desk/sign-in?lang={lang}")
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/role")
    look(page, f"role-{lang}")
    page.locator("button[value=te_office]").click()
    page.wait_for_url(re.compile(r"/desk$"))
    page.locator("a[href='/desk/role']").click()
    page.locator("button[value=kela]").click()
    page.wait_for_url(re.compile(r"/desk$"))
    assert "Kela" in page.locator("header").inner_text() or lang == "sv"
