"""The page that reads the client's code: what may be wrong with it, and what the camera needs."""

import html
import re

import pytest

from openid4vc.qr.frames import Kind, Message, write_frames
from tests.verifier.codes import drawn, phone, phone_alone
from tests.verifier.test_verifier_desk import assert_plain_page, h1
from tests.verifier.test_verifier_desk_codes import offline, type_in
from tests.verifier.world import Asked, Browser, World
from verifier.adapters.pictures import MAX_BYTES
from verifier.web.foreign_codes import kind_of

LANGS = ("fi", "sv", "en")
PART = {"Kyky-Part": "1"}
FOREIGN = {
    "WIFI:S:Asiakasverkko;T:WPA;P:x;;": "code_wifi",
    "wifi:T:nopass;S:my net;;": "code_wifi",
    "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.test": "code_offer",
    "haip-vci://?credential_offer=x": "code_offer",
    "openid4vp://?client_id=x&request_uri=y": "code_request",
    "HAIP-VP://?request_uri=y": "code_request",
    "kyky-challenge:5959": "code_challenge",
    "https://example.test/menu": "code_link",
    "www.example.test": "code_link",
    "mailto:somebody@example.test": "code_link",
    "6430012345678": "code_not_ours",
    "Lounas: hernekeitto": "code_not_ours",
    "": "code_not_ours",
}


def send(desk: Browser, asked: Asked, **fields: str) -> tuple[int, str]:
    """What the page's script sends, and the part of the page that it gets."""
    assert desk.page is not None
    found = re.search(r'name="token" value="([^"]+)"', desk.page.text)
    assert found is not None
    reply = desk.world.run(
        desk.client.post(f"/desk/scan/{asked.id}", data={"token": found[1], **fields}, headers=PART)
    )
    return reply.status_code, html.unescape(reply.text)


@pytest.mark.parametrize(("text", "group"), FOREIGN.items())
def test_a_code_that_is_no_answer_is_named(text: str, group: str) -> None:
    assert kind_of(text) == group


@pytest.mark.req("DESK-01")
@pytest.mark.parametrize("lang", LANGS)
def test_every_wrong_code_has_its_own_sentence_and_costs_nothing(world: World, lang: str) -> None:
    browser = Browser(world, lang)
    browser.sign_in()
    asked, challenge = offline(browser)
    frames = phone().answer(challenge, at=world.clock.now(), total=2)
    stale = phone().answer(challenge, at=world.clock.now(), total=2)
    (shown,) = write_frames(Message(Kind.CHALLENGE, b"x" * 200))
    texts = world.parts.services.texts
    browser.open(f"/desk/scan/{asked.id}")
    page = type_in(browser, asked, frames[0])
    told = set()
    wrong = {text: group for text, group in FOREIGN.items() if text} | {
        "": "no_code",
        stale[1]: "code_mixed",
        frames[1][:-1]: "code_misread",
        shown: "code_mixed",
    }
    for text, group in wrong.items():
        page = html.unescape(type_in(browser, asked, text))
        why = texts.text(f"why.{group}", lang)
        told.add(why)
        assert why in page
        assert texts.text(f"next.{group}.1", lang) in page
        assert texts.text("scan.kept", lang) in page
        assert frames[0] in page, "what was read before is still there"
        assert_plain_page(page)
    assert len(told) == len(set(wrong.values()))
    title = h1(type_in(browser, asked, frames[1]))
    assert title == texts.text("identity.title", lang)
    world.run(browser.client.aclose())


