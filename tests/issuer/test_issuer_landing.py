"""The pages behind a letter's link: nothing told, counted or changed before the PIN."""

import html
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.model import LANGS
from tests.issuer.letters import (
    LETTERS,
    form_token,
    letter_state,
    make_letter,
    offer_link,
    open_letter,
    path_of,
    title_of,
    try_pin,
    wrong_pin,
)
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, NOW, World

ROOT = Path(__file__).parents[2]
UNKNOWN = "/l/0123456789abcdefABCDEF"


def locked(world: World, made: dict[str, Any]) -> None:
    for _ in range(5):
        try_pin(world, path_of(made), wrong_pin(made))
    assert letter_state(world, made) == "locked"


def paths_of_every_kind(world: World) -> dict[str, str]:
    """One link each that is good, locked, withdrawn, expired, typed, unknown and nonsense."""
    expired = make_letter(world)
    world.clock.at = NOW + timedelta(days=31)
    world._keys.clear()
    good, shut, gone = (make_letter(world) for _ in range(3))
    locked(world, shut)
    world.post(f"{LETTERS}/{gone['letter_id']}/withdraw", headers=world.auth())
    return {
        "good": path_of(good),
        "typed": f"/l/{good['typed_code']}",
        "locked": path_of(shut),
        "withdrawn": path_of(gone),
        "expired": path_of(expired),
        "unknown": UNKNOWN,
        "nonsense": "/l/%3Cscript%3E",
    }


def test_every_link_shows_the_same_and_showing_changes_nothing(world: World) -> None:
    paths = paths_of_every_kind(world)
    before = world.dump()

    for page in ("", "/pin", "/locked", "/nothing"):
        shown = set()
        for path in paths.values():
            for call in (world.get, world.get):
                answer = call(path + page)
                assert answer.status_code == 200
                text = re.sub(r'name="token" value="[0-9a-f]{64}"', "", answer.text)
                shown.add(
                    text.replace(html.escape(path.replace("%3C", "<").replace("%3E", ">")), "")
                )
        assert len(shown) == 1, page
    world.client.cookies.clear()

    assert world.dump() == before


def test_showing_a_page_asks_the_records_nothing(world: World) -> None:
    """So no link can be told from another by how long its page takes."""
    made = make_letter(world)
    world.parts.database.close()
    for path in (path_of(made), UNKNOWN, "/l"):
        assert world.get(path).status_code == 200
    assert world.get(f"{UNKNOWN}/pin").status_code == 200
    typed = world.post("/l", data={"code": made["typed_code"]})
    assert typed.is_redirect


def test_a_pin_for_a_link_that_opens_nothing_is_answered_alike(world: World) -> None:
    paths = paths_of_every_kind(world)
    del paths["good"], paths["typed"]
    before = world.dump()
    seen = set()
    for path in paths.values():
        answer = try_pin(world, path, "123456")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{path}/nothing?lang=fi"
        seen.add(title_of(world.get(answer.headers["location"])))
    assert seen == {"Tällä koodilla ei saa korttia"}
    assert world.dump() == before


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fi", ["Sinulla on vielä 4 yritystä", "Sinulla on vielä 1 yritys.", "Kirje on lukittu"]),
        ("sv", ["Du har 4 försök kvar", "Du har 1 försök kvar", "Brevet är låst"]),
        ("en", ["You have 4 tries left", "You have 1 try left", "The letter is locked"]),
    ],
)
def test_a_wrong_pin_says_what_is_left_and_the_fifth_the_way_forward(
    world: World, lang: str, words: list[str]
) -> None:
    made = make_letter(world)
    path, wrong = path_of(made), wrong_pin(made)
    answers = [try_pin(world, path, wrong, lang) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 303]
    assert words[0] in answers[0].text
    assert words[1] in answers[3].text
    assert 'aria-invalid="true"' in answers[0].text
    assert 'role="alert"' in answers[0].text
    end = world.get(answers[4].headers["location"])
    assert words[2] in end.text
    call = {"fi": "Soita numeroon", "sv": "Ring numret", "en": "Call the number"}[lang]
    assert call in end.text
    # Even the right PIN opens nothing now.
    late = try_pin(world, path, made["pin"], lang)
    assert late.headers["location"].endswith(f"/nothing?lang={lang}")


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "\uff11\uff12\uff13\uff14\uff15\uff16"]
)
def test_a_slip_is_not_counted(world: World, pin: str) -> None:
    made = make_letter(world)
    before = world.dump()
    answer = try_pin(world, path_of(made), pin)
    assert answer.status_code == 422
    assert "Tätä ei laskettu yritykseksi" in answer.text
    assert world.dump() == before


