"""Answers: only the desk that asked can open them, and only what the holder signed comes out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.box import BoxKey, box
from keys.checks import BoxBroken
from openid4vc.checks import (
    CheckFailed,
    KbAudienceMismatch,
    KbMalformed,
    KbNonceMismatch,
    KbSignatureInvalid,
    KbStale,
)
from openid4vc.qr.answer import (
    MAX_AGE,
    SELF_INITIATED_AUDIENCE,
    ReadAnswer,
    challenge_tag,
    read_bound,
    read_self_initiated,
    tag_of,
    write_bound,
    write_self_initiated,
)
from openid4vc.qr.challenge import LIFE
from openid4vc.qr.compaction import compact
from openid4vc.qr.errors import (
    AnswerMalformed,
    AnswerToAnotherChallenge,
    CertificateNotHeld,
    ChallengeExpired,
    MessageOfAnotherKind,
    RawBytesMismatch,
    ReferenceDangling,
)
from openid4vc.qr.frames import Kind, Message
from openid4vc.qr.restoring import no_certificates
from openid4vc.sd_jwt.verify import verify
from tests.openid4vc.qr import kit

OTHER_NONCE = "another_nonce_of_128_bits"
OTHER_KEY = BoxKey.from_private_bytes(b"\x55" * 32)
INFO = f"kykylompakko-qr:1:bound-answer:{kit.NONCE}".encode()
KNOWN = (kit.NONCE, kit.challenge().client_id)


def opened(message: Message, **changes: Any) -> ReadAnswer:
    options: dict[str, Any] = {
        "challenge": kit.challenge(),
        "key": kit.BOX_KEY,
        "at": kit.AT,
        "certificates": kit.certificates().get,
        **changes,
    }
    return read_bound(message, **options)


def self_initiated() -> str:
    return kit.bound("te_service_need", audience=SELF_INITIATED_AUDIENCE)


@pytest.mark.req("DESK-01", "DESK-03")
@pytest.mark.parametrize("profile", kit.EVERYDAY)
@pytest.mark.parametrize("held", [frozenset(), kit.challenge().held])
def test_an_answer_is_opened_and_verified(profile: str, held: frozenset[bytes]) -> None:
    asked = kit.challenge(profile, held=held)
    text = kit.bound(profile, audience=asked.client_id)
    answer = opened(write_bound(text, challenge=asked), challenge=asked)
    assert answer.presentation == text
    verified = verify(answer.presentation, kit.expected(answer.key_binding))
    assert verified.status is not None
    assert verified.claims["family_name"] == "Mallikas"
    assert answer.key_binding.max_age == timedelta(seconds=60)


def test_a_desk_without_the_certificate_is_told_so() -> None:
    message = kit.answer_to(kit.challenge())
    with pytest.raises(CertificateNotHeld):
        opened(message, certificates=no_certificates)
    embedded = kit.challenge(held=frozenset())
    text = kit.bound(embedded.profile_id, audience=embedded.client_id)
    answer = opened(
        write_bound(text, challenge=embedded), challenge=embedded, certificates=no_certificates
    )
    assert answer.presentation == text


@pytest.mark.req("DESK-01")
def test_whoever_photographs_an_answer_learns_nothing() -> None:
    message = kit.answer_to(kit.challenge())
    for piece in (b"Mallikas", b"kykylompakko", b"statement"):
        assert piece not in message.body
    with pytest.raises(BoxBroken):
        opened(message, key=OTHER_KEY)
    again = kit.answer_to(kit.challenge())
    assert again.body[:4] == message.body[:4]
    assert again.body[4:] != message.body[4:]


@pytest.mark.req("DESK-01", "DESK-03")
def test_an_answer_to_another_challenge_is_refused() -> None:
    message = kit.answer_to(kit.challenge())
    later = kit.challenge(nonce=OTHER_NONCE)
    with pytest.raises(AnswerToAnotherChallenge):
        opened(message, challenge=later)
    assert tag_of(message) == challenge_tag(kit.challenge()) != challenge_tag(later)
    # The tag is only a name: whoever changes it gets no further.
    renamed = Message(Kind.BOUND_ANSWER, challenge_tag(later) + message.body[4:])
    with pytest.raises(BoxBroken):
        opened(renamed, challenge=later)
    # Nor does another desk that happens to use the same nonce.
    foreign = replace(kit.challenge(), client_id="x509_hash:" + "A" * 43)
    answer = opened(message, challenge=foreign)
    with pytest.raises(KbSignatureInvalid):
        verify(answer.presentation, kit.expected(answer.key_binding))


@pytest.mark.req("DESK-01", "DESK-03")
def test_a_presentation_made_for_somebody_else_is_refused_by_its_key_binding() -> None:
    asked = kit.challenge()
    for audience, nonce, failure in (
        (asked.client_id, OTHER_NONCE, KbNonceMismatch),
        (SELF_INITIATED_AUDIENCE, asked.nonce, KbAudienceMismatch),
    ):
        text = kit.bound(asked.profile_id, audience=audience, nonce=nonce)
        answer = opened(write_bound(text, challenge=asked))
        assert answer.presentation == text
        with pytest.raises(failure):
            verify(answer.presentation, kit.expected(answer.key_binding))


@pytest.mark.req("DESK-01")
def test_stale_answers_are_refused() -> None:
    asked = kit.challenge()
    message = kit.answer_to(asked)
    answer = opened(message, at=kit.AT + MAX_AGE)
    verify(answer.presentation, kit.expected(answer.key_binding))
    answer = opened(message, at=kit.AT + MAX_AGE + timedelta(seconds=1))
    with pytest.raises(KbStale):
        verify(answer.presentation, kit.expected(answer.key_binding))
    # Made in the challenge's last second, shown a little later.
    last = kit.answer_to(asked, at=kit.AT + LIFE)
    answer = opened(last, at=kit.AT + LIFE + MAX_AGE - timedelta(seconds=1))
    verify(answer.presentation, kit.expected(answer.key_binding))
    with pytest.raises(ChallengeExpired):
        opened(last, at=kit.AT + LIFE + MAX_AGE)


@pytest.mark.req("DESK-03")
def test_a_copied_answer_has_the_key_of_the_first() -> None:
    asked = kit.challenge()
    text = kit.bound(asked.profile_id, audience=asked.client_id)
    first, boxed_again = write_bound(text, challenge=asked), write_bound(text, challenge=asked)
    assert first.id != boxed_again.id
    assert opened(first).once_key == opened(boxed_again).once_key
    # The signature can be turned into another valid one; what was signed cannot.
    head, _, signature = text.rpartition(".")
    turned = write_bound(f"{head}.{'A' * len(signature)}", challenge=asked)
    assert opened(turned).once_key == opened(first).once_key
    another = kit.answer_to(asked, at=kit.AT + timedelta(seconds=1))
    assert opened(another).once_key != opened(first).once_key


@pytest.mark.req("DESK-03")
def test_a_self_initiated_answer_is_read_and_verified() -> None:
    text = self_initiated()
    for held in (frozenset(), frozenset(kit.certificates())):
        message = write_self_initiated(text, held=held)
        assert message.kind is Kind.SELF_INITIATED_ANSWER
        answer = read_self_initiated(message, at=kit.AT, certificates=kit.certificates().get)
        assert answer.presentation == text
        verify(answer.presentation, kit.expected(answer.key_binding))
        late = read_self_initiated(
            message, at=kit.AT + timedelta(seconds=61), certificates=kit.certificates().get
        )
        with pytest.raises(KbStale):
            verify(late.presentation, kit.expected(late.key_binding))
        assert late.once_key == answer.once_key


@pytest.mark.req("DESK-03")
def test_the_two_kinds_do_not_pass_for_each_other() -> None:
    asked = kit.challenge()
    bound = kit.answer_to(asked)
    own = write_self_initiated(self_initiated())
    with pytest.raises(MessageOfAnotherKind):
        opened(own)
    with pytest.raises(MessageOfAnotherKind):
        tag_of(own)
    with pytest.raises(MessageOfAnotherKind):
        read_self_initiated(bound, at=kit.AT)
    # What was signed for a desk is not taken as self-initiated, whoever sends it on.
    text = kit.bound(asked.profile_id, audience=asked.client_id)
    passed_on = read_self_initiated(write_self_initiated(text), at=kit.AT)
    with pytest.raises(KbAudienceMismatch):
        verify(passed_on.presentation, kit.expected(passed_on.key_binding))


@pytest.mark.parametrize("nonce", ["", "x"])
def test_a_self_initiated_answer_needs_a_nonce(nonce: str) -> None:
    text = kit.bound("te_service_need", audience=SELF_INITIATED_AUDIENCE, nonce=nonce)
    message = write_self_initiated(text)
    if nonce:
        assert read_self_initiated(message, at=kit.AT).key_binding.nonce == nonce
        return
    with pytest.raises(KbMalformed):
        read_self_initiated(message, at=kit.AT)


def test_every_flipped_bit_of_an_answer_is_refused() -> None:
    body = kit.answer_to(kit.challenge("te_benefit_coordination")).body
    for place in range(len(body) * 8):
        flipped = bytearray(body)
        flipped[place // 8] ^= 1 << place % 8
        failure = AnswerToAnotherChallenge if place < 32 else BoxBroken
        with pytest.raises(failure):
            opened(Message(Kind.BOUND_ANSWER, bytes(flipped)))


def test_flipped_bits_of_a_self_initiated_answer_are_refused() -> None:
    """By whoever verifies it, as there is no box around it. Every third bit, to save time."""
    text = kit.bound("te_benefit_coordination", audience=SELF_INITIATED_AUDIENCE)
    body = write_self_initiated(text, held=set(kit.certificates())).body
    unchanged = 0
    for place in range(0, len(body) * 8, 3):
        flipped = bytearray(body)
        flipped[place // 8] ^= 1 << place % 8
        try:
            answer = read_self_initiated(
                Message(Kind.SELF_INITIATED_ANSWER, bytes(flipped)),
                at=kit.AT,
                certificates=kit.certificates().get,
            )
            verify(answer.presentation, kit.expected(answer.key_binding))
        except CheckFailed:
            continue
        # Padding bits behind the deflated texts; the presentation is the very same.
        assert answer.presentation == text
        unchanged += 1
    assert unchanged < 8


@pytest.mark.parametrize("body", [b"\x00", b"\x00" * 4])
def test_bodies_too_short_for_an_answer(body: bytes) -> None:
    with pytest.raises(AnswerMalformed):
        opened(Message(Kind.BOUND_ANSWER, body))


@pytest.mark.parametrize("length", [1, 31, 32, 47, 48, 100])
def test_bytes_that_are_no_box(length: int) -> None:
    body = challenge_tag(kit.challenge()) + bytes(length)
    with pytest.raises(BoxBroken):
        opened(Message(Kind.BOUND_ANSWER, body))


def test_what_a_crafty_wallet_boxes_is_read_as_strictly_as_anything() -> None:
    packed = compact(kit.bound("te_service_need", audience=KNOWN[1]), known=KNOWN)
    missing = compact(kit.bound("te_service_need", audience="a"), known=("b", "c", "a"))
    for inside, failure in ((packed + b"x", RawBytesMismatch), (missing, ReferenceDangling)):
        boxed = box(kit.BOX_KEY.public_bytes, inside, info=INFO)
        with pytest.raises(failure):
            opened(Message(Kind.BOUND_ANSWER, challenge_tag(kit.challenge()) + boxed))


@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_raise_anything_but_a_check(body: bytes) -> None:
    tagged = challenge_tag(kit.challenge()) + body
    boxed = challenge_tag(kit.challenge()) + box(kit.BOX_KEY.public_bytes, body, info=INFO)
    for each in (body, tagged, boxed):
        with pytest.raises(CheckFailed):
            opened(Message(Kind.BOUND_ANSWER, each))
    with pytest.raises(CheckFailed):
        read_self_initiated(Message(Kind.SELF_INITIATED_ANSWER, body), at=kit.AT)
