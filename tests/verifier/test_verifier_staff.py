"""Signing in as a person: passwords, roles, the locked screen, and who may not see what."""

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from tests.verifier.test_verifier_desk import assert_plain_page, h1
from tests.verifier.world import PASSWORD, STAFF, Browser, World
from verifier.adapters.passwords import Argon2Passwords
from verifier.usecases.staff_accounts import check_password
from verifier.usecases.staff_failures import (
    PasswordUnfit,
    SignInRefused,
    StaffNameTaken,
    StaffNameUnfit,
    TooManyTries,
)

LANGS = ("fi", "sv", "en")
WRONG = {
    "fi": "Käyttäjätunnus ja salasana eivät sovi yhteen.",
    "sv": "Användarnamnet och lösenordet hör inte ihop.",
    "en": "The name and the password do not belong together.",
}
ROLES = ("kela", "te_office")


@pytest.fixture
def others(world: World) -> Iterator[Browser]:
    """A colleague's browser, signed in."""
    world.add_staff("olli.ohjaaja")
    browser = Browser(world)
    browser.sign_in("olli.ohjaaja")
    yield browser
    world.run(browser.client.aclose())


def kela_too() -> Catalogue:
    """A catalogue in which one profile is Kela's and the others are not."""
    catalogue = load_catalogue()
    profiles = dict(catalogue.profiles)
    one = profiles["te_benefit_coordination"]
    profiles[one.id] = replace(one, roles=frozenset({"kela"}))
    return replace(catalogue, profiles=profiles)


@pytest.fixture
def two_roles(tmp_path: Path) -> Iterator[World]:
    """An organisation with two roles, and a person with both and one more."""
    world = World(tmp_path, catalogue=kela_too())
    (party, *others) = world.trust_list().relying_parties
    both = replace(party, roles=frozenset(ROLES))
    world.put_trust_list(world.trust_list(sequence=2, relying_parties=(both, *others)))
    world.run(world.parts.refresh())
    world.add_staff("kaksi.tehtavaa", roles=(*ROLES, "health_centre"))
    yield world
    world.close()


def sign_in(browser: Browser, name: str, password: str) -> str:
    browser.open("/desk/sign-in")
    return browser.submit("/desk/sign-in", name=name, password=password)


def status(browser: Browser) -> int:
    assert browser.page is not None
    return browser.page.status_code


# Passwords -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("name", "password"),
    [
        (STAFF, "not this one at all"),
        (STAFF, ""),
        ("nobody.here", PASSWORD),
        ("", ""),
        ("x" * 5_000, "y" * 5_000),
        ("a\x00b", "c\x00d"),
        (f"{STAFF}' or 1=1 --", PASSWORD),
    ],
)
def test_a_wrong_pair_is_told_in_one_way(world: World, lang: str, name: str, password: str) -> None:
    browser = Browser(world, lang)
    page = sign_in(browser, name, password)
    assert status(browser) == 401
    assert WRONG[lang] in page
    assert 'role="alert"' in page
    assert page.count('aria-invalid="true"') == 2
    assert_plain_page(page)
    assert not password or password not in page
    world.run(browser.client.aclose())


@pytest.mark.parametrize("name", [STAFF.upper(), f"  {STAFF} ", "\uff4ciisa.virkailija"])
def test_a_name_is_taken_however_it_is_typed(world: World, desk: Browser, name: str) -> None:
    assert h1(sign_in(desk, name, PASSWORD)) == "Mitä varten tietoja tarvitaan?"


@pytest.mark.parametrize(
    "password", ["", "x" * 11, "x" * 257, "a" * 20, "Liisa.Virkailija", "äö" * 5]
)
def test_a_password_is_long_and_not_the_name(password: str) -> None:
    with pytest.raises(PasswordUnfit):
        check_password(password, sign_in_name="liisa.virkailija")


@pytest.mark.parametrize(
    "password", ["kaksitoista1", "ÄÖÅ äöå ÄÖÅ ", "🔑 on pöydällä", "12345678901a"]
)
def test_nothing_but_length_is_asked_of_a_password(password: str) -> None:
    assert check_password(password, sign_in_name="liisa") == password


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 65, ".a", "a.", "a/b", "a\nb", "<b>"])
def test_a_sign_in_name_is_plain(world: World, name: str) -> None:
    add = world.parts.staff.add
    with pytest.raises(StaffNameUnfit):
        world.run(add(sign_in_name=name, display_name="A", roles=frozenset(), password="x1" * 8))