def test_a_pin_may_be_typed_with_a_gap(world: World, wallet: TinyWallet) -> None:
    made = make_letter(world)
    pin = made["pin"]
    answer = try_pin(world, path_of(made), f" {pin[:3]} {pin[3:]}")
    assert wallet.receive(offer_link(answer))


@pytest.mark.parametrize("how", ["no token", "no cookie", "another cookie", "another letter's"])
def test_a_form_from_elsewhere_counts_nothing(world: World, how: str) -> None:
    made, other = make_letter(world), make_letter(world, subject_ref="other")
    path = path_of(made)
    token = form_token(world.get(f"{path}/pin"))
    if how == "no token":
        token = ""
    elif how == "no cookie":
        world.client.cookies.clear()
    elif how == "another cookie":
        world.client.cookies.clear()
        world.client.cookies.set("__Host-letter", "x" * 43)
    else:
        token = form_token(world.get(f"{path_of(other)}/pin"))
    before = world.dump()
    answer = world.post(f"{path}/pin?lang=en", data={"token": token, "pin": made["pin"]})

    assert answer.status_code == 403
    assert "Nothing was counted" in answer.text
    assert world.dump() == before
    # The page shown with it is a good one.
    again = world.post(f"{path}/pin", data={"token": form_token(answer), "pin": made["pin"]})
    assert again.status_code == 200