def test_a_whole_challenge_is_the_desks_own_code(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, _ = offline(desk)
    (shown,) = write_frames(Message(Kind.CHALLENGE, b"x" * 200))
    desk.open(f"/desk/scan/{asked.id}")
    assert "Tämä on tiskin oma koodi" in type_in(desk, asked, shown)


@pytest.mark.req("DESK-03")
def test_yesterdays_code_leads_to_a_new_one(world: World, desk: Browser) -> None:
    desk.sign_in()
    _, challenge = offline(desk)
    (yesterdays,) = phone().answer(challenge, at=world.clock.now())
    (alone,) = phone_alone().show_alone(at=world.clock.now())
    world.clock.advance(days=1)
    desk.sign_in()
    asked, _ = offline(desk)
    desk.open(f"/desk/scan/{asked.id}")
    page = html.unescape(type_in(desk, asked, yesterdays))
    assert "Koodi on tehty toista tai aiempaa pyyntöä varten." in page
    assert f'href="/desk/ask/{asked.id}/offline"' in page
    page = html.unescape(type_in(desk, asked, alone))
    assert h1(page) != "Tiedot kelpaavat"
    assert "Mallikas" not in page, "too old: nothing of it is shown"


@pytest.mark.req("DESK-03")
def test_an_unasked_code_shown_twice_is_refused(world: World, desk: Browser) -> None:
    desk.sign_in()
    (alone,) = phone_alone().show_alone(at=world.clock.now())
    titles, page = [], ""
    for _ in range(2):
        asked, _ = offline(desk)
        desk.open(f"/desk/scan/{asked.id}")
        page = html.unescape(type_in(desk, asked, alone))
        titles.append(h1(page))
    assert titles == ["Tietoja ei voida vahvistaa", "Älä käytä näitä tietoja"]
    assert "Tämä näyttäminen on jo käytetty." in page
    assert "Mallikas" not in page


def test_the_script_gets_only_what_changes(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, challenge = offline(desk)
    codes = phone().answer(challenge, at=world.clock.now(), total=2)
    desk.open(f"/desk/scan/{asked.id}")
    status, part = send(desk, asked, frames="", text=codes[0])
    assert status == 200
    assert "<html" not in part
    assert f'data-frames="{codes[0]}"' in part
    assert '<progress aria-label="Luetut koodit" max="2" value="1">1/2</progress>' in part
    status, part = send(desk, asked, frames=codes[0], text="WIFI:S:x;;")
    assert (status, "langattoman verkon" in part, codes[0] in part) == (400, True, True)
    status, part = send(desk, asked, frames=codes[0], text=codes[1])
    assert (status, part) == (200, f'{{"to":"/desk/identity/{asked.id}"}}')
    status, part = send(desk, asked, frames="", text=codes[0])
    assert status == 200, "a late scan of a half does no harm"
    _, part = send(desk, asked, frames=codes[0], text=codes[1])
    assert part == f'{{"to":"/desk/identity/{asked.id}"}}', "the same answer again: where it stands"


@pytest.mark.req("DESK-01")
def test_only_the_scan_page_may_use_the_camera(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, _ = offline(desk)
    for path in ("", f"/ask/{asked.id}", f"/ask/{asked.id}/offline"):
        headers = world.run(desk.client.get(f"/desk{path}")).headers
        assert "wasm" not in headers["content-security-policy"]
        assert "camera=()" in headers["permissions-policy"]
    headers = world.run(desk.client.get(f"/desk/scan/{asked.id}")).headers
    assert "script-src 'self' 'wasm-unsafe-eval';" in headers["content-security-policy"]
    assert "'unsafe-inline'" not in headers["content-security-policy"]
    assert headers["permissions-policy"] == "camera=(self), microphone=(), geolocation=()"


def test_the_reader_has_its_media_type(world: World) -> None:
    reply = world.get("/static/vendor/zxing-wasm/zxing_reader.wasm")
    assert reply.headers["content-type"] == "application/wasm"


def test_a_picture_that_is_too_large_is_told_on_a_page(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, _ = offline(desk)
    huge = drawn(("1" * 100,)) + b"\0" * (MAX_BYTES + 200_000)
    reply = world.run(
        desk.client.post(f"/desk/scan/{asked.id}", files={"picture": ("a.png", huge, "image/png")})
    )
    assert reply.status_code == 413
    assert h1(reply.text) == "Kuva on liian suuri"
