"""Withdrawing by receipt, wallet to receiver: what it erases, and who cannot do it."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keys import strict_json
from keys.fetch import Reply
from openid4vc.openid4vp.withdrawal import Wish, read_invitation, withdrawal_audience
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.status_list.bits import Status
from tests.support.postgres import running_postgres
from tests.verifier.places import HOOK, ISSUER, SECRET, Place, place_of
from tests.verifier.receipts import (
    Receipt,
    given,
    invited,
    other_holder,
    path_of,
    post,
    receipt_card,
    wishes,
    withdraw,
)
from tests.verifier.world import REQUIRED, Order, demo_pki, make_card
from verifier.model import State
from verifier.usecases.client_side_model import ReceiptState
from verifier.usecases.invitations import LIFE, Invitations
from verifier.usecases.receipt_book import receipt_key

SYSTEMS = {
    "webhook_url": HOOK,
    "webhook_secret": SECRET,
    "receipt_issuer_url": ISSUER,
    "receipt_api_key": "kyky_key",
}


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    place = place_of(tmp_path, **getattr(request, "param", SYSTEMS))
    yield place
    place.world.run(place.desk.client.aclose())
    place.world.close()


@pytest.fixture
def receipt(place: Place) -> Receipt:
    """The receipt of data that are still on the official's screen."""
    return given(place, place.accepted())


def state_of(place: Place, receipt: Receipt) -> ReceiptState:
    key = receipt_key(receipt.claims["receipt_id"])
    found = place.world.run(place.world.parts.client_side.given.find(key))
    assert found is not None
    return ReceiptState(found.state)


# What it does --------------------------------------------------------------------------------


def test_an_invitation_is_for_this_receipts_receiver_and_stores_nothing(
    place: Place, receipt: Receipt
) -> None:
    before = place.world.bytes_on_disk()
    reply = place.world.get(path_of(receipt))
    assert reply.headers["cache-control"] == "no-store"
    told = read_invitation(reply.content, client_id=receipt.claims["verifier_id"])
    assert told.lifetime == LIFE
    assert told.nonce != invited(place.world, receipt)["nonce"]
    assert place.world.bytes_on_disk() == before


def test_withdrawing_erases_what_is_on_screen_and_is_put_on_record(
    place: Place, receipt: Receipt
) -> None:
    about = place.desk.path.rsplit("/", 1)[1]
    reply = withdraw(place.world, receipt)
    assert (reply.status_code, reply.json()) == (200, {"outcome": "withdrawn"})
    assert place.world.run(place.world.parts.verifications.boxed(about)) is None
    assert "Mallikas" not in place.desk.open(f"/desk/outcome/{about}")
    (record,) = wishes(place.world)
    assert (record.wish, record.profile) == (Wish.WITHDRAWAL, "te_employment_support")
    assert (record.ended, record.checks, record.outcome) == (State.CLOSED, (), None)
    assert state_of(place, receipt) is ReceiptState.WITHDRAWN
    assert receipt.claims["receipt_id"].encode() not in place.world.bytes_on_disk()


def test_a_copy_that_waits_is_never_sent(place: Place) -> None:
    asked = place.accepted()
    place.desk.submit(f"/desk/send/{asked.id}")
    receipt = given(place, asked)
    assert withdraw(place.world, receipt, "erasure").json() == {"outcome": "erased"}
    place.outside.posted.clear()
    place.desk.open("/desk")
    assert "Tietoja ei voi siirtää eteenpäin" in place.desk.submit(f"/desk/send/{asked.id}")
    place.world.clock.advance(hours=1)
    assert place.deliver() == 0
    assert place.outside.posted == []