def test_what_is_no_form_is_refused(world: World) -> None:
    for path in ("/l", f"{UNKNOWN}/pin"):
        assert world.post(path, json={"pin": "123456"}).status_code == 415
        twice = world.post(
            path,
            content="pin=1&pin=2",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert twice.status_code == 400


def test_the_code_can_be_typed_and_leads_the_same_way(world: World, wallet: TinyWallet) -> None:
    made = make_letter(world)
    typed = made["typed_code"].lower().replace("-", " ")
    answer = world.post("/l?lang=sv", data={"code": typed})
    assert answer.status_code == 303
    path = f"/l/{made['typed_code'].replace('-', '')}"
    assert answer.headers["location"] == f"{path}?lang=sv"
    assert title_of(world.get(answer.headers["location"])).startswith("Du fick en kod")
    assert wallet.receive(offer_link(try_pin(world, path, made["pin"])))


def test_a_mistyped_code_is_told_at_once(world: World) -> None:
    code = make_letter(world)["typed_code"]
    wrong = ("3" if code[0] != "3" else "4") + code[1:]
    answer = world.post("/l?lang=en", data={"code": wrong})
    assert answer.status_code == 422
    assert "typing error" in answer.text
    for almost in ("/l/", "/L", "/I", "/i", "/1"):
        assert world.get(almost).headers["location"] == "/l?lang=fi"


@pytest.mark.parametrize(
    ("header", "query", "lang"),
    [
        ({}, "", "fi"),
        ({"Accept-Language": "sv-FI,fi;q=0.5"}, "", "sv"),
        ({"Accept-Language": "ru,en;q=0.7"}, "", "en"),
        ({"Accept-Language": "ru"}, "", "fi"),
        ({"Accept-Language": "sv"}, "?lang=en", "en"),
        ({}, "?lang=xx", "fi"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers(
    world: World, header: dict[str, str], query: str, lang: str
) -> None:
    shown = world.get(UNKNOWN + query, headers=header)
    assert f'<html lang="{lang}">' in shown.text
    assert shown.headers["content-language"] == lang


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))


def pages(world: World) -> dict[str, Any]:
    made = make_letter(world)
    path = path_of(made)
    return {
        "code": world.get("/l"),
        "landing": world.get(path),
        "form": world.get(f"{path}/pin"),
        "wrong": try_pin(world, path, wrong_pin(made)),
        "locked": world.get(f"{path}/locked"),
        "nothing": world.get(f"{path}/nothing"),
        "open": try_pin(world, path, made["pin"]),
    }


def test_no_page_has_a_script_a_style_of_its_own_or_anything_from_elsewhere(world: World) -> None:
    for name, shown in pages(world).items():
        policy = shown.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self';")
        assert "unsafe" not in policy
        assert "script" not in policy
        assert shown.headers["cache-control"] == "no-store"
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in shown.headers
        for tag, attributes in Tags(shown.text).all:
            assert tag not in {"script", "style", "iframe", "object"}, name
            assert not {"style", "onclick", "onload"} & set(attributes), name
            for address in ("src", "href", "action"):
                value = attributes.get(address) or "/"
                assert value.startswith(("/", "#", "openid-credential-offer://")), (name, value)


def test_no_page_but_the_last_knows_whose_the_letter_is(world: World) -> None:
    card = world.parts.catalogue.types["statement_feedback"].title
    sender = world.parts.catalogue.organisations["mallimaa"].names
    for name, shown in pages(world).items():
        assert (card.fi in shown.text) is (name == "open")
        assert (sender.fi in shown.text) is (name == "open")
        assert "Maija" not in shown.text


def test_another_sites_script_reads_nothing(world: World) -> None:
    made = make_letter(world)
    for path in (path_of(made), f"{path_of(made)}/pin", "/l"):
        answer = world.get(path, headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


def test_the_form_cookie_is_the_pages_own(world: World) -> None:
    (cookie,) = world.get(f"{UNKNOWN}/pin").headers.get_list("set-cookie")
    assert cookie.startswith("__Host-letter=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie


def test_the_files_of_the_pages_are_served_and_nothing_else(world: World) -> None:
    for name, kind in {
        "letters.css": "text/css; charset=utf-8",
        "icon.svg": "image/svg+xml",
        "inter-regular.woff2": "font/woff2",
        "inter-bold.woff2": "font/woff2",
    }.items():
        answer = world.get(f"/l/files/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == kind
        assert "max-age" in answer.headers["cache-control"]
    for name in ("OFL.txt", "..%2f..%2fletters.py", "nothing.css"):
        assert world.get(f"/l/files/{name}").status_code == 404


def test_addresses_of_letters_are_in_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    made = make_letter(world)
    open_letter(world, made)
    reference = path_of(made).removeprefix("/l/")
    ours = [record for record in caplog.records if record.name.startswith("issuer")]
    assert len(ours) >= 3
    for record in ours:
        for secret in (reference, made["typed_code"], made["pin"]):
            assert secret not in repr(record.__dict__.get("fields", "")) + record.getMessage()


def test_every_language_has_its_pages(world: World) -> None:
    titles = {title_of(world.get(f"{UNKNOWN}?lang={lang}")) for lang in LANGS}
    assert len(titles) == 3
    assert BASE.startswith("https:")
    assert "KOKEILU" not in world.get(UNKNOWN).text


def test_the_pages_letters_are_the_desks_own() -> None:
    """Which another test compares with the npm package's."""
    ours = ROOT / "issuer" / "web" / "static" / "letters" / "fonts"
    theirs = ROOT / "verifier" / "web" / "static" / "fonts"
    assert {path.name: path.read_bytes() for path in ours.iterdir()} == {
        path.name: path.read_bytes() for path in theirs.iterdir()
    }
