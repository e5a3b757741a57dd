"""A code that a client shows unasked is looked at, once, and never confirms anything."""

from typing import Any

import pytest

from openid4vc.qr.answer import write_self_initiated
from openid4vc.qr.frames import write_frames
from openid4vc.status_list.bits import Status
from tests.verifier.codes import (
    SHOWN_ALONE,
    Phone,
    card_for,
    challenge_of,
    phone,
    phone_alone,
    scan,
)
from tests.verifier.world import REQUIRED, TYPE_OF, World, make_card
from tests.verifier.world import Order as CardOrder
from verifier.model import Outcome

PROFILE = "te_initial_interview"


def look(world: World, frames: tuple[str, ...], profile: str = PROFILE) -> dict[str, Any]:
    """Hand a code in for a profile and return what became of it."""
    reply = scan(world, frames, profile=profile)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()["verification"]
    return told


@pytest.mark.req("DESK-03")
@pytest.mark.parametrize("profile", SHOWN_ALONE)
def test_it_is_never_more_than_unconfirmed(world: World, profile: str) -> None:
    frames = phone_alone(profile).show_alone(at=world.clock.now())
    told = look(world, frames, profile)
    assert (told["outcome"], told["code"]) == ("cannot_confirm", "self_initiated")
    assert {one["result"] for one in told["checks"]} == {"passed"}
    (card,) = told["cards"]
    assert card["claims"].keys() == {path[0] for path in SHOWN_ALONE[profile]}
    (record,) = world.evidence()
    assert (record.outcome, record.code) == (Outcome.CANNOT_CONFIRM, "self_initiated")
    body = {"identity": "compared"}
    path = f"/api/v1/verifications/{told['id']}/identity"
    assert world.post(path, json=body, headers=world.bearer).status_code == 409


def test_the_result_key_opens_what_was_seen(world: World) -> None:
    frames = phone_alone().show_alone(at=world.clock.now())
    told = scan(world, frames, profile=PROFILE).json()
    headers = {**world.bearer, "Kyky-Result-Key": told["result_key"]}
    path = f"/api/v1/verifications/{told['verification']['id']}"
    assert world.get(path, headers=headers).json()["cards"] == told["verification"]["cards"]
    assert world.get(path, headers=world.bearer).json()["cards"] is None


def test_a_waiting_verification_may_be_shown_one_too(world: World) -> None:
    asked = world.start()
    frames = phone_alone().show_alone(at=world.clock.now())
    assert scan(world, frames, verification=asked.id).status_code == 200
    assert asked.verdict() == ("cannot_confirm", "self_initiated", None)
    # One step away: the desk's own challenge, in a verification of its own.
    again = world.start()
    frames = phone().answer(challenge_of(again), at=world.clock.now())
    scan(world, frames, verification=again.id)
    assert again.read()["state"] == "identity_pending"


@pytest.mark.req("DESK-03")
def test_health_data_are_not_kept_even_when_shown(world: World) -> None:
    """A wallet that breaks the rule and shows everything."""
    careless = Phone(card_for(PROFILE), REQUIRED[TYPE_OF[PROFILE]])
    told = look(world, careless.show_alone(at=world.clock.now()))
    assert told["outcome"] == "cannot_confirm"
    kind = world.parts.services.catalogue.types[TYPE_OF[PROFILE]]
    (card,) = told["cards"]
    assert card["claims"]
    assert {kind.claims[name].art9 for name in card["claims"]} == {"no"}


@pytest.mark.req("DESK-01", "DESK-03")
@pytest.mark.parametrize("seconds", [0, 30])
def test_a_second_showing_is_refused(world: World, seconds: int) -> None:
    shown = phone_alone()
    frames = shown.show_alone(at=world.clock.now())
    assert look(world, frames)["outcome"] == "cannot_confirm"
    world.clock.advance(seconds=seconds)
    told = look(world, frames)
    assert (told["outcome"], told["code"], told["cards"]) == ("reject", "replayed", None)
    assert told["checks"][0]["result"] == "failed"


@pytest.mark.req("DESK-01")
def test_packing_a_copy_anew_does_not_help(world: World) -> None:
    """The same presentation, its certificate by hash this time: another message, one answer."""
    text = phone_alone().presentation(
        audience="urn:kykylompakko:qr:self-initiated:1", nonce="n" * 22, at=world.clock.now()
    )
    first = write_frames(write_self_initiated(text))
    assert look(world, first)["outcome"] == "cannot_confirm"
    held = world.run(world.parts.services.scan._certificates.held())
    again = write_frames(write_self_initiated(text, held=held.keys()))
    assert len(again[0]) < len(first[0])
    assert look(world, again)["code"] == "replayed"