def test_the_case_system_is_told_to_erase_its_copy(place: Place) -> None:
    asked = place.accepted()
    receipt = given(place, asked)
    place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/send/{asked.id}")
    assert place.deliver() == 1
    place.outside.posted.clear()
    assert withdraw(place.world, receipt, "erasure").json() == {"outcome": "asked"}
    assert "Tiedot ovat matkalla" not in place.page(asked), "staff see nothing of it"
    assert place.deliver() == 0, "a copy that is being sent arrives first"
    place.world.clock.advance(minutes=2)
    assert place.deliver() == 1
    ((url, notice, headers),) = place.outside.posted
    assert url == HOOK
    assert notice == {
        "format": "kykylompakko-erasure-1",
        "verification": asked.id,
        "profile": "te_employment_support",
        "request": "erasure",
        "asked_on": "2026-11-24",
    }
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
    mac = hmac.digest(SECRET.encode(), signed + strict_json.dumps(notice), hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


@pytest.mark.req("ARF-16")
def test_erasing_says_what_there_was(place: Place) -> None:
    on_screen = given(place, place.accepted("te_initial_interview"))
    assert withdraw(place.world, on_screen, "erasure").json() == {"outcome": "erased"}
    cleared = given(place, asked := place.accepted("te_initial_interview"))
    place.desk.submit(f"/desk/close/{asked.id}")
    assert withdraw(place.world, cleared, "erasure").json() == {"outcome": "nothing_kept"}


@pytest.mark.parametrize(
    "place", [{k: v for k, v in SYSTEMS.items() if "webhook" not in k}], indirect=True
)
def test_a_copy_taken_as_a_file_is_for_a_person_to_erase(place: Place) -> None:
    asked = place.accepted()
    receipt = given(place, asked)
    place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/copy/{asked.id}")
    far_off = place.world.clock.now() + timedelta(days=800)
    place.world.run(place.world.parts.staff.log.purge(far_off))  # the receipt knows it still
    assert withdraw(place.world, receipt, "erasure").json() == {"outcome": "asked"}
    (waiting,) = place.world.run(place.world.parts.client_side.given.to_see_to())
    assert waiting.verification_id == asked.id


def test_twice_is_as_once(place: Place, receipt: Receipt) -> None:
    for _ in range(2):
        assert withdraw(place.world, receipt).json() == {"outcome": "withdrawn"}
    assert withdraw(place.world, receipt, "erasure").json() == {"outcome": "withdrawn"}
    assert len(wishes(place.world)) == 1


def test_who_had_it_erased_can_still_withdraw(place: Place, receipt: Receipt) -> None:
    assert withdraw(place.world, receipt, "erasure").json() == {"outcome": "erased"}
    assert withdraw(place.world, receipt, "erasure").json() == {"outcome": "erased"}
    assert withdraw(place.world, receipt).json() == {"outcome": "withdrawn"}
    assert [record.wish for record in wishes(place.world)] != []
    assert {record.wish for record in wishes(place.world)} == {Wish.ERASURE, Wish.WITHDRAWAL}


def test_many_at_once_are_put_on_record_once(place: Place, receipt: Receipt) -> None:
    told = [invited(place.world, receipt) for _ in range(4)]
    forms = [
        {"vp_token": receipt.bound(place.world, audience=one["aud"], nonce=one["nonce"])}
        for one in told
    ]
    calls = [
        lambda form=form: place.world.client.post(path_of(receipt), data=form) for form in forms
    ]
    assert [reply.json() for reply in place.world.all_at_once(calls)] == [
        {"outcome": "withdrawn"}
    ] * 4
    assert len(wishes(place.world)) == 1


@pytest.mark.parametrize("how", ["unreachable", "suspended"])
def test_what_cannot_be_confirmed_still_withdraws(place: Place, receipt: Receipt, how: str) -> None:
    """It only takes data away from us: a list that cannot be had must not stand in the way."""
    if how == "unreachable":
        place.world.status.reachable = False
        place.world.clock.advance(hours=30)
    else:
        place.world.status.statuses[9] = Status.SUSPENDED
    assert withdraw(place.world, receipt).json() == {"outcome": "withdrawn"}


def test_receipts_of_an_earlier_certificate_are_still_known(place: Place, receipt: Receipt) -> None:
    earlier = "x509_hash:" + "A" * 43
    given_ones = place.world.parts.client_side.given
    held = place.world.run(given_ones.find(receipt_key(receipt.claims["receipt_id"])))
    assert held is not None
    old = replace(held, key=receipt_key("old-number"), client_id=earlier, verification_id="old")
    place.world.run(given_ones.add(old))
    claims = {
        **receipt.claims,
        "receipt_id": "old-number",
        "verifier_id": earlier,
        "withdrawal_uri": str(receipt.claims["withdrawal_uri"]).rsplit("/", 1)[0] + "/" + "A" * 43,
    }
    card = receipt_card(claims)
    assert invited(place.world, card)["aud"] == withdrawal_audience(earlier)
    assert withdraw(place.world, card).json() == {"outcome": "withdrawn"}
    crossed = replace(card, claims=receipt.claims)
    assert withdraw(place.world, crossed).json()["error_description"] == "receipt_refused"


def test_a_receipt_that_has_ended_is_forgotten(place: Place, receipt: Receipt) -> None:
    place.world.clock.advance(days=731)
    place.world.run(place.world.parts.client_side.chore())
    key = receipt_key(receipt.claims["receipt_id"])
    assert place.world.run(place.world.parts.client_side.given.find(key)) is None


# Who cannot ----------------------------------------------------------------------------------


def refused(place: Place, reply: Any, code: str = "receipt_refused") -> None:
    assert (reply.status_code, reply.json()) == (
        400,
        {"error": "invalid_request", "error_description": code},
    )
    assert wishes(place.world) == []


@pytest.mark.req("ARF-16")
def test_another_holders_key_does_not_withdraw(place: Place, receipt: Receipt) -> None:
    refused(place, withdraw(place.world, other_holder(receipt)))
    assert state_of(place, receipt) is ReceiptState.GIVEN


def test_unknown_is_answered_like_somebody_elses(place: Place, receipt: Receipt) -> None:
    unknown = receipt_card({**receipt.claims, "receipt_id": "never-given"})
    answers = [
        withdraw(place.world, one)
        for one in (unknown, other_holder(receipt), other_holder(unknown))
    ]
    for reply in answers:
        refused(place, reply)
    assert len({(reply.status_code, reply.text) for reply in answers}) == 1
    seen = [sorted(set(reply.headers) - {"date"}) for reply in answers]
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.req("VP-39")
def test_another_trusted_organisation_cannot_copy_a_number(place: Place, receipt: Receipt) -> None:
    refused(place, withdraw(place.world, receipt_card(receipt.claims, org="kela")))


def test_a_revoked_receipt_does_not_withdraw(place: Place, receipt: Receipt) -> None:
    place.world.status.statuses[9] = Status.INVALID
    refused(place, withdraw(place.world, receipt))


def test_a_replay_is_refused(place: Place, receipt: Receipt) -> None:
    told = invited(place.world, receipt)
    presentation = receipt.bound(place.world, audience=told["aud"], nonce=told["nonce"])
    assert post(place.world, receipt, presentation, "erasure").status_code == 200
    for request in ("erasure", "withdrawal"):
        reply = post(place.world, receipt, presentation, request)
        assert reply.json()["error_description"] == "invitation_over"
    assert len(wishes(place.world)) == 1
    assert state_of(place, receipt) is ReceiptState.ERASED


def test_a_nonce_that_is_over_is_refused(place: Place, receipt: Receipt) -> None:
    told = invited(place.world, receipt)
    place.world.clock.advance(seconds=LIFE.total_seconds())
    presentation = receipt.bound(place.world, audience=told["aud"], nonce=told["nonce"])
    refused(place, post(place.world, receipt, presentation), "invitation_over")


@pytest.mark.parametrize("nonce", ["x" * 53, "é" * 20, "", "AAAA", "own"])
def test_a_nonce_that_we_did_not_draw_is_refused(
    place: Place, receipt: Receipt, nonce: str
) -> None:
    if nonce == "own":  # well-formed, by somebody with another key
        drawn = Invitations(key=bytes(32), random=place.world.parts.verifications._random)
        nonce = drawn.draw(receipt.claims["verifier_id"], at=place.world.clock.now())
    refused(place, withdraw(place.world, receipt, nonce=nonce), "invitation_over")


def test_a_nonce_for_another_name_is_refused(place: Place, receipt: Receipt) -> None:
    random = place.world.parts.verifications._random
    key = demo_pki().keys.secret("verifier-sealing")
    drawn = Invitations(key=key, random=random)
    nonce = drawn.draw("x509_hash:" + "A" * 43, at=place.world.clock.now())
    refused(place, withdraw(place.world, receipt, nonce=nonce), "invitation_over")
    nonce = drawn.draw(receipt.claims["verifier_id"], at=place.world.clock.now())
    assert withdraw(place.world, receipt, nonce=nonce).status_code == 200, "it is the name"


def test_what_was_made_for_a_desk_never_withdraws(place: Place, receipt: Receipt) -> None:
    """The desk's own audience, even over a nonce for withdrawing."""
    refused(place, withdraw(place.world, receipt, audience=receipt.claims["verifier_id"]))
    asked = place.world.start()
    request = asked.fetch()
    presentation = receipt.bound(place.world, audience=request.client_id, nonce=request.nonce)
    refused(place, post(place.world, receipt, presentation), "invitation_over")


def test_what_was_made_for_withdrawing_is_worth_nothing_at_a_desk(
    place: Place, receipt: Receipt
) -> None:
    asked = place.world.start()
    request = asked.fetch()
    card = make_card(Order())
    chosen = select(parse(card.text), REQUIRED["self_assessment_result"])
    bent = bind(
        chosen,
        signer=card.holder,
        audience=invited(place.world, receipt)["aud"],
        nonce=request.nonce,
        at=place.world.clock.now(),
    )
    asked.send(request, bent)
    assert asked.verdict() == ("reject", "kb_audience_mismatch", "holder_binding")


def test_another_card_is_no_receipt(place: Place, receipt: Receipt) -> None:
    card = make_card(Order("statement_feedback"))
    wrong = Receipt(receipt.claims, card.text, card.holder)
    refused(place, withdraw(place.world, wrong))


def test_a_changed_or_unbound_receipt_is_refused(place: Place, receipt: Receipt) -> None:
    told = invited(place.world, receipt)
    good = receipt.bound(place.world, audience=told["aud"], nonce=told["nonce"])
    issuer_jwt, _, rest = good.partition("~")
    header, payload, signature = issuer_jwt.split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    content["receipt_id"] = "another"
    bent = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    for presentation in (
        f"{header}.{bent}.{signature}~{rest}",
        f"{issuer_jwt}~",
        "no.presentation~at.all",
        "x",
    ):
        refused(place, post(place.world, receipt, presentation))
    assert post(place.world, receipt, good).status_code == 200, "none of them used the nonce up"


def test_a_late_binding_is_refused(place: Place, receipt: Receipt) -> None:
    early = place.world.clock.now() - timedelta(hours=1)
    refused(place, withdraw(place.world, receipt, at=early))


@pytest.mark.parametrize(
    "form", [{}, {"vp_token": "a", "request": "all"}, {"request": "erasure"}, {"vp_token": ""}]
)
def test_another_form_is_refused(place: Place, receipt: Receipt, form: dict[str, str]) -> None:
    reply = place.world.post(path_of(receipt), data=form)
    assert reply.status_code in {400, 415}
    assert wishes(place.world) == []


@pytest.mark.parametrize("named", ["A" * 43, "x", "%00", "é"])
def test_nobody_is_invited_under_another_name(place: Place, named: str) -> None:
    path = f"/privacy/withdrawals/{named}"
    assert place.world.get(path).status_code == 404
    assert place.world.post(path, data={"vp_token": "x"}).status_code == 404


def test_nothing_of_it_is_in_the_log(
    place: Place, receipt: Receipt, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        withdraw(place.world, receipt, "erasure")
        withdraw(place.world, other_holder(receipt))
    assert receipt.claims["receipt_id"] not in caplog.text
    assert "tyollisyysalue" not in caplog.text


def test_withdrawing_after_erasure_still_leads_to_the_copy(place: Place) -> None:
    receipt = given(place, asked := place.accepted())
    place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/send/{asked.id}")
    place.deliver()
    assert withdraw(place.world, receipt, "erasure").json() == {"outcome": "asked"}
    assert withdraw(place.world, receipt).json() == {"outcome": "withdrawn"}
    place.outside.posted.clear()
    place.world.clock.advance(minutes=2)
    assert place.deliver() == 1
    assert [notice["request"] for _, notice, _ in place.outside.posted] == ["withdrawal"]
    (waiting,) = place.world.run(place.world.parts.client_side.given.to_see_to())
    assert (waiting.verification_id, waiting.state) == (asked.id, ReceiptState.WITHDRAWN)


def test_a_case_system_that_is_down_is_told_later(place: Place) -> None:
    asked = place.accepted()
    receipt = given(place, asked)
    place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/send/{asked.id}")
    place.deliver()
    withdraw(place.world, receipt)
    place.outside.answer = lambda _: Reply(503, "", {}, b"")
    place.world.clock.advance(minutes=2)
    assert place.deliver() == 0
    place.outside.answer = lambda _: Reply(204, "", {}, b"")
    place.world.clock.advance(minutes=1)
    assert place.deliver() == 1


@pytest.mark.slow
def test_it_all_holds_on_postgresql(tmp_path: Path) -> None:
    with running_postgres() as url:
        place = place_of(tmp_path, database=url, **SYSTEMS)
        try:
            receipt = given(place, asked := place.accepted())
            place.desk.open(f"/desk/outcome/{asked.id}")
            place.desk.submit(f"/desk/send/{asked.id}")
            place.deliver()
            told = invited(place.world, receipt)
            form = {
                "vp_token": receipt.bound(place.world, audience=told["aud"], nonce=told["nonce"])
            }
            path = path_of(receipt)
            calls = [lambda: place.world.client.post(path, data=form)] * 5
            said = sorted(reply.status_code for reply in place.world.all_at_once(calls))
            assert said == [200, *[400] * 4]
            assert state_of(place, receipt) is ReceiptState.WITHDRAWN
            assert len(wishes(place.world)) == 1
            given_ones = place.world.parts.client_side.given
            assert len(place.world.run(given_ones.to_see_to())) == 1
            report = {"report_id": "1", "reason": "pressed"}
            for _ in range(2):
                assert place.world.post("/privacy/reports", json=report).status_code == 204
            (counted,) = place.world.run(place.world.parts.client_side.reports.all())
            assert counted.number == 1
            assert place.world.post("/privacy/receipt").status_code == 200
            place.world.clock.advance(days=731)
            place.world.run(place.world.parts.client_side.chore())
            assert place.world.run(given_ones.to_see_to()) == []
        finally:
            place.world.run(place.desk.client.aclose())
            place.world.close()