def test_a_name_is_given_once(world: World) -> None:
    add = world.parts.staff.add
    with pytest.raises(StaffNameTaken):
        world.run(
            add(sign_in_name=STAFF.upper(), display_name="A", roles=frozenset(), password="x1" * 8)
        )


def test_a_password_is_kept_as_argon2id_and_never_as_itself(
    world: World, desk: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    password = "seitsemän vanhaa lyhtyä"
    with caplog.at_level(logging.DEBUG):
        person = world.run(
            world.parts.staff.add(
                sign_in_name="aino",
                display_name="Aino",
                roles=frozenset({"te_office"}),
                password=password,
            )
        )
        assert h1(sign_in(desk, "aino", password)) == "Mitä varten tietoja tarvitaan?"
        sign_in(desk, "aino", f"{password}!")
    assert person.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert password.encode() not in world.bytes_on_disk()
    assert password not in caplog.text + repr(person)


def test_an_unknown_name_costs_the_same_work(world: World) -> None:
    passwords = Argon2Passwords()
    known = world.run(passwords.hash("the right one it is"))
    world.run(passwords.is_same("warms up the hash of nobody", None))

    def took(password_hash: str | None) -> float:
        spent = []
        for _ in range(5):
            begin = time.process_time()
            assert not world.run(passwords.is_same("not the right one", password_hash))
            spent.append(time.process_time() - begin)
        return min(spent)

    assert 0.5 < took(None) / took(known) < 2
    assert not world.run(passwords.is_same("nobody's password", None))
    assert not world.run(passwords.is_same("x", "no hash at all"))


# Too many tries ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [STAFF, "nobody.here"])
def test_after_five_wrong_ones_there_is_a_wait_for_known_and_unknown_names(
    world: World, desk: Browser, name: str
) -> None:
    for _ in range(5):
        assert WRONG["fi"] in sign_in(desk, name, "wrong, wrong, wrong")
    page = sign_in(desk, name, PASSWORD)  # not even the right one
    assert status(desk) == 429
    assert "Voit yrittää uudelleen klo 11.31" in page
    assert "pääkäyttäjä antaa uuden salasanan" in page
    world.clock.advance(minutes=1)
    assert WRONG["fi"] in sign_in(desk, name, "wrong, wrong, wrong")
    assert status(desk) == 401
    sign_in(desk, name, "wrong, wrong, wrong")
    assert status(desk) == 429


def test_ten_wrong_ones_mean_a_longer_wait_and_the_right_one_ends_it(
    world: World, desk: Browser
) -> None:
    for _ in range(10):
        sign_in(desk, STAFF, "wrong, wrong, wrong")
        world.clock.advance(minutes=1)
    assert status(desk) == 401
    sign_in(desk, STAFF, PASSWORD)
    assert status(desk) == 429
    world.clock.advance(minutes=15)
    assert h1(sign_in(desk, STAFF, PASSWORD)) == "Mitä varten tietoja tarvitaan?"
    for _ in range(4):
        sign_in(desk, STAFF, "wrong, wrong, wrong")
    assert h1(sign_in(desk, STAFF, PASSWORD)) == "Mitä varten tietoja tarvitaan?"


def test_a_new_password_ends_the_wait(world: World, desk: Browser) -> None:
    for _ in range(5):
        sign_in(desk, STAFF, "wrong, wrong, wrong")
    change = world.parts.staff.change_password
    world.run(change(sign_in_name=STAFF, password="kahdeksan uutta ovea"))
    assert h1(sign_in(desk, STAFF, "kahdeksan uutta ovea")) == "Mitä varten tietoja tarvitaan?"


def test_many_at_once_get_five_tries_in_all(world: World) -> None:
    attempt = partial(world.parts.staff.sign_in, sign_in_name=STAFF, password="wrong, wrong, wrong")

    async def told() -> type[Exception]:
        try:
            await attempt()
        except (SignInRefused, TooManyTries) as failure:
            return type(failure)
        raise AssertionError("a wrong password was taken")

    told_all = world.all_at_once([told] * 20)
    assert told_all.count(SignInRefused) == 5
    assert told_all.count(TooManyTries) == 15


def test_quiet_attempts_are_forgotten(world: World, desk: Browser) -> None:
    for _ in range(4):
        sign_in(desk, STAFF, "wrong, wrong, wrong")
    world.clock.advance(minutes=61)
    world.run(world.parts.sweep())
    for _ in range(4):
        sign_in(desk, STAFF, "wrong, wrong, wrong")
        assert status(desk) == 401


# Sessions ------------------------------------------------------------------------------------


def test_a_cookie_from_before_signing_in_is_worth_nothing(world: World, desk: Browser) -> None:
    planted = "A" * 43
    desk.client.cookies.set("__Host-kyky_desk", planted, domain="desk.test", path="/")
    desk.sign_in()
    given = [one.value for one in desk.client.cookies.jar if one.name == "__Host-kyky_desk"]
    assert planted not in given
    reply = world.get("/desk", headers={"Cookie": f"__Host-kyky_desk={planted}"})
    assert reply.headers["location"] == "/desk/sign-in?ended=1"


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "é" * 43, "A" * 5_000])
def test_cookies_of_nobody(world: World, cookie: str) -> None:
    reply = world.get("/desk", headers={"Cookie": f"__Host-kyky_desk={cookie}".encode()})
    assert reply.headers["location"] == "/desk/sign-in?ended=1"


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/desk/ask/x"])
def test_signing_in_leads_to_the_start_and_nowhere_else(
    world: World, desk: Browser, place: str
) -> None:
    desk.open(f"/desk/sign-in?next={place}&url={place}&return_to={place}")
    assert desk.page is not None
    desk.submit(f"/desk/sign-in?next={place}", name=STAFF, password=PASSWORD, next=place)
    assert desk.page.url.host == "desk.test"
    assert desk.path == "/desk"