@pytest.mark.req("DESK-01")
def test_after_a_minute_it_is_stale(world: World) -> None:
    frames = phone_alone().show_alone(at=world.clock.now())
    world.clock.advance(seconds=61)
    told = look(world, frames)
    assert (told["outcome"], told["code"]) == ("reject", "kb_stale")


def test_nobody_uses_up_anothers_code(world: World) -> None:
    """A forged copy under the same key binding fails its checks, and the true one still counts."""
    true = phone_alone()
    at = world.clock.now()
    audience, nonce = "urn:kykylompakko:qr:self-initiated:1", "n" * 22
    text = true.presentation(audience=audience, nonce=nonce, at=at)
    head, _, signature = text.rpartition(".")
    forged = f"{head}.{'A' * len(signature)}"
    assert look(world, write_frames(write_self_initiated(forged)))["code"] == "kb_signature_invalid"
    assert look(world, write_frames(write_self_initiated(text)))["outcome"] == "cannot_confirm"


@pytest.mark.parametrize(
    ("status", "outcome", "code", "seen"),
    [
        (Status.INVALID, "reject", "revoked", False),
        (Status.SUSPENDED, "cannot_confirm", "suspended", True),
    ],
)
def test_what_is_wrong_with_the_card_is_still_found(
    world: World, status: Status, outcome: str, code: str, seen: bool
) -> None:
    world.status.statuses[7] = status
    told = look(world, phone_alone().show_alone(at=world.clock.now()))
    assert (told["outcome"], told["code"], told["cards"] is not None) == (outcome, code, seen)


def test_too_little_is_not_shown(world: World) -> None:
    little = Phone(card_for(PROFILE), (("given_name",),))
    told = look(world, little.show_alone(at=world.clock.now()))
    assert (told["outcome"], told["code"]) == ("not_shown", "query_not_satisfied")


def test_a_role_looks_for_its_own_tasks_only(world: World) -> None:
    frames = phone_alone().show_alone(at=world.clock.now())
    reply = scan(world, frames, profile="no_such_profile")
    assert (reply.status_code, reply.json()["code"]) == (403, "profile_not_allowed")
    assert world.evidence() == []


def test_an_answer_belongs_to_its_verification(world: World) -> None:
    asked = world.start()
    frames = phone().answer(challenge_of(asked), at=world.clock.now())
    reply = scan(world, frames, profile=PROFILE)
    assert (reply.status_code, reply.json()["code"]) == (400, "qr_message_of_another_kind")
    assert asked.read()["state"] == "requested"


def test_frames_are_missing_before_anything_is_made(world: World) -> None:
    frames = phone_alone().show_alone(at=world.clock.now(), total=2)
    reply = scan(world, frames[:1], profile=PROFILE)
    assert (reply.status_code, reply.json()["verification"]) == (202, None)


# Certificates --------------------------------------------------------------------------------


def test_a_certificate_once_seen_may_be_left_out(world: World) -> None:
    asked = world.start()
    first = challenge_of(asked)
    assert first.held == frozenset()
    embedded = phone().answer(first, at=world.clock.now())
    scan(world, embedded, verification=asked.id)
    again = world.start()
    challenge = challenge_of(again)
    assert len(challenge.held) == 1
    by_hash = phone().answer(challenge, at=world.clock.now())
    assert len(by_hash[0]) < len(embedded[0])
    scan(world, by_hash, verification=again.id)
    assert again.read()["state"] == "identity_pending"


def test_certificates_are_met_over_the_network_too(world: World) -> None:
    world.start().answer()
    assert len(challenge_of(world.start()).held) == 1


def test_a_certificate_of_nobody_trusted_is_not_kept(world: World) -> None:
    order = CardOrder(type_id="authority_decision", org="itsearviointi")
    world.start("te_benefit_coordination").answer(make_card(order))
    assert challenge_of(world.start()).held == frozenset()


def test_a_certificate_that_the_desk_lacks_is_asked_for(world: World) -> None:
    text = phone_alone().presentation(
        audience="urn:kykylompakko:qr:self-initiated:1", nonce="n" * 22, at=world.clock.now()
    )
    world.start().answer()
    held = world.run(world.parts.services.scan._certificates.held())
    frames = write_frames(write_self_initiated(text, held=held.keys()))
    world.run(world.parts.database.write(_forget))
    reply = scan(world, frames, profile=PROFILE)
    assert (reply.status_code, reply.json()["code"]) == (400, "qr_certificate_not_held")
    assert look(world, write_frames(write_self_initiated(text)))["outcome"] == "cannot_confirm"


def _forget(sql: Any) -> None:
    sql.exec_driver_sql("DELETE FROM certificates")
