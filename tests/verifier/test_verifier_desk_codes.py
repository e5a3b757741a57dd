"""The desk's pages for a client whose wallet has no network."""

import html
import re
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from openid4vc.qr.challenge import Challenge
from openid4vc.qr.read_challenge import read_challenge
from tests.verifier.codes import drawn, phone, phone_alone
from tests.verifier.test_verifier_desk import assert_plain_page, h1
from tests.verifier.world import Asked, Browser, World, demo_pki

QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))

LANGS = ("fi", "sv", "en")


def offline(desk: Browser, profile: str = "te_initial_interview") -> tuple[Asked, Challenge]:
    """Ask, turn the page to the code without network, and read it as a wallet does."""
    asked = desk.ask(profile)
    return asked, shown_challenge(desk, asked)


def shown_challenge(desk: Browser, asked: Asked) -> Challenge:
    page = desk.open(f"/desk/ask/{asked.id}/offline")
    found = re.search(r"kyky-challenge:[0-9]+", page)
    assert found is not None, page
    picture = desk.world.run(desk.client.get(f"/desk/ask/{asked.id}/challenge.png"))
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.content)), formats=QR_ONLY)
    assert code.text == found[0]
    trust, at = demo_pki().trust_list, desk.world.clock.now()
    return read_challenge(code.text, trust=trust, at=at).challenge


def fields_of(page: str, asked: Asked) -> dict[str, str]:
    """The hidden fields of the scanning form, the token apart."""
    assert f'action="/desk/scan/{asked.id}"' in page
    found = re.search(r'name="frames" value="([^"]*)"', page)
    assert found is not None
    return {"frames": found[1]}


def type_in(desk: Browser, asked: Asked, text: str) -> str:
    """What a hand scanner does with the page at hand: digits, then Enter."""
    assert desk.page is not None
    fields = fields_of(desk.page.text, asked)
    return desk.submit(f"/desk/scan/{asked.id}", text=text, **fields)


@pytest.mark.req("DESK-03", "DESK-06")
@pytest.mark.parametrize("lang", LANGS)
def test_the_offline_page_tells_who_asks_why_and_what(world: World, lang: str) -> None:
    browser = Browser(world, lang)
    browser.sign_in()
    asked, _ = offline(browser)
    page = html.unescape(browser.open(f"/desk/ask/{asked.id}/offline"))
    assert_plain_page(page)
    words = world.parts.services.catalogue.profiles["te_initial_interview"]
    for text in (words.purpose, words.gain, words.legal_basis):
        assert text[lang] in page
    assert 'http-equiv="refresh" content="91"' in page
    assert "openid4vp:" not in page
    world.run(browser.client.aclose())


