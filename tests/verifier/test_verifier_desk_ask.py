"""The desk while it asks: tasks, the client's window, renewal, more time, a code to type, paper."""

import html
import re
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from openid4vc.openid4vp.request import parse_request_link
from tests.verifier.test_verifier_desk import assert_plain_page, h1
from tests.verifier.world import Asked, Browser, World, make_card
from verifier.model import Identity, Outcome, State
from verifier.usecases.failures import RequestUnknown
from verifier.usecases.renew_request import RENEWED_WHEN_LEFT
from verifier.usecases.typed_code import in_groups, read_typed, typed_code

LANGS = ("fi", "sv", "en")
PROFILE = "te_initial_interview"


@pytest.fixture
def asked(desk: Browser) -> Asked:
    desk.sign_in()
    return desk.ask()


def link_on(page: str) -> str:
    found = re.search(r'href="(openid4vp:[^"]+)"', page)
    assert found is not None, page
    return html.unescape(found[1])


def shown(desk: Browser, asked: Asked) -> str:
    """The client's window."""
    return html.unescape(desk.open(f"/desk/customer/{asked.id}"))


def renewed(world: World, desk: Browser, asked: Asked) -> str:
    """The link after the first one's life."""
    world.clock.advance(seconds=300 - RENEWED_WHEN_LEFT.total_seconds() + 1)
    return link_on(desk.open(f"/desk/ask/{asked.id}"))


# Tasks ---------------------------------------------------------------------------------------


def test_the_task_used_last_comes_first(desk: Browser) -> None:
    other = "te_benefit_coordination"
    first = desk.sign_in()
    assert "Viimeksi käytetty" not in first
    assert first.index(f'value="{PROFILE}"') < first.index(f'value="{other}"')
    desk.ask(other)
    page = desk.open("/desk")
    assert page.index(f'value="{other}"') < page.index(f'value="{PROFILE}"')
    assert page.count("Viimeksi käytetty") == 1
    assert re.search(rf'value="{other}"[^>]*data-key="1"', page)
    remembered = desk.client.cookies.get("kyky_last")
    assert remembered == other, "ids of tasks, and nothing else"


def test_the_start_page_leads_back_to_the_client_at_hand(desk: Browser, asked: Asked) -> None:
    assert f'href="/desk/ask/{asked.id}"' in desk.open("/desk")
    desk.submit(f"/desk/close/{asked.id}")
    assert "/desk/ask/" not in desk.open("/desk"), "nothing is at hand"


def test_shortcuts_can_be_switched_off(desk: Browser) -> None:
    desk.sign_in()
    page = desk.submit("/desk/keys", keys="off")
    assert "data-key" not in page
    assert "<kbd" not in page
    desk.ask()
    assert desk.page is not None
    assert "data-key" not in desk.page.text
    desk.open("/desk")
    assert "data-key" in desk.submit("/desk/keys", keys="on")


def test_no_query_is_in_sight(desk: Browser, asked: Asked) -> None:
    for path in ("/desk", f"/desk/ask/{asked.id}", f"/desk/customer/{asked.id}"):
        assert not re.search(r"dcql|vct|given_name", desk.open(path), re.IGNORECASE)


# The client's window -------------------------------------------------------------------------


@pytest.mark.req("DESK-06")
@pytest.mark.parametrize("lang", LANGS)
def test_the_clients_window_has_a_language_of_its_own(
    desk: Browser, asked: Asked, lang: str
) -> None:
    page = desk.open(f"/desk/customer/{asked.id}?lang={lang}")
    assert_plain_page(page)
    assert f'<html lang="{lang}">' in page
    assert f'<html lang="{lang}">' in desk.open(f"/desk/customer/{asked.id}")
    assert '<html lang="fi">' in desk.open(f"/desk/ask/{asked.id}")
    desk.open("/desk")
    following = desk.ask()
    assert '<html lang="fi">' in desk.open(f"/desk/customer/{following.id}"), "the next client's"


def test_the_clients_window_leads_nowhere_into_the_desk(desk: Browser, asked: Asked) -> None:
    page = shown(desk, asked)
    assert "Kirjaudu ulos" not in page
    assert "Virkailija," not in page
    targets = set(re.findall(r'(?:href|action)="(/[^"]*)"', page))
    assert {path for path in targets if path.startswith("/desk")} == {
        f"/desk/customer/{asked.id}/way",
        *(f"/desk/customer/{asked.id}?lang={lang}" for lang in LANGS),
    }


def test_after_the_answer_the_client_sees_thanks_and_then_nothing(
    desk: Browser, asked: Asked
) -> None:
    request = asked.fetch()
    assert "Voit rauhassa päättää" in shown(desk, asked)
    asked.send(request, asked.present(make_card(), request))
    assert h1(shown(desk, asked)) == "Lue puhelimesi koodi ääneen"
    desk.open(f"/desk/ask/{asked.id}")
    desk.submit(f"/desk/close/{asked.id}")
    page = shown(desk, asked)
    assert desk.path == "/desk/customer"
    assert h1(page) == "Tervetuloa"
    assert_plain_page(page)


