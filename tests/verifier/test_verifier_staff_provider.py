"""The desk's side of an identity provider: whom it lets in, as whom, and how they leave."""

import re
from dataclasses import dataclass, replace
from html import unescape

import pytest

from service_kit.system import SystemRandom
from tests.verifier.test_verifier_desk import assert_plain_page, h1
from tests.verifier.world import Browser, World
from verifier.usecases.staff_model import Pending, ProviderAnswer, ProviderPerson
from verifier.usecases.staff_provider import SignInWithProvider

ISSUER = "https://sso.example"


@dataclass
class Sso:
    """Somebody sits at the provider."""

    person: ProviderPerson
    signs_out: bool = True
    pending: Pending | None = None

    async def address(self, pending: Pending) -> str:
        self.pending = pending
        return f"{ISSUER}/authorize?state={pending.state}"

    async def identify(self, answer: ProviderAnswer, pending: Pending) -> ProviderPerson:
        assert (answer.code, pending) == ("good", self.pending)
        return self.person

    async def sign_out_address(self, id_token: str) -> str | None:
        assert id_token == self.person.id_token
        return f"{ISSUER}/end?hint={id_token}" if self.signs_out else None


@pytest.fixture
def sso(world: World) -> Sso:
    """A provider that calls our role TE-desk."""
    found = Sso(ProviderPerson(f"{ISSUER} 17", "Liisa Toinen", frozenset({"TE-desk"}), "the-token"))
    provider = SignInWithProvider(
        provider=found,
        roles={"TE-desk": "te_office", "HR": "employer"},
        book=world.parts.staff.book,
        clock=world.clock,
        random=SystemRandom(),
    )
    world.app.state.services = replace(world.app.state.services, provider=provider)
    return found


def come_in(browser: Browser, sso: Sso, *, state: str | None = None) -> str:
    """Go to the provider and come back with a good code."""
    there = browser.world.run(browser.client.get("/desk/sign-in/provider", follow_redirects=False))
    assert there.headers["location"].startswith(ISSUER)
    assert sso.pending is not None
    page = browser.open(f"/desk/sign-in/callback?code=good&state={state or sso.pending.state}")
    assert_plain_page(page)
    (address,) = re.findall(r'http-equiv="refresh" content="0;url=([^"]*)"', page)
    return browser.open(unescape(address))


def test_a_person_comes_in_and_leaves_there_too(world: World, desk: Browser, sso: Sso) -> None:
    assert "Liisa Toinen" in come_in(desk, sso)
    assert desk.path == "/desk"
    (person,) = [one for one in world.run(world.parts.staff.book.all()) if one.subject]
    assert person.id.startswith("staff_")
    assert b"the-token" not in world.bytes_on_disk()
    page = desk.submit("/desk/sign-out")
    assert f'content="0;url={ISSUER}/end?hint=the-token"' in page
    assert "Liisa" not in page
    assert h1(desk.open("/desk")) == "Kirjaudu tiskille"


def test_a_provider_without_signing_out(world: World, desk: Browser, sso: Sso) -> None:
    sso.signs_out = False
    come_in(desk, sso)
    assert h1(desk.submit("/desk/sign-out")) == "Kirjaudu tiskille"


def test_what_the_provider_says_now_counts(world: World, desk: Browser, sso: Sso) -> None:
    come_in(desk, sso)
    sso.person = replace(sso.person, display_name="Liisa Uusi")
    assert "Liisa Uusi" in come_in(desk, sso)
    sso.person = replace(sso.person, role_values=frozenset({"HR"}))  # not this organisation's
    assert h1(come_in(desk, sso)) == "Sinulla ei ole tehtävää tällä tiskillä"
    sso.person = replace(sso.person, role_values=frozenset({"TE", "te_office"}))  # not mapped
    assert h1(come_in(desk, sso)) == "Sinulla ei ole tehtävää tällä tiskillä"


def test_a_person_disabled_here_stays_out(world: World, desk: Browser, sso: Sso) -> None:
    come_in(desk, sso)
    (person,) = [one for one in world.run(world.parts.staff.book.all()) if one.subject]
    world.run(world.parts.staff.book.disable(person.id, at=world.clock.now()))
    assert h1(come_in(desk, sso)) == "Tunnuksesi ei ole käytössä"
    assert h1(desk.open("/desk")) == "Kirjaudu tiskille"


@pytest.mark.parametrize("state", ["", "x", "A" * 43, "é" * 43])
def test_an_answer_with_another_state(world: World, desk: Browser, sso: Sso, state: str) -> None:
    come_in(desk, sso)
    world.run(desk.client.get("/desk/sign-in/provider", follow_redirects=False))
    page = desk.open(f"/desk/sign-in/finish?code=good&state={state}")
    assert h1(page) == "Kirjautuminen ei onnistunut"


def test_an_answer_without_the_cookie(world: World, desk: Browser, sso: Sso) -> None:
    world.run(desk.client.get("/desk/sign-in/provider", follow_redirects=False))
    assert sso.pending is not None
    thief = Browser(world)
    page = thief.open(f"/desk/sign-in/finish?code=good&state={sso.pending.state}")
    assert h1(page) == "Kirjautuminen ei onnistunut"
    world.run(thief.client.aclose())


def test_a_locked_screen_is_opened_at_the_provider(world: World, desk: Browser, sso: Sso) -> None:
    come_in(desk, sso)
    asked = desk.ask().answer()
    page = desk.submit("/desk/lock")
    assert "/desk/sign-in/provider" in page
    assert 'type="password"' not in page
    assert world.run(world.parts.verifications.boxed(asked.id)) is None
    desk.submit("/desk/unlock", password="there is no password")
    assert desk.page is not None
    assert desk.page.status_code == 401
    before = dict(desk.client.cookies)
    assert h1(come_in(desk, sso)) == "Mitä varten tietoja tarvitaan?"
    assert dict(desk.client.cookies) != before


def test_an_account_of_the_provider_has_no_password_here(
    world: World, desk: Browser, sso: Sso
) -> None:
    come_in(desk, sso)
    desk.submit("/desk/sign-out")
    for name in ("", "None", f"{ISSUER} 17", "Liisa Toinen"):
        desk.open("/desk/sign-in")
        desk.submit("/desk/sign-in", name=name, password="")
        assert desk.page is not None
        assert desk.page.status_code == 401
