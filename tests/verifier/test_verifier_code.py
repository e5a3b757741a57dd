"""The confirmation code: nothing that came over the network is seen before it is typed."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
import pytest

from openid4vc.status_list.bits import Status
from tests.verifier.codes import challenge_of, phone
from tests.verifier.world import BASE, NOW, Asked, Browser, Order, World, make_card
from verifier.model import Confirmation, State
from verifier.usecases.code_book import DIGITS, TRIES, read_typed
from verifier.usecases.decide import HoldTimes
from verifier.usecases.failures import ConfirmationCodeMalformed

VALUES = ("Mallikas", "Maija", "1988", "Löytää työ")


GOOD = Order()


def answered(world: World, card: Order = GOOD, **binding: Any) -> Asked:
    """A request that was answered over the network; nobody has typed the code yet."""
    return world.start().answer(make_card(card), read_out=False, **binding)


def wrong(asked: Asked) -> str:
    return "000000" if asked.code != "000000" else "111111"


def refused(reply: httpx2.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


# Before the code -----------------------------------------------------------------------------


@pytest.mark.req("DESK-05", "ARF-26")
@pytest.mark.parametrize("order", [GOOD, Order(index=3)], ids=["good", "suspended"])
def test_before_the_code_nothing_is_told(world: World, order: Order) -> None:
    world.status.statuses[3] = Status.SUSPENDED
    asked = answered(world, order)
    state = asked.read()
    assert state["state"] == "code_pending"
    assert state["tries_left"] == TRIES
    told = {name: state[name] for name in ("outcome", "code", "issuer", "identity", "cards")}
    assert set(told.values()) == {None}
    assert (state["checks"], state["confirmation"]) == ([], None)
    assert state["trust_list_sequence"] is None
    assert state["trust_list_age_hours"] is state["status_age_hours"] is None


@pytest.mark.req("DESK-05")
@pytest.mark.parametrize("identity", ["compared", "not_needed", "not_same"])
def test_comparing_the_person_is_no_way_round(world: World, identity: str) -> None:
    asked = answered(world)
    assert asked.identity(identity).status_code == 409
    assert asked.read()["state"] == "code_pending"
    assert asked.read()["cards"] is None


@pytest.mark.req("DESK-05")
def test_the_right_code_opens_the_way(world: World) -> None:
    asked = answered(world)
    assert asked.code is not None
    state = asked.confirm(f" {asked.code[:3]} {asked.code[3:]} ").json()
    assert (state["state"], state["confirmation"]) == ("identity_pending", "confirmed")
    assert state["tries_left"] is None
    assert len(state["checks"]) == 9
    assert asked.identity().json()["outcome"] == "accept"
    assert asked.read()["cards"][0]["claims"]["work_ability_score"] == 5
    (record,) = world.evidence()
    assert record.confirmation is Confirmation.CONFIRMED


@pytest.mark.req("DESK-05")
def test_a_verdict_that_shows_values_waits_for_the_code(world: World) -> None:
    world.status.statuses[3] = Status.SUSPENDED
    asked = answered(world, Order(index=3))
    assert asked.confirm().json()["outcome"] == "cannot_confirm"
    assert asked.read()["cards"] is not None
    (record,) = world.evidence()
    assert (record.code, record.confirmation) == ("suspended", Confirmation.CONFIRMED)


@pytest.mark.req("DESK-05", "VP-25")
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"nonce": "another"}, "kb_nonce_mismatch"),
        ({"at": NOW - timedelta(hours=1)}, "kb_stale"),
    ],
)
def test_a_rejected_answer_gets_a_code_that_nobody_asks_for(
    world: World, spoil: dict[str, Any], code: str
) -> None:
    asked = answered(world, **spoil)
    assert re.fullmatch(r"\d{6}", str(asked.code)), "having a code tells nothing of the verdict"
    state = asked.read()
    assert (state["state"], state["outcome"], state["code"]) == ("decided", "reject", code)
    assert state["confirmation"] == "not_needed"
    assert refused(asked.confirm()) == (409, "not_allowed_now")
    (record,) = world.evidence()
    assert record.confirmation is Confirmation.NOT_NEEDED


@pytest.mark.req("DESK-03", "DESK-05")
def test_what_came_over_the_counter_needs_no_code(world: World) -> None:
    asked = world.start()
    frames = phone().answer(challenge_of(asked), at=world.clock.now())
    body = {"verification": asked.id, "frames": list(frames)}
    reply = world.post("/api/v1/scans", json=body, headers=world.bearer)
    assert reply.status_code == 200
    state = asked.read()
    assert (state["state"], state["confirmation"]) == ("identity_pending", "not_needed")


def test_declining_gives_no_code(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    form = {"error": "access_denied", "state": request.state}
    assert world.post(request.response_uri, data=form).json() == {}


# Wrong codes ---------------------------------------------------------------------------------


@pytest.mark.req("DESK-05")
def test_three_wrong_codes_end_it_and_erase_everything(world: World) -> None:
    asked = answered(world)
    box = partial(world.parts.verifications.boxed, asked.id)
    assert world.run(box()) is not None
    assert refused(asked.confirm(wrong(asked))) == (400, "confirmation_code_wrong")
    assert asked.read()["tries_left"] == 2
    assert refused(asked.confirm(wrong(asked))) == (400, "confirmation_code_wrong")
    assert refused(asked.confirm(wrong(asked))) == (400, "not_confirmed")
    state = asked.read()
    assert (state["state"], state["outcome"], state["code"]) == (
        "decided",
        "reject",
        "not_confirmed",
    )
    assert (state["confirmation"], state["cards"], state["checks"]) == ("failed", None, [])
    assert state["issuer"] is None, "whose card it was is nobody's business here"
    assert world.run(box()) is None
    assert world.run(world.parts.verifications.box_public(asked.id)) is None
    assert refused(asked.confirm()) == (409, "not_allowed_now"), "the right code comes too late"
    (record,) = world.evidence()
    assert (record.outcome, record.code, record.confirmation) == (
        "reject",
        "not_confirmed",
        Confirmation.FAILED,
    )
    assert len(record.checks) == 9


@pytest.mark.req("DESK-05", "ARF-26")
def test_an_answer_from_elsewhere_is_confirmed_by_no_code_of_this_client(world: World) -> None:
    here, elsewhere = answered(world), answered(world)
    if here.code == elsewhere.code:  # one time in a million
        elsewhere = answered(world)
    assert refused(elsewhere.confirm(here.code)) == (400, "confirmation_code_wrong")
    assert elsewhere.read()["cards"] is None
    assert here.confirm().json()["state"] == "identity_pending"


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "1234567", "12345a", "\uff11" * 6, "\u0661" * 6, "123-456", "9" * 65, "+12345"],
)
def test_what_is_no_code_uses_up_no_try(world: World, typed: str) -> None:
    asked = answered(world)
    reply = world.post(
        f"/api/v1/verifications/{asked.id}/code", json={"code": typed}, headers=world.bearer
    )
    assert refused(reply) == (400, "confirmation_code_malformed")
    assert asked.read()["tries_left"] == TRIES
    with pytest.raises(ConfirmationCodeMalformed):
        read_typed(typed)


@pytest.mark.req("DESK-05")
def test_ten_wrong_tries_at_once_are_three(world: World) -> None:
    asked = answered(world)
    told = sorted(_at_once(asked, [wrong(asked)] * 10))
    assert told[:2] == [(400, "confirmation_code_wrong")] * 2
    assert told.count((400, "not_confirmed")) == 1
    assert told.count((409, "not_allowed_now")) == 7
    assert asked.read()["code"] == "not_confirmed"
    assert [record.code for record in world.evidence()] == ["not_confirmed"]


@pytest.mark.req("DESK-05")
def test_the_right_code_twice_at_once_is_taken_once(world: World) -> None:
    asked = answered(world)
    told = sorted(_at_once(asked, [str(asked.code)] * 2), key=str)
    assert told == [(200, "identity_pending"), (409, "not_allowed_now")]
    assert asked.read()["state"] == "identity_pending"


def _at_once(asked: Asked, codes: list[str]) -> list[tuple[int, str]]:
    world = asked.world
    path = f"/api/v1/verifications/{asked.id}/code"
    calls: list[Callable[[], Any]] = [
        partial(world.client.post, path, json={"code": code}, headers=world.bearer)
        for code in codes
    ]
    replies = world.all_at_once(calls)
    return [
        (one.status_code, one.json()["state" if one.status_code == 200 else "code"])
        for one in replies
    ]


def test_somebody_elses_key_types_no_code(world: World) -> None:
    asked = answered(world)
    world.key = world.new_key(label="Tiski 2")
    assert refused(asked.confirm()) == (404, "verification_unknown")


@pytest.mark.parametrize("body", [{}, {"code": 123456}, {"code": "123456", "more": "x"}, []])
def test_the_interface_takes_one_text(world: World, body: object) -> None:
    asked = answered(world)
    path = f"/api/v1/verifications/{asked.id}/code"
    assert world.post(path, json=body, headers=world.bearer).status_code == 400
    assert asked.read()["tries_left"] == TRIES


# Time ----------------------------------------------------------------------------------------


@pytest.mark.req("DESK-05")
def test_a_code_lives_a_few_minutes(world: World) -> None:
    asked = answered(world)
    world.clock.advance(minutes=5)
    assert refused(asked.confirm()) == (409, "not_allowed_now")
    assert asked.read()["state"] == "expired"
    assert world.run(world.parts.verifications.boxed(asked.id)) is None
    (record,) = world.evidence()
    assert (record.ended, record.confirmation) == (State.EXPIRED, Confirmation.LEFT)
    assert len(record.checks) == 9


def test_closing_without_the_code_is_on_record(world: World) -> None:
    asked = answered(world)
    assert asked.close().json()["state"] == "closed"
    assert world.run(world.parts.verifications.boxed(asked.id)) is None
    (record,) = world.evidence()
    assert (record.ended, record.confirmation) == (State.CLOSED, Confirmation.LEFT)


@pytest.mark.req("DESK-05")
def test_typing_late_gives_no_more_time(world: World) -> None:
    world.status.statuses[3] = Status.SUSPENDED
    asked = answered(world)
    world.clock.advance(minutes=4, seconds=50)
    assert asked.confirm().status_code == 200
    until = NOW + HoldTimes().identity
    assert asked.read()["expires_at"] == until.isoformat().replace("+00:00", "Z")
    world.clock.advance(minutes=5, seconds=20)
    assert asked.read()["state"] == "expired"

    late = answered(world, Order(index=3))
    world.clock.advance(minutes=4)
    assert late.confirm().json()["outcome"] == "cannot_confirm"
    world.clock.advance(minutes=6, seconds=1)
    assert late.read()["cards"] is None, "ten minutes from the answer, not from the code"


# Who learns it -------------------------------------------------------------------------------


@pytest.mark.req("DESK-05")
def test_the_code_is_nowhere_at_rest(world: World) -> None:
    asked = answered(world)
    stored = world.bytes_on_disk()
    for encoding in ("utf-8", "utf-16-le"):
        assert str(asked.code).encode(encoding) not in stored
    address = _page(asked).rsplit("/", 1)[1]
    assert address.encode() not in stored
    assert str(asked.code) not in str([record.__repr__() for record in world.evidence()])


@pytest.mark.req("VP-25", "VP-26", "DESK-05")
def test_the_page_shows_the_code_and_who_asked_and_nothing_else(world: World) -> None:
    asked = answered(world)
    assert asked.code is not None
    assert re.fullmatch(rf"{BASE}/c/[A-Za-z0-9_-]{{43}}", _page(asked))
    for lang in ("fi", "sv", "en"):
        page = world.get(_page(asked), headers={"Accept-Language": lang})
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in world.get(f"{_page(asked)}?lang={lang}").headers
        assert f">{asked.code[:3]} {asked.code[3:]}<" in page.text
        assert f'lang="{lang}"' in page.text
        assert not any(value in page.text for value in (*VALUES, asked.id, asked.ref))
        assert "<script" not in page.text
    assert asked.read()["tries_left"] == TRIES, "looking changes nothing"
    asked.confirm()
    asked.identity("not_same")
    assert world.get(_page(asked)).status_code == 200, "it tells nothing of the outcome either"
    world.clock.advance(minutes=5)
    over = world.get(_page(asked))
    assert over.status_code == 404
    assert str(asked.code) not in over.text.replace(" ", "")
    world.run(world.parts.sweep())
    assert world.get(_page(asked)).status_code == 404


@pytest.mark.parametrize("address", ["A" * 43, "A" * 42, "é" * 43, "x", "%00" * 43])
def test_a_page_cannot_be_guessed(world: World, address: str) -> None:
    answered(world)
    page = world.get(f"/c/{address}")
    assert page.status_code == 404
    assert "text/html" in page.headers["content-type"]


def _page(asked: Asked) -> str:
    assert asked.page is not None
    return asked.page


def test_codes_are_drawn_evenly(world: World) -> None:
    codes = {str(answered(world).code) for _ in range(20)}
    assert len(codes) > 15
    assert all(len(code) == DIGITS and code.isdigit() for code in codes)


# At the desk ---------------------------------------------------------------------------------


@pytest.mark.req("DESK-05")
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_desk_asks_for_the_code(world: World, lang: str) -> None:
    desk = Browser(world, lang)
    desk.sign_in()
    asked = desk.ask()
    asked.answer(read_out=False)
    page = desk.open(f"/desk/ask/{asked.id}")
    path = f"/desk/code/{asked.id}"
    assert desk.path == path
    assert 'inputmode="numeric"' in page
    assert 'autocomplete="off"' in page
    assert 'role="alert"' not in page
    assert not any(value in page for value in VALUES)
    desk.open(f"/desk/outcome/{asked.id}")
    assert desk.path == path
    desk.open(f"/desk/identity/{asked.id}")
    assert desk.path == path

    page = desk.submit(path, code="12 34")
    assert 'role="alert"' in page
    page = desk.submit(path, code=wrong(asked))
    assert 'role="alert"' in page
    assert desk.path == path
    desk.submit(path, code=str(asked.code))
    assert desk.path == f"/desk/identity/{asked.id}"
    desk.submit(path, code=str(asked.code))  # a double click
    assert desk.path == f"/desk/identity/{asked.id}"
    world.run(desk.client.aclose())


@pytest.mark.req("DESK-05")
def test_after_the_last_wrong_code_the_desk_says_how_to_go_on(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    asked.answer(read_out=False)
    desk.open(f"/desk/ask/{asked.id}")
    page = ""
    for _ in range(TRIES):
        page = desk.submit(f"/desk/code/{asked.id}", code=wrong(asked))
    assert desk.path == f"/desk/outcome/{asked.id}"
    assert "Vahvistuskoodi ei täsmännyt" in page
    assert "Pyydä tiedot uudelleen" in page
    assert not any(value in page for value in VALUES)


@pytest.mark.req("DESK-05")
def test_another_desk_uses_up_no_try(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    asked.answer(read_out=False)
    other = Browser(world)
    other.sign_in()
    other.open("/desk")
    assert "Vahvistuskoodi" not in other.open(f"/desk/code/{asked.id}")
    other.open("/desk")
    other.submit(f"/desk/code/{asked.id}", code=wrong(asked))
    assert world.run(world.parts.verifications.find(asked.id)).tries_left == TRIES
    world.run(other.client.aclose())


def test_a_form_of_another_session_types_no_code(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    asked.answer(read_out=False)
    reply = world.run(
        desk.client.post(f"/desk/code/{asked.id}", data={"token": "x", "code": str(asked.code)})
    )
    assert reply.status_code == 403
    assert world.run(world.parts.verifications.find(asked.id)).tries_left == TRIES