def test_the_ask_page_leads_to_it_and_back(desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    page = desk.open(f"/desk/ask/{asked.id}")
    assert "Asiakkaan lompakossa ei ole verkkoa" in page
    page = desk.submit(f"/desk/ask/{asked.id}/way", network="no")
    assert desk.path == f"/desk/ask/{asked.id}/offline"
    assert "Luen koodin asiakkaan puhelimesta" in page
    assert "openid4vp:" not in page
    page = desk.submit(f"/desk/ask/{asked.id}/way", network="yes")
    assert desk.path == f"/desk/ask/{asked.id}"
    assert "openid4vp:" in page


def test_the_codes_picture_is_the_desks_alone(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, _ = offline(desk)
    for name in ("challenge.svg", "challenge.png"):
        reply = world.get(f"/desk/ask/{asked.id}/{name}")
        assert (reply.status_code, reply.headers["location"]) == (303, "/desk/sign-in?ended=1")
    picture = world.run(desk.client.get(f"/desk/ask/{asked.id}/challenge.svg"))
    assert picture.headers["content-type"] == "image/svg+xml"


@pytest.mark.req("DESK-03")
def test_a_hand_scanner_brings_the_desk_to_the_outcome(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, challenge = offline(desk)
    (code,) = phone().answer(challenge, at=world.clock.now())
    page = desk.open(f"/desk/scan/{asked.id}")
    assert_plain_page(page)
    assert re.search(r'<input class="field" id="text"[^>]* autofocus', page)
    assert h1(type_in(desk, asked, code)) == "Onko asiakas sama henkilö?"
    page = desk.submit(f"/desk/identity/{asked.id}", identity="compared")
    assert h1(page) == "Tiedot kelpaavat"


def test_codes_add_up_with_progress_in_words(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, challenge = offline(desk)
    codes = phone().answer(challenge, at=world.clock.now(), total=3)
    desk.open(f"/desk/scan/{asked.id}")
    page = type_in(desk, asked, codes[2])
    assert "Luettu 1/3 koodia. Vielä lukematta: 1 ja 2." in page
    assert_plain_page(page)
    page = type_in(desk, asked, codes[2])
    assert "Luettu 1/3 koodia." in page
    page = type_in(desk, asked, codes[0])
    assert "Luettu 2/3 koodia. Vielä lukematta: 2." in page
    assert h1(type_in(desk, asked, codes[1])) == "Onko asiakas sama henkilö?"


def test_a_misread_code_costs_only_itself(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, challenge = offline(desk)
    codes = phone().answer(challenge, at=world.clock.now(), total=2)
    desk.open(f"/desk/scan/{asked.id}")
    type_in(desk, asked, codes[0])
    page = type_in(desk, asked, codes[1][:-1])
    assert desk.page is not None
    assert desk.page.status_code == 400
    assert "Koodi luettiin vajaasti tai väärin." in page
    assert 'role="alert"' in page
    assert_plain_page(page)
    assert h1(type_in(desk, asked, codes[1])) == "Onko asiakas sama henkilö?"


def test_a_picture_is_read(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, challenge = offline(desk)
    codes = phone().answer(challenge, at=world.clock.now(), total=2)
    page = desk.open(f"/desk/scan/{asked.id}")
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    for wrong in ("0" * 64, ""):
        reply = world.run(
            desk.client.post(
                f"/desk/scan/{asked.id}",
                data={"token": wrong, "frames": ""},
                files={"picture": ("phone.jpg", drawn(codes, kind="jpeg"), "image/jpeg")},
            )
        )
        assert reply.status_code == 403
    reply = world.run(
        desk.client.post(
            f"/desk/scan/{asked.id}",
            data={"token": token[1], "frames": codes[0]},
            files={"picture": ("phone.jpg", drawn(codes[1:], kind="jpeg"), "image/jpeg")},
        )
    )
    assert h1(reply.text) == "Onko asiakas sama henkilö?"


@pytest.mark.parametrize("lang", LANGS)
def test_what_went_wrong_is_told_in_words(world: World, lang: str) -> None:
    browser = Browser(world, lang)
    browser.sign_in()
    first, challenge = offline(browser)
    (code,) = phone().answer(challenge, at=world.clock.now())
    second, _ = offline(browser)
    browser.open(f"/desk/scan/{second.id}")
    texts = world.parts.services.texts
    for text, group in (
        ("https://example.test", "code_link"),
        (code[:-1], "code_misread"),
        (code, "code_other"),
        ("", "no_code"),
    ):
        page = html.unescape(type_in(browser, second, text))
        assert texts.text(f"why.{group}", lang) in page
        assert texts.text(f"next.{group}.1", lang) in page
        assert fields_of(page, second)["frames"] == ""
    assert first.id != second.id
    world.run(browser.client.aclose())


@pytest.mark.req("DESK-03")
@pytest.mark.parametrize("lang", LANGS)
def test_an_unasked_code_is_unconfirmed_and_the_challenge_one_step_away(
    world: World, lang: str
) -> None:
    browser = Browser(world, lang)
    browser.sign_in()
    asked = browser.ask()
    (code,) = phone_alone().show_alone(at=world.clock.now())
    browser.open(f"/desk/scan/{asked.id}")
    page = html.unescape(type_in(browser, asked, code))
    assert_plain_page(page)
    text = world.parts.services.texts.text
    assert h1(page) == text("outcome.cannot_confirm", lang)
    assert text("why.self_initiated", lang) in page
    assert text("check.answers_self_initiated", lang) in page
    assert "Mallikas" in page
    page = browser.submit("/desk/start", profile="te_initial_interview", offline="1")
    assert browser.path.endswith("/offline")
    assert "kyky-challenge:" in page
    world.run(browser.client.aclose())


def test_pages_follow_where_it_stands(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked, challenge = offline(desk)
    (code,) = phone().answer(challenge, at=world.clock.now())
    desk.open(f"/desk/scan/{asked.id}")
    type_in(desk, asked, code)
    for path in (f"/desk/ask/{asked.id}/offline", f"/desk/scan/{asked.id}"):
        assert h1(desk.open(path)) == "Onko asiakas sama henkilö?"
    # The same code again, from a page that was still open, changes nothing.
    page = desk.submit(f"/desk/scan/{asked.id}", text=code, frames="")
    assert h1(page) == "Onko asiakas sama henkilö?"


def test_after_the_last_code_the_answer_can_still_be_read(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    for _ in range(6):  # renewed by itself, up to half an hour
        world.clock.advance(seconds=260)
        desk.open(f"/desk/ask/{asked.id}")
    world.clock.advance(seconds=230)
    challenge = shown_challenge(desk, asked)
    world.clock.advance(seconds=100)
    page = desk.open(f"/desk/ask/{asked.id}/offline")
    assert h1(page) == "Lue koodi asiakkaan puhelimesta"
    (code,) = phone().answer(challenge, at=world.clock.now())
    assert h1(type_in(desk, asked, code)) == "Onko asiakas sama henkilö?"
    for _ in range(2):
        world.clock.advance(minutes=8)
        page = desk.open(f"/desk/ask/{asked.id}/offline")
    assert h1(page) == "Pyyntö päättyi ilman vastausta"