@pytest.mark.parametrize("paper", ["in_order", "unsure", "not_shown"])
def test_the_client_sees_nothing_of_an_outcome(desk: Browser, asked: Asked, paper: str) -> None:
    desk.submit(f"/desk/paper/{asked.id}", paper=paper, identity="compared")
    page = shown(desk, asked)
    assert h1(page) == "Kiitos"
    assert not re.search(r"kelpaa|vahvist|älä käytä|ei näyttänyt", page, re.IGNORECASE)


def test_nobody_else_sees_the_clients_window(world: World, desk: Browser, asked: Asked) -> None:
    stranger = Browser(world)
    assert h1(stranger.open(f"/desk/customer/{asked.id}")) == "Tervetuloa"
    assert stranger.path == "/desk/customer"
    neighbour = Browser(world)
    neighbour.sign_in()
    assert h1(neighbour.open(f"/desk/customer/{asked.id}")) == "Tervetuloa"
    for browser in (stranger, neighbour):
        world.run(browser.client.aclose())


def test_the_open_window_finds_what_is_asked(desk: Browser, asked: Asked) -> None:
    desk.open("/desk/customer")
    assert desk.path == f"/desk/customer/{asked.id}"


@pytest.mark.req("DESK-03")
@pytest.mark.parametrize("window", ["ask", "customer"])
def test_either_window_turns_both_to_the_code_without_network(
    world: World, desk: Browser, asked: Asked, window: str
) -> None:
    desk.submit(f"/desk/{window}/{asked.id}/way", network="no")
    page = shown(desk, asked)
    assert "openid4vp:" not in page
    assert f"/desk/ask/{asked.id}/challenge.svg" in page
    desk.open(f"/desk/ask/{asked.id}")
    assert desk.path == f"/desk/ask/{asked.id}/offline"
    desk.submit(f"/desk/{window}/{asked.id}/way", network="yes")
    assert "openid4vp:" in shown(desk, asked)


def test_a_way_is_not_changed_once_answered(desk: Browser, asked: Asked) -> None:
    asked.answer()
    desk.submit(f"/desk/ask/{asked.id}/way", network="no")
    assert desk.page is not None
    assert desk.page.status_code == 409


# Renewal -------------------------------------------------------------------------------------


@pytest.mark.req("DESK-07")
def test_a_request_that_nobody_read_is_replaced_before_it_ends(
    world: World, desk: Browser, asked: Asked
) -> None:
    before = link_on(desk.open(f"/desk/ask/{asked.id}"))
    world.clock.advance(seconds=250)
    assert link_on(desk.open(f"/desk/ask/{asked.id}")) == before, "not before its time"
    world.clock.advance(seconds=6)
    after = link_on(desk.open(f"/desk/ask/{asked.id}"))
    assert after != before
    assert world.get(parse_request_link(before).request_uri).status_code == 404
    assert "vielä 5 minuuttia" in shown(desk, asked)
    picture = world.run(desk.client.get(f"/desk/ask/{asked.id}/qr.png"))
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.content)))
    assert code.text == after
    anew = Asked(world, {**asked.started, "request_link": after})
    anew.answer()
    assert h1(shown(desk, asked)) == "Kiitos"
    assert world.evidence() == [], "one task, no record of requests that were replaced"


@pytest.mark.req("DESK-07")
def test_a_client_who_is_deciding_keeps_the_request(
    world: World, desk: Browser, asked: Asked
) -> None:
    request = asked.fetch()
    after = renewed(world, desk, asked)
    assert after == asked.started["request_link"]
    again = asked.fetch()
    assert (again.nonce, again.state) == (request.nonce, request.state)
    world.clock.advance(seconds=200)  # past the first one's end
    shown_card = asked.present(make_card(), request)
    assert asked.send(request, shown_card).status_code == 200


def test_renewal_ends_after_half_an_hour(world: World, desk: Browser, asked: Asked) -> None:
    page = ""
    for _ in range(6):
        world.clock.advance(seconds=260)
        page = desk.open(f"/desk/ask/{asked.id}")
    assert "Pyydä tiedot sen jälkeen uudelleen." in page
    world.clock.advance(minutes=4, seconds=1)
    assert h1(desk.open(f"/desk/ask/{asked.id}")) == "Pyyntö päättyi ilman vastausta"


def test_more_time_makes_everything_longer_and_larger(
    world: World, desk: Browser, asked: Asked
) -> None:
    page = html.unescape(desk.submit(f"/desk/customer/{asked.id}/way", help="yes"))
    assert "vielä 15 minuuttia" in page
    assert 'class="customer assisted"' in page
    assert "Tukihenkilö saa auttaa." in page
    page = desk.submit(f"/desk/ask/{asked.id}/way", help="no")
    assert "vielä 15 minuuttia" in page, "what was granted stays"
    assert "assisted" not in shown(desk, asked)


def test_the_interfaces_requests_are_not_renewed(world: World, desk: Browser) -> None:
    started = world.start()
    world.clock.advance(minutes=4, seconds=50)
    assert started.read()["state"] == "requested"
    world.clock.advance(seconds=11)
    assert started.read()["state"] == "expired"


