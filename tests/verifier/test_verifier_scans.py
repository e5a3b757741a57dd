"""A client's wallet has no network: challenges, and answers in QR codes that are accepted."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select

from openid4vc.qr.answer import write_bound
from openid4vc.qr.challenge import SCHEME
from openid4vc.qr.frames import Kind, Message, read_single, write_frames
from tests.verifier.codes import challenge_link, challenge_of, phone, scan
from tests.verifier.world import REQUIRED, TYPE_OF, World
from verifier.adapters.tables import challenges
from verifier.model import Outcome, State

QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))

PROFILE = "te_initial_interview"


def code_of(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


# The challenge -------------------------------------------------------------------------------


@pytest.mark.req("DESK-01", "DESK-03")
def test_a_challenge_is_what_a_careful_wallet_expects(world: World) -> None:
    asked = world.start()
    challenge = challenge_of(asked)
    assert challenge.profile_id == PROFILE
    assert challenge.expires_at - challenge.issued_at == timedelta(minutes=2)
    assert challenge.client_id == asked.started["client_id"]
    assert asked.read()["state"] == "requested"


def test_the_challenge_is_drawn_as_it_is_told(world: World) -> None:
    asked = world.start()
    told = challenge_link(asked)
    picture = world.get(told["qr_png"], headers=world.bearer)
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.content)), formats=QR_ONLY)
    assert found.text == told["link"]
    assert told["link"].startswith(SCHEME)
    svg = world.get(told["qr_svg"], headers=world.bearer)
    assert svg.headers["content-type"] == "image/svg+xml"
    # Version 25 is the most that the format allows itself: 117 modules and the quiet zone.
    assert Image.open(BytesIO(picture.content)).width <= 8 * (117 + 8)


def test_one_challenge_is_shown_for_a_while_then_a_new_one(world: World) -> None:
    asked = world.start()
    first = challenge_link(asked)
    world.clock.advance(seconds=89)
    assert challenge_link(asked) == first
    world.clock.advance(seconds=1)
    second = challenge_link(asked)
    assert second["link"] != first["link"]
    assert second["expires_at"] > first["expires_at"]


def test_new_challenges_end_with_the_request(world: World) -> None:
    asked = world.start()
    world.clock.advance(minutes=4, seconds=59)
    challenge = challenge_of(asked)
    world.clock.advance(seconds=91)
    path = f"/api/v1/verifications/{asked.id}/challenge"
    assert code_of(world.get(path, headers=world.bearer)) == (410, "request_over")
    # The last one is still answered, as long as its own time and a minute.
    assert (
        scan(
            world, phone().answer(challenge, at=world.clock.now()), verification=asked.id
        ).status_code
        == 200
    )
    assert asked.read()["state"] == "identity_pending"


def test_only_its_desk_gets_a_challenge_and_only_while_it_is_open(world: World) -> None:
    asked = world.start()
    path = f"/api/v1/verifications/{asked.id}/challenge"
    other = {"Authorization": f"Bearer {world.new_key()}"}
    assert world.get(path).status_code == 401
    assert code_of(world.get(path, headers=other)) == (404, "verification_unknown")
    asked.answer()
    assert code_of(world.get(path, headers=world.bearer)) == (410, "request_over")


def test_the_private_key_is_sealed_and_forgotten(world: World) -> None:
    asked = world.start()
    nonce = challenge_of(asked).nonce
    assert nonce.encode() not in world.bytes_on_disk()
    assert len(_challenges(world)) == 1
    world.clock.advance(minutes=3)
    world.run(world.parts.sweep())
    assert _challenges(world) == []


def _challenges(world: World) -> list[Any]:
    return world.run(world.parts.database.read(lambda sql: list(sql.execute(select(challenges)))))


# Bound answers -------------------------------------------------------------------------------


@pytest.mark.req("DESK-01", "DESK-03")
@pytest.mark.parametrize("profile", TYPE_OF)
def test_an_answer_to_the_challenge_is_accepted(world: World, profile: str) -> None:
    asked = world.start(profile)
    frames = phone(profile).answer(challenge_of(asked), at=world.clock.now())
    reply = scan(world, frames, verification=asked.id)
    assert reply.status_code == 200
    told = reply.json()
    assert (told["complete"], told["seen"], told["missing"]) == (True, 1, [])
    assert told["result_key"] is None
    assert told["verification"]["state"] == "identity_pending"
    assert asked.identity().status_code == 200
    state = asked.read()
    assert state["outcome"] == "accept"
    assert {one["result"] for one in state["checks"]} == {"passed"}
    (card,) = state["cards"]
    assert {path[0] for path in REQUIRED[TYPE_OF[profile]]} <= card["claims"].keys()
    (record,) = world.evidence()
    assert (record.outcome, record.ended) == (Outcome.ACCEPT, State.DECIDED)
    assert _challenges(world) == []


@pytest.mark.req("DESK-01")
def test_an_answer_counts_once(world: World) -> None:
    asked = world.start()
    frames = phone().answer(challenge_of(asked), at=world.clock.now())
    assert scan(world, frames, verification=asked.id).status_code == 200
    assert code_of(scan(world, frames, verification=asked.id)) == (400, "replayed")
    assert asked.read()["state"] == "identity_pending"
    asked.identity()
    codes = [record.code for record in world.evidence()]
    assert sorted(codes, key=str) == [None, "replayed"]


@pytest.mark.req("DESK-01")
def test_a_copied_answer_opens_nothing_in_the_next_verification(world: World) -> None:
    first, second = world.start(), world.start()
    frames = phone().answer(challenge_of(first), at=world.clock.now())
    challenge_of(second)
    for _ in range(2):
        refused = code_of(scan(world, frames, verification=second.id))
        assert refused == (400, "qr_answer_to_another_challenge")
    assert second.read()["state"] == "requested"
    assert scan(world, frames, verification=first.id).status_code == 200


def test_an_answer_packed_anew_for_the_next_challenge_is_refused(world: World) -> None:
    """Somebody takes the presentation that a client made, and boxes it to another challenge."""
    first, second = world.start(), world.start()
    one, other = challenge_of(first), challenge_of(second)
    text = phone().presentation(audience=one.client_id, nonce=one.nonce, at=world.clock.now())
    frames = write_frames(write_bound(text, challenge=other))
    assert scan(world, frames, verification=second.id).status_code == 200
    assert second.verdict() == ("reject", "kb_nonce_mismatch", "holder_binding")


def test_an_answer_to_another_desk_is_refused(world: World) -> None:
    asked = world.start()
    challenge = challenge_of(asked)
    elsewhere = replace(challenge, client_id="x509_hash:" + "A" * 43)
    text = phone().presentation(
        audience=elsewhere.client_id, nonce=challenge.nonce, at=world.clock.now()
    )
    frames = write_frames(write_bound(text, challenge=challenge))
    scan(world, frames, verification=asked.id)
    assert asked.verdict() == ("reject", "kb_audience_mismatch", "holder_binding")


@pytest.mark.req("DESK-01")
def test_a_stale_answer_is_refused(world: World) -> None:
    asked = world.start()
    frames = phone().answer(challenge_of(asked), at=world.clock.now())
    world.clock.advance(seconds=61)
    assert scan(world, frames, verification=asked.id).status_code == 200
    assert asked.verdict() == ("reject", "kb_stale", "holder_binding")


def test_an_earlier_challenge_stays_answerable_until_a_minute_after_its_end(world: World) -> None:
    asked = world.start()
    challenge = challenge_of(asked)
    world.clock.advance(seconds=179)
    challenge_of(asked)
    frames = phone().answer(challenge, at=world.clock.now())
    assert scan(world, frames, verification=asked.id).status_code == 200
    assert asked.read()["state"] == "identity_pending"


def test_a_challenge_that_is_over_takes_no_answer(world: World) -> None:
    asked = world.start()
    challenge = challenge_of(asked)
    world.clock.advance(seconds=100)
    challenge_of(asked)
    world.clock.advance(seconds=80)
    frames = phone().answer(challenge, at=world.clock.now())
    refused = scan(world, frames, verification=asked.id)
    assert code_of(refused) == (410, "qr_challenge_expired")
    world.run(world.parts.sweep())
    refused = scan(world, frames, verification=asked.id)
    assert code_of(refused) == (400, "qr_answer_to_another_challenge")
    assert asked.read()["state"] == "requested"


@pytest.mark.req("DESK-02")
def test_a_photographed_answer_opens_for_nobody_else(world: World, tmp_path_factory: Any) -> None:
    asked = world.start()
    frames = phone().answer(challenge_of(asked), at=world.clock.now())
    other = World(tmp_path_factory.mktemp("other"))
    try:
        theirs = other.start()
        challenge_of(theirs)
        refused = code_of(scan(other, frames, verification=theirs.id))
        assert refused == (400, "qr_answer_to_another_challenge")
        # Even under the tag of a challenge of theirs the box does not open.
        tag = _tag(phone().answer(challenge_of(theirs), at=other.clock.now())[0])
        body = tag + _body(frames[0])[4:]
        forged = write_frames(Message(Kind.BOUND_ANSWER, body))
        assert code_of(scan(other, forged, verification=theirs.id)) == (400, "box_broken")
        assert theirs.read()["state"] == "requested"
    finally:
        other.close()


def _body(frame: str) -> bytes:
    return read_single(frame).body


def _tag(frame: str) -> bytes:
    return _body(frame)[:4]
