"""The desk as staff see it: signing in, asking, comparing, outcomes, clearing, three languages."""

import html
import re
from pathlib import Path

import pytest

from openid4vc.openid4vp.errors import WalletErrorCode
from openid4vc.openid4vp.response import error_form
from openid4vc.status_list.bits import Status
from tests.verifier.world import (
    PASSWORD,
    REQUIRED,
    STAFF,
    TYPE_OF,
    Browser,
    Order,
    World,
    make_card,
)
from verifier.parts import HERE

LANGS = ("fi", "sv", "en")
TITLES = {
    "accept": {
        "fi": "Tiedot kelpaavat",
        "sv": "Uppgifterna godkänns",
        "en": "The data can be used",
    },
    "cannot_confirm": {
        "fi": "Tietoja ei voida vahvistaa",
        "sv": "Uppgifterna kan inte bekräftas",
        "en": "The data cannot be confirmed",
    },
    "reject": {
        "fi": "Älä käytä näitä tietoja",
        "sv": "Använd inte dessa uppgifter",
        "en": "Do not use these data",
    },
    "not_shown": {
        "fi": "Asiakas ei näyttänyt tietoja",
        "sv": "Klienten visade inte uppgifterna",
        "en": "The client did not show the data",
    },
}


def h1(page: str) -> str:
    headings = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert len(headings) == 1, "one h1 on each page"
    return html.unescape(headings[0]).strip()


def assert_plain_page(page: str) -> None:
    """What every page keeps to: landmarks, no inline script or style, a labelled language."""
    assert re.search(r'<html lang="(fi|sv|en)">', page)
    for landmark in ("<header", "<main", "<footer", "<nav"):
        assert page.count(landmark) == 1
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)|javascript:", page)
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    assert h1(page)


# Signing in ----------------------------------------------------------------------------------


def test_without_a_session_every_page_leads_to_signing_in(world: World, desk: Browser) -> None:
    asked = world.start().answer()
    for path in ("", f"/ask/{asked.id}", f"/identity/{asked.id}", f"/outcome/{asked.id}"):
        page = desk.open(f"/desk{path}")
        assert h1(page) == "Kirjaudu tiskille"
        assert_plain_page(page)
        assert "Mallikas" not in page


def test_signing_in_gives_a_guarded_cookie(world: World, desk: Browser) -> None:
    page = desk.sign_in()
    assert h1(page) == "Mitä varten tietoja tarvitaan?"
    assert_plain_page(page)
    cookie = next(one for one in desk.client.cookies.jar if one.name == "__Host-kyky_desk")
    assert cookie.secure
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    assert str(cookie.value).encode() not in world.bytes_on_disk()