def test_a_session_ends_after_twelve_hours_whatever_is_done(world: World, desk: Browser) -> None:
    desk.sign_in()
    for _ in range(12 * 60 // 8):
        assert h1(desk.open("/desk")) == "Mitä varten tietoja tarvitaan?"
        world.clock.advance(minutes=8)
    page = desk.open("/desk")
    assert h1(page) == "Kirjaudu tiskille"
    assert "Istunto on päättynyt" in page


def test_a_disabled_person_is_out_at_once(world: World, desk: Browser) -> None:
    desk.sign_in()
    person = world.run(world.parts.staff.book.named(STAFF))
    assert world.run(world.parts.staff.book.disable(person.id, at=world.clock.now()))
    assert not world.run(world.parts.staff.book.disable(person.id, at=world.clock.now()))
    assert h1(desk.open("/desk")) == "Kirjaudu tiskille"
    assert WRONG["fi"] in sign_in(desk, STAFF, PASSWORD)


def test_a_key_of_the_interface_opens_no_desk(world: World, desk: Browser) -> None:
    desk.open("/desk/sign-in")
    desk.submit("/desk/sign-in", key=world.key, name="x", password=world.key)
    assert status(desk) == 401


def test_the_head_says_who_is_signed_in(world: World, desk: Browser) -> None:
    world.add_staff("evil", display="<b>Evil</b> & Co")
    assert "Liisa Virkailija, Mallimaan työllisyysalue (TESTI)" in desk.sign_in()
    assert "&lt;b&gt;Evil&lt;/b&gt; &amp; Co" in desk.sign_in("evil")


def test_a_colleague_sees_and_touches_nothing(world: World, desk: Browser, others: Browser) -> None:
    desk.sign_in()
    asked = desk.ask().answer()
    desk.open(f"/desk/ask/{asked.id}")
    assert desk.path == f"/desk/identity/{asked.id}"
    for path in ("ask", "identity", "outcome", "scan", "code"):
        others.open(f"/desk/{path}/{asked.id}")
        assert status(others) == 404
    others.open("/desk")
    others.submit(f"/desk/identity/{asked.id}", identity="compared")
    assert status(others) == 404
    others.open("/desk")
    others.submit(f"/desk/close/{asked.id}")
    assert status(others) == 404
    assert "Maija" in desk.open(f"/desk/identity/{asked.id}")


# The locked screen ---------------------------------------------------------------------------


def test_the_screen_locks_and_what_was_at_hand_is_gone(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask().answer()
    assert "Maija" in desk.open(f"/desk/ask/{asked.id}")
    identity = desk.path
    world.clock.advance(minutes=9, seconds=55)
    assert world.run(world.parts.verifications.boxed(asked.id)) is not None
    world.clock.advance(seconds=6)
    page = desk.open(identity)
    assert desk.path == "/desk/lock"
    assert h1(page) == "Näyttö on lukittu"
    assert "Salasana: Liisa Virkailija" in page
    assert_plain_page(page)
    assert world.run(world.parts.verifications.boxed(asked.id)) is None
    assert h1(desk.open("/desk")) == "Näyttö on lukittu"
    assert h1(desk.submit("/desk/start", profile="te_initial_interview")) == "Näyttö on lukittu"


def test_whoever_unlocks_has_a_new_session(world: World, desk: Browser) -> None:
    desk.sign_in()
    desk.submit("/desk/lock")
    assert desk.path == "/desk/lock"
    before = dict(desk.client.cookies)
    page = desk.submit("/desk/unlock", password="not this one at all")
    assert status(desk) == 401
    assert WRONG["fi"] in page
    assert_plain_page(page)
    assert h1(desk.submit("/desk/unlock", password=PASSWORD)) == "Mitä varten tietoja tarvitaan?"
    reply = world.get("/desk", headers={"Cookie": "; ".join(f"{k}={v}" for k, v in before.items())})
    assert reply.headers["location"] == "/desk/sign-in?ended=1"


def test_wrong_passwords_count_at_the_locked_screen_too(world: World, desk: Browser) -> None:
    desk.sign_in()
    desk.submit("/desk/lock")
    for _ in range(5):
        desk.submit("/desk/unlock", password="wrong, wrong, wrong")
    assert "Voit yrittää uudelleen" in desk.submit("/desk/unlock", password=PASSWORD)
    assert status(desk) == 429
    assert h1(desk.submit("/desk/sign-out")) == "Kirjaudu tiskille"  # the way out stays open


def test_a_locked_screen_takes_no_form_from_elsewhere(world: World, desk: Browser) -> None:
    desk.sign_in()
    for path in ("/desk/lock", "/desk/unlock", "/desk/awake", "/desk/role", "/desk/sign-out"):
        fields = {"token": "0" * 64, "password": PASSWORD, "role": "te_office"}
        reply = world.run(desk.client.post(path, data=fields))
        assert reply.status_code == 403, path


def test_only_what_is_done_by_hand_keeps_the_screen_open(world: World, desk: Browser) -> None:
    desk.sign_in()
    by_itself = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for _ in range(4):
        world.clock.advance(minutes=2)
        page = world.run(desk.client.get("/desk", headers=by_itself))
        assert page.url.path == "/desk"
    left = world.run(desk.client.get("/desk/awake")).json()["seconds"]
    assert 115 <= left <= 120
    page = world.run(desk.client.get("/desk", headers={**by_itself, "Sec-Fetch-User": "?1"}))
    assert world.run(desk.client.get("/desk/awake")).json()["seconds"] >= 595
    world.clock.advance(minutes=9)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token is not None
    awake = world.run(desk.client.post("/desk/awake", data={"token": token.group(1)}))
    assert awake.json()["seconds"] >= 595
    world.clock.advance(minutes=11)
    late = world.run(desk.client.post("/desk/awake", data={"token": token.group(1)}))
    assert late.json() == {"seconds": 0}
    assert world.run(desk.client.get("/desk/awake")).json() == {"seconds": 0}
    assert world.run(desk.client.get("/desk")).url.path == "/desk/lock"


def test_the_lock_page_is_for_locked_screens(world: World, desk: Browser) -> None:
    assert h1(desk.open("/desk/lock")) == "Kirjaudu tiskille"
    desk.sign_in()
    assert h1(desk.open("/desk/lock")) == "Mitä varten tietoja tarvitaan?"


def test_the_lock_time_is_the_operators(tmp_path: Path) -> None:
    world = World(tmp_path, lock_minutes=2)
    browser = Browser(world)
    page = browser.sign_in()
    assert 'data-seconds="120"' in page
    assert 'content="121;url=/desk/lock"' in page  # a browser without script
    world.clock.advance(minutes=2)
    assert h1(browser.open("/desk")) == "Näyttö on lukittu"
    world.run(browser.client.aclose())
    world.close()


# Roles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_who_has_several_roles_says_which_one_it_is(two_roles: World, lang: str) -> None:
    browser = Browser(two_roles, lang)
    page = browser.sign_in("kaksi.tehtavaa")
    assert browser.path == "/desk/role"
    assert_plain_page(page)
    assert re.findall(r'name="role" value="(\w+)"', page) == list(ROLES)  # what is held, no more
    assert browser.open("/desk")
    assert browser.path == "/desk/role"
    names = two_roles.parts.services.catalogue.roles["kela"].names
    page = browser.submit("/desk/role", role="kela")
    assert f"Kaksi Tehtavaa, {names[lang]}" in page
    assert "te_benefit_coordination" in page
    assert "te_initial_interview" not in page
    two_roles.run(browser.client.aclose())


def test_changing_the_role_clears_what_was_at_hand(two_roles: World) -> None:
    browser = Browser(two_roles)
    browser.sign_in("kaksi.tehtavaa")
    browser.submit("/desk/role", role="te_office")
    asked = browser.ask().answer()
    browser.open("/desk/role")
    page = browser.submit("/desk/role", role="kela")
    assert "te_initial_interview" not in page
    assert two_roles.run(two_roles.parts.verifications.boxed(asked.id)) is None
    page = browser.submit("/desk/start", profile="te_initial_interview")
    assert status(browser) == 403
    assert h1(browser.open("/desk/lock"))
    browser.open("/desk")
    browser.submit("/desk/lock")
    page = browser.submit("/desk/unlock", password=PASSWORD)
    assert "te_benefit_coordination" in page  # the same role as before
    two_roles.run(browser.client.aclose())


@pytest.mark.parametrize("role", ["health_centre", "employer", "", "te_office "])
def test_a_role_that_is_not_held_is_refused(two_roles: World, role: str) -> None:
    browser = Browser(two_roles)
    browser.sign_in("kaksi.tehtavaa")
    browser.submit("/desk/role", role=role)
    assert status(browser) == 403
    browser.open("/desk")
    assert browser.path == "/desk/role"
    two_roles.run(browser.client.aclose())


@pytest.mark.parametrize(
    ("lang", "title"),
    [
        ("fi", "Sinulla ei ole tehtävää tällä tiskillä"),
        ("sv", "Du har ingen uppgift vid den här disken"),
        ("en", "You have no role at this desk"),
    ],
)
def test_nobody_gets_in_without_a_role_of_the_organisation(
    world: World, lang: str, title: str
) -> None:
    world.add_staff("nelli.hoitaja", roles=("health_centre",))
    browser = Browser(world, lang)
    page = browser.sign_in("nelli.hoitaja")
    assert status(browser) == 403
    assert h1(page) == title
    browser.open("/desk")
    assert browser.path == "/desk/sign-in"
    world.run(browser.client.aclose())


def test_without_a_trust_list_nobody_has_a_role(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.clock.advance(days=400)
    browser = Browser(world)
    browser.sign_in()
    assert status(browser) == 403
    world.run(browser.client.aclose())
    world.close()


# The identity provider is not there ----------------------------------------------------------


def test_a_desk_without_a_provider_says_so(world: World, desk: Browser) -> None:
    assert "/desk/sign-in/provider" not in desk.open("/desk/sign-in")
    page = desk.open("/desk/sign-in/provider")
    assert status(desk) == 404
    assert h1(page) == "Organisaation kirjautumista ei ole"
    page = desk.open("/desk/sign-in/finish?state=x&code=y")
    assert status(desk) == 404


def test_the_way_back_is_a_page_of_ours_with_nothing_else_in_it(
    world: World, desk: Browser
) -> None:
    page = desk.open(
        "/desk/sign-in/callback?code=a%22%3E%3Cscript%3E&state=b&next=//evil.example&iss=c"
    )
    (address,) = re.findall(r'http-equiv="refresh" content="0;url=([^"]*)"', page)
    assert address == "/desk/sign-in/finish?code=a%22%3E%3Cscript%3E&amp;state=b&amp;iss=c"
    assert "evil" not in page
