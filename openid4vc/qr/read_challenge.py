"""The challenge as the wallet reads it: first who asks, then what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from keys import strict_json
from keys.checks import MalformedJws
from keys.jose import UnverifiedJws, b64url_decode, b64url_encode, parse_jws, verify_jws
from keys.trust import RelyingParty, TrustList
from keys.x509 import LeafProfile, organisation_identifier, validate_chain
from openid4vc.limits import numeric_date
from openid4vc.qr.challenge import (
    CERTIFICATE_FOLLOWS,
    HASH_FOLLOWS,
    LIFE,
    PREFIX_BYTES,
    SCHEME,
    TYPE,
    Challenge,
    x509_hash,
)
from openid4vc.qr.errors import (
    CertificateNotHeld,
    ChallengeCertificateMismatch,
    ChallengeExpired,
    ChallengeFromFuture,
    ChallengeLivesTooLong,
    ChallengeMalformed,
    ChallengerUnknown,
    MessageOfAnotherKind,
    NotAChallenge,
)
from openid4vc.qr.frames import Kind, read_single
from openid4vc.qr.packed import inflate
from openid4vc.qr.restoring import CertificateLookup, Restorer, no_certificates
from openid4vc.qr.tokens import MAX_CERTIFICATE_BYTES, NUMBER_BYTES

MAX_AHEAD: Final = timedelta(seconds=60)
_HASH_BYTES: Final = 32
_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class TrustedChallenge:
    """A challenge of a registered receiver.

    Attributes:
        challenge: what is asked.
        relying_party: who asks, as the trust list names them. Whether one of its roles may use
            the profile is the caller's to check, as with a request over the network.
        certificate: the desk's certificate in DER, to be kept for challenges that do not embed it.
    """

    challenge: Challenge
    relying_party: RelyingParty
    certificate: bytes


def read_challenge(
    link: str,
    *,
    trust: TrustList,
    at: datetime,
    certificates: CertificateLookup = no_certificates,
) -> TrustedChallenge:
    """Read a scanned challenge link. Nothing may be shown to the desk when this fails.

    Args:
        link: the text of the QR code.
        trust: access anchors and registered relying parties.
        at: now, by the wallet's clock.
        certificates: finds access certificates from earlier meetings by their SHA-256.

    Raises:
        NotAChallenge, MessageOfAnotherKind: some other QR code.
        CheckFailed: of `frames`, `numeric` and `compaction`: a damaged or crafted one.
        CertificateNotHeld: it came by its hash, and the wallet does not have it.
        MalformedCertificate, ChainNotTrusted, CertificateExpired and others of `keys.x509`.
        MalformedJws, WrongTokenType, AlgorithmNotAllowed, SignatureInvalid and others of `keys`.
        ChallengeCertificateMismatch: the header or `client_id` names another certificate.
        ChallengerUnknown: a trusted certificate of nobody who is registered.
        ChallengeMalformed: a claim is missing or has another shape.
        ChallengeExpired, ChallengeFromFuture, ChallengeLivesTooLong: its dates.
    """
    # 1. A challenge of ours, with the certificate or its hash
    certificate, jws = _jws_of(_body(link), certificates)
    # 2. Signed, as a challenge, by the holder of a trusted access certificate
    chain = validate_chain((certificate,), trust.access_anchors, at=at, profile=LeafProfile.ACCESS)
    verify_jws(jws, chain.public_key, typ=TYPE)
    # 3. The signed header and the client identifier name that very certificate
    claims = strict_json.loads_object(jws.payload)
    if x509_hash(certificate) != claims.get("client_id"):
        raise ChallengeCertificateMismatch("client_id")
    if jws.header.get("x5t#S256") != b64url_encode(sha256(certificate).digest()):
        raise ChallengeCertificateMismatch("x5t#S256")
    # 4. Its holder is a registered receiver
    identifier = organisation_identifier(chain.leaf)
    relying_party = None if identifier is None else trust.relying_party(identifier)
    if relying_party is None:
        raise ChallengerUnknown("not on the list of relying parties")
    # 5. It asks something that we understand, and is still alive
    challenge = _challenge(claims)
    _check_lifetime(challenge, at)
    return TrustedChallenge(challenge, relying_party, certificate)


def _body(link: str) -> bytes:
    text = link.strip()
    if text[: len(SCHEME)].lower() != SCHEME:
        raise NotAChallenge("scheme")
    message = read_single(text[len(SCHEME) :])
    if message.kind is not Kind.CHALLENGE:
        raise MessageOfAnotherKind("an answer")
    return message.body


def _jws_of(body: bytes, certificates: CertificateLookup) -> tuple[bytes, UnverifiedJws]:
    certificate, packed = _certificate(body, certificates)
    thumbprint = b64url_encode(sha256(certificate).digest())
    restorer = Restorer(packed, known=(thumbprint,), certificates=no_certificates)
    text = f"{restorer.json()}.{restorer.json()}.{restorer.signature()}"
    restorer.finish()
    return certificate, parse_jws(text)


def _certificate(body: bytes, certificates: CertificateLookup) -> tuple[bytes, bytes]:
    """Return the certificate and what follows it."""
    how, rest = body[:1], body[1:]
    if how == HASH_FOLLOWS:
        digest = rest[:_HASH_BYTES]
        der = certificates(digest)
        if der is None or sha256(der).digest() != digest:
            raise CertificateNotHeld("access certificate")
        return der, rest[_HASH_BYTES:]
    if how != CERTIFICATE_FOLLOWS:
        raise ChallengeMalformed("certificate")
    ends = NUMBER_BYTES + int.from_bytes(rest[:NUMBER_BYTES], "big")
    der = inflate(rest[NUMBER_BYTES:ends], max_bytes=MAX_CERTIFICATE_BYTES)
    return der, rest[ends:]


def _challenge(claims: Mapping[str, object]) -> Challenge:
    held = _bytes(claims.get("held", ""), "held")
    return Challenge(
        client_id=_text(claims.get("client_id"), "client_id"),
        profile_id=_text(claims.get("profile"), "profile"),
        nonce=_text(claims.get("nonce"), "nonce"),
        public_key=_public_key(claims.get("jwk")),
        issued_at=_time(claims.get("iat"), "iat"),
        expires_at=_time(claims.get("exp"), "exp"),
        held=frozenset(
            held[place : place + PREFIX_BYTES] for place in range(0, len(held), PREFIX_BYTES)
        ),
    )


def _public_key(jwk: object) -> bytes:
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", "X25519"):
        raise ChallengeMalformed("jwk is no X25519 key")
    if "d" in jwk:
        raise ChallengeMalformed("jwk is private")
    return _bytes(jwk.get("x"), "jwk")


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ChallengeMalformed(f"{what} is no text")
    return value


def _bytes(value: object, what: str) -> bytes:
    try:
        return b64url_decode(_text(value, what))
    except MalformedJws:
        raise ChallengeMalformed(f"{what} is no base64url") from None


def _time(value: object, what: str) -> datetime:
    seconds = numeric_date(value)
    if seconds is None:
        raise ChallengeMalformed(f"{what} is no date")
    return datetime.fromtimestamp(seconds, UTC)


def _check_lifetime(challenge: Challenge, at: datetime) -> None:
    if not timedelta(0) < challenge.expires_at - challenge.issued_at <= LIFE:
        raise ChallengeLivesTooLong("life")
    if challenge.issued_at > at + MAX_AHEAD:
        raise ChallengeFromFuture("iat")
    if at >= challenge.expires_at:
        raise ChallengeExpired("exp")