def test_a_form_from_elsewhere_is_refused(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    for path, fields in (
        ("/desk/start", {"profile": "te_initial_interview"}),
        (f"/desk/close/{asked.id}", {}),
        (f"/desk/identity/{asked.id}", {"identity": "compared"}),
        ("/desk/sign-out", {}),
        ("/desk/sign-in", {"name": STAFF, "password": PASSWORD}),
    ):
        for token in ("", "0" * 64):
            reply = world.run(desk.client.post(path, data={**fields, "token": token}))
            assert reply.status_code == 403
            assert h1(reply.text) == "Sivu oli vanhentunut"
    assert asked.world.get(asked.started["request_uri"]).status_code == 200


def test_signing_out_clears_and_ends(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask().answer()
    page = desk.submit("/desk/sign-out")
    assert h1(page) == "Kirjaudu tiskille"
    assert h1(desk.open("/desk")) == "Kirjaudu tiskille"
    assert world.run(world.parts.verifications.boxed(asked.id)) is None


# Asking --------------------------------------------------------------------------------------


@pytest.mark.req("DESK-06")
@pytest.mark.parametrize("lang", LANGS)
def test_the_start_page_tells_purpose_and_retention(world: World, lang: str) -> None:
    browser = Browser(world, lang)
    page = html.unescape(browser.sign_in())
    for profile in TYPE_OF:
        words = world.parts.services.catalogue.profiles[profile]
        assert words.title[lang] in page
        assert words.purpose[lang] in page
    retention = {"fi": "Tietoja ei", "sv": "Uppgifterna sparas inte", "en": "Data are not stored"}
    assert page.count(retention[lang]) >= len(TYPE_OF)
    world.run(browser.client.aclose())


@pytest.mark.req("DESK-06")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("profile", TYPE_OF)
def test_the_client_sees_who_asks_why_and_what(world: World, lang: str, profile: str) -> None:
    browser = Browser(world, lang)
    browser.sign_in()
    asked = browser.ask(profile)
    words = world.parts.services.catalogue.profiles[profile]
    page = ""
    for path in (f"/desk/ask/{asked.id}", f"/desk/customer/{asked.id}"):
        page = html.unescape(browser.open(path))
        assert_plain_page(page)
        for text in (words.purpose, words.gain, words.legal_basis):
            assert text[lang] in page
    names = {"fi": "Mallimaan työ", "sv": "Modellandets sys", "en": "Mallimaa employment"}
    assert names[lang] in h1(page)
    assert asked.started["request_link"] in page
    picture = world.run(browser.client.get(f"/desk/ask/{asked.id}/qr.svg"))
    assert picture.headers["content-type"] == "image/svg+xml"
    picture = world.run(browser.client.get(f"/desk/ask/{asked.id}/qr.png"))
    assert picture.content.startswith(b"\x89PNG")
    world.run(browser.client.aclose())


def test_time_left_is_in_words(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    for seconds, words in ((0, "vielä 5 minuuttia."), (61, "vielä 3 m"), (120, "vielä 1 minuutin")):
        world.clock.advance(seconds=seconds)
        assert words in desk.open(f"/desk/ask/{asked.id}")
    world.clock.advance(seconds=61)
    assert "vielä alle minuutin" in desk.open(f"/desk/ask/{asked.id}")
    world.clock.advance(seconds=60)
    assert h1(desk.open(f"/desk/ask/{asked.id}")) == "Pyyntö päättyi ilman vastausta"


@pytest.mark.req("DESK-04")
def test_the_next_client_clears_the_one_before(world: World, desk: Browser) -> None:
    desk.sign_in()
    first = desk.ask().answer()
    desk.open("/desk")
    desk.ask("te_service_need")
    assert world.run(world.parts.verifications.boxed(first.id)) is None
    assert h1(desk.open(f"/desk/outcome/{first.id}")) == "Mitä varten tietoja tarvitaan?"


# Comparing and outcomes ----------------------------------------------------------------------


def reach(world: World, browser: Browser, outcome: str) -> str:
    """Bring the desk to an outcome page and return it."""
    browser.sign_in()
    asked = browser.ask()
    if outcome == "not_shown":
        request = asked.fetch()
        form = error_form(WalletErrorCode.ACCESS_DENIED, state=request.state)
        assert world.post(request.response_uri, data=form).status_code == 200
    else:
        world.status.statuses[7] = {
            "accept": Status.VALID,
            "cannot_confirm": Status.SUSPENDED,
            "reject": Status.INVALID,
        }[outcome]
        asked.answer(wanted=[*REQUIRED["self_assessment_result"], ("own_goals",)])
    page = browser.open(f"/desk/ask/{asked.id}")
    if outcome == "accept":
        assert browser.path == f"/desk/identity/{asked.id}"
        assert "Maija Testi Mallikas" in page
        assert "12.4.1988" in page
        assert "nostaa raskasta" not in page
        assert_plain_page(page)
        page = browser.submit(browser.path, identity="compared")
    assert browser.path == f"/desk/outcome/{asked.id}"
    return page


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("outcome", TITLES)
def test_every_outcome_in_every_language(world: World, outcome: str, lang: str) -> None:
    browser = Browser(world, lang)
    page = reach(world, browser, outcome)
    assert h1(page) == TITLES[outcome][lang]
    assert_plain_page(page)
    shows = outcome in {"accept", "cannot_confirm"}
    assert ("Mallikas" in page) is shows
    assert ("nostaa raskasta" in page) is shows
    if outcome == "reject":
        assert "12.4.1988" not in page
    world.run(browser.client.aclose())


def test_the_clients_own_words_come_first(world: World, desk: Browser) -> None:
    page = reach(world, desk, "accept")
    assert page.index("”Löytää työ") < page.index("<table")
    assert page.index("Asiakkaan oma näkemys") < page.index("”Löytää työ")
    assert "5 asteikolla 0" in page
    assert "Mallimaan itsearviointipalvelu (TESTI)" in page
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    assert any("Ei näytetty" in row and "Vapaaehtoinen" in row for row in rows)
    assert page.count("kunnossa</strong>") == 8
    assert "kunnossa, vain yksi kortti" in page


def test_unconfirmed_values_say_so_one_by_one(world: World, desk: Browser) -> None:
    page = reach(world, desk, "cannot_confirm")
    assert page.count("Vahvistamaton") >= len(REQUIRED["self_assessment_result"])
    assert "Näytettiin<" not in page
    assert "Mallimaan itsearviointipalvelu (TESTI)" in page
    assert page.index("Mitä nyt") < page.index("<table")


def test_what_was_shown_in_part_says_so(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask("te_service_need")
    card = make_card(Order("statement_feedback"))
    wanted = [one for one in REQUIRED["statement_feedback"] if one != ("recommended_services",)]
    asked.answer(card, wanted=[*wanted, ("recommended_services", 0)])
    desk.open(f"/desk/ask/{asked.id}")
    page = desk.submit(desk.path, identity="compared")
    assert "Näytettiin osittain" in page
    assert "Työkokeilu" not in page


def test_what_a_card_says_is_never_markup(world: World, desk: Browser) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;{{7*7}}"
    desk.sign_in()
    asked = desk.ask()
    card = make_card(Order(claims={"own_goals": [evil], "given_name": "Maija<b>"}))
    asked.answer(card, wanted=[*REQUIRED["self_assessment_result"], ("own_goals",)])
    pages = [desk.open(f"/desk/ask/{asked.id}")]
    pages.append(desk.submit(desk.path, identity="compared"))
    assert html.escape(evil) in pages[1]
    for page in pages:
        assert "Maija&lt;b&gt;" in page
        for tag in ("<b>", "<img src=x", "<script>"):
            assert tag not in page
        assert_plain_page(page.replace(html.escape(evil), ""))


def test_closing_leaves_nothing(world: World, desk: Browser) -> None:
    reach(world, desk, "accept")
    verification_id = desk.path.rsplit("/", 1)[1]
    page = desk.submit(f"/desk/close/{verification_id}")
    assert "Tiedot on tyhjennetty" in page
    assert world.run(world.parts.verifications.boxed(verification_id)) is None
    assert "Mallikas" not in desk.open(f"/desk/outcome/{verification_id}")


def test_after_its_time_the_page_is_empty(world: World, desk: Browser) -> None:
    page = reach(world, desk, "accept")
    assert re.search(r'data-reload-after="60[01]"', page)
    world.clock.advance(minutes=5)
    assert "Mallikas" in desk.open(desk.path)  # an act: the screen does not lock
    world.clock.advance(minutes=5)
    page = desk.open(desk.path)
    assert h1(page) == "Tiedot kelpaavat"
    assert "jo tyhjennetty" in page
    assert "Mallikas" not in page


def test_the_same_person_at_another_desk_sees_no_value(world: World, desk: Browser) -> None:
    page = reach(world, desk, "accept")
    assert "Mallikas" in page
    neighbour = Browser(world)
    neighbour.sign_in()
    assert "Mallikas" not in neighbour.open(desk.path)
    world.run(neighbour.client.aclose())


def test_not_the_same_person_shows_nothing(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask().answer()
    desk.open(f"/desk/ask/{asked.id}")
    page = desk.submit(desk.path, identity="not_same")
    assert h1(page) == TITLES["reject"]["fi"]
    assert "Merkitsit, että asiakas ei ole kortin henkilö." in page
    assert "Mallikas" not in page


def test_missing_pages_are_pages(world: World, desk: Browser) -> None:
    desk.sign_in()
    for path, title in (
        ("/desk/nowhere", "Sivua ei ole"),
        ("/desk/outcome/unknown", "Pyyntöä ei löydy"),
        ("/desk/ask/unknown/qr.svg", "Pyyntöä ei löydy"),
    ):
        page = desk.open(path)
        assert desk.page is not None
        assert desk.page.status_code == 404
        assert h1(page) == title
        assert_plain_page(page)


# Frame ---------------------------------------------------------------------------------------


def test_the_chosen_language_stays(world: World, desk: Browser) -> None:
    desk.sign_in()
    assert h1(desk.open("/desk?lang=sv")) == "Vad behövs uppgifterna för?"
    assert h1(desk.open("/desk")) == "Vad behövs uppgifterna för?"
    assert h1(desk.open("/desk?lang=xx")) == "Vad behövs uppgifterna för?"


def test_pages_are_guarded_and_never_kept(world: World, desk: Browser) -> None:
    desk.sign_in()
    assert desk.page is not None
    headers = desk.page.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert "strict-transport-security" in headers


def test_every_file_that_a_page_names_is_there(world: World, desk: Browser) -> None:
    named = set()
    for template in (HERE / "web" / "templates").glob("*.html"):
        named |= set(re.findall(r"/static/([a-z_./-]+)", template.read_text()))
    assert named
    for name in named:
        reply = world.get(f"/static/{name}")
        assert reply.status_code == 200
        assert reply.content == (Path(HERE) / "web" / "static" / name).read_bytes()
