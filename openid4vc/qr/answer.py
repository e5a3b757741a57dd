"""Answers: one SD-JWT with key binding, boxed to a challenge's key or self-initiated in clear."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from keys.box import BoxKey, box, unbox
from keys.checks import ChainMissing, MalformedJws
from keys.jose import x5c_from
from openid4vc.checks import KbMalformed, KeyBindingMissing
from openid4vc.qr.challenge import PREFIX_BYTES, Challenge
from openid4vc.qr.compaction import compact, restore
from openid4vc.qr.errors import (
    AnswerMalformed,
    AnswerToAnotherChallenge,
    ChallengeExpired,
    MessageOfAnotherKind,
)
from openid4vc.qr.frames import VERSION, Kind, Message
from openid4vc.qr.restoring import CertificateLookup, no_certificates
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding
from openid4vc.sd_jwt.parse import parse

SELF_INITIATED_AUDIENCE: Final = "urn:kykylompakko:qr:self-initiated:1"
MAX_AGE: Final = timedelta(seconds=60)
"""How old the key binding of an answer may be when it is read."""
TAG_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """An answer whose presentation can now be verified; nothing in it has been.

    Attributes:
        presentation: the very text that the wallet signed, for `openid4vc.sd_jwt.verify`.
        key_binding: what its key binding has to say, for the same.
        once_key: 32 bytes to key a one-time store on, once the presentation has been verified:
            SHA-256 of what the holder signed. Unlike the message id it stays the same when
            somebody copies the answer and packs it in another way.
    """

    presentation: str
    key_binding: ExpectedKeyBinding
    once_key: bytes


def challenge_tag(challenge: Challenge) -> bytes:
    """Return the 4 bytes by which an answer names its challenge, so that a desk finds it."""
    return sha256(challenge.nonce.encode("ascii")).digest()[:TAG_BYTES]


def tag_of(message: Message) -> bytes:
    """Return the tag of the challenge that a bound answer was made for.

    Raises:
        MessageOfAnotherKind: it is no bound answer.
        AnswerMalformed: it is too short for one.
    """
    _check_kind(message, Kind.BOUND_ANSWER)
    if len(message.body) <= TAG_BYTES:
        raise AnswerMalformed("too short")
    return message.body[:TAG_BYTES]


def write_bound(presentation: str, *, challenge: Challenge) -> Message:
    """Make the answer to a challenge; only the desk that showed it can open it.

    Args:
        presentation: an SD-JWT bound by `sd_jwt.key_binding.bind` to the challenge's `client_id`
            and `nonce`.
        challenge: as `read_challenge` returned it.

    Raises:
        KeyBindingMissing, CompactTooLarge and others of `compact`.
        MalformedKey: the challenge's key is of small order.
    """
    packed = compact(
        presentation, known=_known(challenge), held=_held(presentation, challenge.held)
    )
    boxed = box(challenge.public_key, packed, info=_info(challenge))
    return Message(Kind.BOUND_ANSWER, challenge_tag(challenge) + boxed)


def read_bound(
    message: Message,
    *,
    challenge: Challenge,
    key: BoxKey,
    at: datetime,
    certificates: CertificateLookup = no_certificates,
) -> ReadAnswer:
    """Open the answer to a challenge.

    Args:
        message: from a `FrameCollector`.
        challenge: as this desk showed it.
        key: the private half of the challenge's key.
        at: now, by the desk's clock.
        certificates: finds held issuers' certificates by their SHA-256.

    Raises:
        MessageOfAnotherKind, AnswerMalformed: no bound answer.
        AnswerToAnotherChallenge: its tag names another challenge.
        ChallengeExpired: the challenge, and the age that an answer may have, are over.
        BoxBroken: made for another key or challenge, or changed.
        CertificateNotHeld: the issuer's certificate came by a hash that this desk does not hold.
        CheckFailed: of `compaction.restore`: the wallet wrote something else.
    """
    # 1. It names this challenge, which is still open
    if not compare_digest(tag_of(message), challenge_tag(challenge)):
        raise AnswerToAnotherChallenge("tag")
    if at >= challenge.expires_at + MAX_AGE:
        raise ChallengeExpired("at the desk")
    # 2. It was made for this challenge's key and nonce
    packed = unbox(key, message.body[TAG_BYTES:], info=_info(challenge))
    # 3. The exact text comes back
    text = restore(packed, known=_known(challenge), certificates=certificates)
    expected = ExpectedKeyBinding(challenge.client_id, challenge.nonce, at, max_age=MAX_AGE)
    return ReadAnswer(text, expected, _once_key(text))


def write_self_initiated(presentation: str, *, held: Collection[bytes] = ()) -> Message:
    """Make an answer to nobody's challenge. It is not encrypted: never with health data.

    Args:
        presentation: an SD-JWT bound by `sd_jwt.key_binding.bind` to `SELF_INITIATED_AUDIENCE`
            and a fresh nonce of the wallet.
        held: SHA-256 of the certificates that desks are known to hold.

    Raises:
        KeyBindingMissing, CompactTooLarge and others of `compact`.
    """
    return Message(Kind.SELF_INITIATED_ANSWER, compact(presentation, held=held))


def read_self_initiated(
    message: Message, *, at: datetime, certificates: CertificateLookup = no_certificates
) -> ReadAnswer:
    """Read an answer that a wallet showed by itself.

    Its nonce is the wallet's own, so nothing in it tells a copy from the first showing: the
    caller keeps `once_key` for longer than `MAX_AGE`, and confirms nothing by such an answer.

    Args:
        message: from a `FrameCollector`.
        at: now, by the desk's clock.
        certificates: finds held issuers' certificates by their SHA-256.

    Raises:
        MessageOfAnotherKind: no self-initiated answer.
        KbMalformed: its key binding has no nonce.
        CertificateNotHeld, CheckFailed: as `read_bound`.
    """
    _check_kind(message, Kind.SELF_INITIATED_ANSWER)
    text = restore(message.body, certificates=certificates)
    key_binding = parse(text).key_binding
    if key_binding is None:
        raise KeyBindingMissing
    nonce = key_binding.claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise KbMalformed("nonce")
    expected = ExpectedKeyBinding(SELF_INITIATED_AUDIENCE, nonce, at, max_age=MAX_AGE)
    return ReadAnswer(text, expected, _once_key(text))


def _check_kind(message: Message, kind: Kind) -> None:
    if message.kind is not kind:
        raise MessageOfAnotherKind("kind")


def _info(challenge: Challenge) -> bytes:
    return f"kykylompakko-qr:{VERSION}:bound-answer:{challenge.nonce}".encode("ascii")


def _known(challenge: Challenge) -> tuple[str, str]:
    return challenge.nonce, challenge.client_id


def _held(presentation: str, prefixes: Collection[bytes]) -> frozenset[bytes]:
    try:
        chain = x5c_from(parse(presentation).jws.header)
    except (ChainMissing, MalformedJws):
        return frozenset()
    digests = (sha256(certificate).digest() for certificate in chain)
    return frozenset(digest for digest in digests if digest[:PREFIX_BYTES] in prefixes)


def _once_key(text: str) -> bytes:
    key_binding_jwt = text[text.rindex("~") + 1 :]
    return sha256(key_binding_jwt[: key_binding_jwt.rindex(".")].encode("ascii")).digest()