# The code to type ----------------------------------------------------------------------------


@pytest.mark.req("DESK-01")
def test_the_typed_code_leads_to_the_same_request(
    world: World, desk: Browser, asked: Asked
) -> None:
    code = in_groups(typed_code(asked.ref))
    page = shown(desk, asked)
    assert code in page
    assert "desk.test/k" in page
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("0", "O")):
        reply = world.get(f"/k/{typed}")
        assert (reply.status_code, reply.headers["location"]) == (
            303,
            asked.started["request_link"],
        )
    reply = world.get(f"/k/{code}", headers={"Accept": "text/html"})
    assert_plain_page(reply.text)
    assert link_on(reply.text) == asked.started["request_link"]
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize("lang", LANGS)
def test_people_type_it_on_a_page(world: World, asked: Asked, lang: str) -> None:
    page = world.get(f"/k?lang={lang}")
    assert_plain_page(page.text)
    code = in_groups(typed_code(asked.ref))
    reply = world.get(f"/k?code={code}")
    assert reply.headers["location"] == f"/k/{code}"
    wrong = world.get(f"/k/AAAA-AAAA-AAAA?lang={lang}", headers={"Accept": "text/html"})
    assert wrong.status_code == 404
    assert 'role="alert"' in wrong.text
    assert_plain_page(wrong.text)


def test_guessing_is_slowed_down(world: World, asked: Asked) -> None:
    code = in_groups(typed_code(asked.ref))
    for _ in range(10):
        assert world.get("/k/AAAA-AAAA-AAAA").status_code == 404
    for typed in ("AAAA-AAAA-AAAA", code):
        assert world.get(f"/k/{typed}").status_code == 429
    assert "kymmenen" in world.get(f"/k/{code}", headers={"Accept": "text/html"}).text
    world.clock.advance(minutes=10)
    asked.world.get(asked.started["request_uri"])
    assert world.get(f"/k/{code}").status_code == 410, "it ended meanwhile"


def test_a_typed_code_has_sixty_bits_and_no_letters_to_confuse() -> None:
    codes = {typed_code(f"ref {number}") for number in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert read_typed(" o1ilabcd-0000 ") == "0111ABCD0000"


@pytest.mark.parametrize("text", ["", "ABCD", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMU", "Ä" * 12])
def test_what_cannot_be_a_code(text: str) -> None:
    with pytest.raises(RequestUnknown):
        read_typed(text)


# Paper ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paper", "identity", "title", "outcome", "code"),
    [
        ("in_order", "compared", "Paperi kelpaa", Outcome.ACCEPT, "paper_document"),
        ("in_order", "not_same", "Älä käytä paperia", Outcome.REJECT, "not_same_person"),
        (
            "unsure",
            "compared",
            "Paperia ei voida vahvistaa",
            Outcome.CANNOT_CONFIRM,
            "paper_document",
        ),
        ("not_shown", "", "Asiakas ei näyttänyt paperia", Outcome.NOT_SHOWN, "paper_document"),
    ],
)
def test_a_paper_check_is_recorded_without_values(
    world: World,
    desk: Browser,
    asked: Asked,
    *,
    paper: str,
    identity: str,
    title: str,
    outcome: Outcome,
    code: str,
) -> None:
    page = desk.open(f"/desk/paper/{asked.id}")
    assert_plain_page(page)
    page = desk.submit(f"/desk/paper/{asked.id}", paper=paper, identity=identity)
    assert h1(page) == title
    assert_plain_page(page)
    desk.submit(f"/desk/paper/{asked.id}", paper="in_order", identity="compared")
    desk.submit(f"/desk/close/{asked.id}")
    (record,) = world.evidence()
    assert (record.ended, record.outcome, record.code) == (State.ON_PAPER, outcome, code)
    assert record.identity == (Identity(identity) if identity else None)
    assert record.checks == ()
    assert world.get(asked.started["request_uri"]).status_code == 410


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Valitse, mitä näit."),
        ({"paper": "perhaps"}, "Valitse, mitä näit."),
        ({"paper": "in_order", "identity": "perhaps"}, "Valitse, mitä näit."),
        ({"paper": "in_order"}, "Vertaa henkilöllisyys"),
    ],
)
def test_an_unfinished_paper_check_says_what_is_missing(
    world: World, desk: Browser, asked: Asked, fields: dict[str, str], told: str
) -> None:
    page = desk.submit(f"/desk/paper/{asked.id}", **fields)
    assert desk.page is not None
    assert desk.page.status_code == 400
    assert told in page
    assert "Virhe:" in page
    assert_plain_page(page)
    assert world.evidence() == []


def test_paper_does_not_overtake_an_answer(world: World, desk: Browser, asked: Asked) -> None:
    desk.open(f"/desk/paper/{asked.id}")
    asked.answer()
    desk.submit(f"/desk/paper/{asked.id}", paper="in_order", identity="compared")
    assert desk.page is not None
    assert desk.page.status_code == 409
    assert State.ON_PAPER not in {one.ended for one in world.evidence()}
