"""Wallet attestations: a wallet provider vouches for a wallet, which proves that it is the one.

Two forms are taken: that of draft -07 of attestation-based client authentication, which OpenID4VCI
1.0 names and where both JWTs carry `iss`, and the newer one without. The sections cited are those
of -10.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from cryptography import x509

from keys.checks import CheckFailed, MalformedKey
from keys.jose import (
    key_from_jwk,
    public_jwk,
    thumbprint,
    verify_jws,
    x5c_from,
)
from keys.x509 import LeafProfile, validate_chain
from openid4vc.checks import StatusReferenceMalformed
from openid4vc.oauth.attestation_errors import (
    AttestationProofForOtherServer,
    AttestationProofMalformed,
    AttestationProofMissing,
    AttestationProofOfOtherClient,
    AttestationProofOfOtherKey,
    AttestationProofStale,
    ClientAttestationKeyNotAllowed,
    ClientAttestationLivesTooLong,
    ClientAttestationMalformed,
    ClientAttestationMissing,
    ClientAttestationNotYetValid,
    ClientAttestationRepeated,
    ClientAttestationSignatureInvalid,
    ClientAttestationStale,
    ClientAttesterNotTrusted,
    ClientIdDiffers,
)
from openid4vc.oauth.attesting import ATTESTATION_TYPE, POP_TYPE
from openid4vc.oauth.dpop import ReadDpop
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.shapes import Shape

MAX_ATTESTATION_CHARS: Final = 16_384
MAX_POP_CHARS: Final = 8_192
MAX_CLIENT_ID_CHARS: Final = 256
MAX_JTI_CHARS: Final = 256
MAX_CHALLENGE_CHARS: Final = 1_024
MAX_WALLET_NAME_CHARS: Final = 200
MAX_LIFETIME: Final = timedelta(hours=24)
"""In the EUDI ecosystem an attestation of a wallet lives shorter than this (TS3 2.2)."""

MAX_AGE: Final = timedelta(minutes=5)
SKEW: Final = timedelta(seconds=60)
"""A proof is to be remembered until `MAX_AGE` after its `iat`: later it is stale by itself."""

_CLIENT_ID: Final = re.compile(r"[ -~]+", re.ASCII)  # VSCHAR (RFC 6749 A.1)
_ATTESTATION: Final = Shape(ClientAttestationMalformed)
_PROOF: Final = Shape(AttestationProofMalformed)


@dataclass(frozen=True, slots=True)
class AttestationPolicy:
    """What an authorization server asks of attestations.

    Attributes:
        audience: its issuer identifier (RFC 8414).
        anchors: authorities of the wallet providers that it trusts.
        max_lifetime: an attestation lives shorter than this; None for however long.
    """

    audience: str
    anchors: Sequence[x509.Certificate]
    max_lifetime: timedelta | None = MAX_LIFETIME


@dataclass(frozen=True, slots=True)
class ReadAttestation:
    """Which wallet sent a request; its challenge and `pop_jti` are for the server to judge.

    Attributes:
        instance_thumbprint: SHA-256 of the instance's key (RFC 7638).
        anchor: the wallet provider's authority.
        pop_jti: names the proof: the `jti` of the PoP, or of the DPoP proof in combined mode.
        challenge: what the proof answers; the DPoP nonce in combined mode.
        issued_at: when the proof was made.
        status: where the instance's status is kept, if it says.
        is_combined: the DPoP proof is the proof of this, too (ABCA 5.2).
    """

    client_id: str
    instance_thumbprint: str
    wallet_name: str | None
    anchor: x509.Certificate
    pop_jti: str = field(repr=False)
    challenge: str | None = field(repr=False)
    issued_at: datetime
    status: StatusReference | None = None
    is_combined: bool = False


@dataclass(frozen=True, slots=True)
class _Attested:
    """An attestation that holds, still without a proof."""

    client_id: str
    jwk: Mapping[str, str]
    anchor: x509.Certificate
    claims: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Proved:
    jti: str
    challenge: str | None
    issued_at: datetime


def read_client_attestation(
    attestations: Sequence[str],
    pops: Sequence[str],
    *,
    policy: AttestationPolicy,
    at: datetime,
    client_id: str | None = None,
    dpop: ReadDpop | None = None,
) -> ReadAttestation:
    """Read and check which wallet sent a request (ABCA 7.1 to 7.3).

    Left to the caller: whether the challenge is ours and fresh, whether the `jti` is new, and
    what the status list says. Deliberately unchecked: the attestation's `iss`, which the chain says
    better, and `wallet_link`.

    Args:
        attestations: the values of every `OAuth-Client-Attestation` header.
        pops: the values of every `OAuth-Client-Attestation-PoP` header.
        policy: what we ask of attestations.
        at: now.
        client_id: what the request itself says, if it does.
        dpop: the request's DPoP proof, checked; the proof of this, too, when there is no PoP.

    Raises:
        ClientAttestationRefused: one of its subclasses.
    """
    # 1. Exactly one attestation, and one proof
    if not attestations:
        raise ClientAttestationMissing("no attestation")
    if len(attestations) > 1 or len(pops) > 1:
        raise ClientAttestationRepeated("more than one attestation or proof")
    # 2. A wallet provider that we trust vouches, now
    attested = _attested(attestations[0], policy, at)
    # 3. For the wallet that the request names
    if client_id is not None and client_id != attested.client_id:
        raise ClientIdDiffers("client_id")
    # 4. The sender is the wallet
    proved = _proved(pops[0], attested, policy.audience, at) if pops else _combined(dpop, attested)
    return ReadAttestation(
        client_id=attested.client_id,
        instance_thumbprint=thumbprint(attested.jwk),
        wallet_name=_ATTESTATION.optional_text(
            attested.claims.get("wallet_name"), "wallet_name", max_chars=MAX_WALLET_NAME_CHARS
        ),
        anchor=attested.anchor,
        pop_jti=proved.jti,
        challenge=proved.challenge,
        issued_at=proved.issued_at,
        status=_status(attested.claims),
        is_combined=not pops,
    )


def _attested(jwt: str, policy: AttestationPolicy, at: datetime) -> _Attested:
    """Check the attestation by itself (7.1)."""
    jws = _ATTESTATION.jws(jwt, max_chars=MAX_ATTESTATION_CHARS)
    claims = _ATTESTATION.claims(jws)
    # 1. A chain leads to a wallet provider that we trust
    try:
        chain = validate_chain(
            x5c_from(jws.header),
            policy.anchors,
            at=at,
            profile=LeafProfile.WALLET_ATTESTATION_SIGNER,
        )
    except CheckFailed as failure:
        raise ClientAttesterNotTrusted(failure.code) from None
    # 2. The right type, ES256, signed with its key
    try:
        verify_jws(jws, chain.public_key, typ=ATTESTATION_TYPE)
    except CheckFailed as failure:
        raise ClientAttestationSignatureInvalid(failure.code) from None
    # 3. About a wallet, with a key that is public
    client_id = _ATTESTATION.text(claims.get("sub"), "sub", max_chars=MAX_CLIENT_ID_CHARS)
    if not _CLIENT_ID.fullmatch(client_id):
        raise ClientAttestationMalformed("sub has a character not allowed")
    jwk = _instance_key(claims)
    # 4. In force, and not for long
    _check_times(claims, policy.max_lifetime, at)
    return _Attested(client_id=client_id, jwk=jwk, anchor=chain.anchor, claims=claims)


def _proved(jwt: str, attested: _Attested, audience: str, at: datetime) -> _Proved:
    """Check a PoP (7.2)."""
    jws = _PROOF.jws(jwt, max_chars=MAX_POP_CHARS)
    claims = _PROOF.claims(jws)
    # 1. The right type, ES256, signed with the key that was attested
    try:
        verify_jws(jws, key_from_jwk(attested.jwk), typ=POP_TYPE)
    except CheckFailed as failure:
        raise AttestationProofOfOtherKey(failure.code) from None
    # 2. For us, by the wallet that was attested
    named = claims.get("aud")
    if isinstance(named, list) and len(named) == 1:
        named = named[0]
    if _PROOF.text(named, "aud") != audience:
        raise AttestationProofForOtherServer("aud differs")
    if "iss" in claims and claims["iss"] != attested.client_id:
        raise AttestationProofOfOtherClient("iss differs")
    # 3. Made lately
    issued_at = _PROOF.instant(claims.get("iat"), "iat")
    if not at - MAX_AGE <= issued_at <= at + SKEW:
        raise AttestationProofStale("iat")
    if "nbf" in claims and _PROOF.instant(claims.get("nbf"), "nbf") > at + SKEW:
        raise AttestationProofStale("nbf")
    if "exp" in claims and _PROOF.instant(claims.get("exp"), "exp") + SKEW <= at:
        raise AttestationProofStale("exp")
    return _Proved(
        jti=_PROOF.text(claims.get("jti"), "jti", max_chars=MAX_JTI_CHARS),
        challenge=_PROOF.optional_text(
            claims.get("challenge"), "challenge", max_chars=MAX_CHALLENGE_CHARS
        ),
        issued_at=issued_at,
    )


def _combined(dpop: ReadDpop | None, attested: _Attested) -> _Proved:
    """Take the DPoP proof for the proof of the attestation, too (7.3)."""
    if dpop is None:
        raise AttestationProofMissing("neither PoP nor DPoP proof")
    if not compare_digest(dpop.thumbprint, thumbprint(attested.jwk)):
        raise AttestationProofOfOtherKey("the DPoP proof is of another key")
    return _Proved(jti=dpop.jti, challenge=dpop.nonce, issued_at=dpop.issued_at)


def _instance_key(claims: Mapping[str, object]) -> dict[str, str]:
    confirmation = _ATTESTATION.members(claims.get("cnf"), "cnf")
    jwk = _ATTESTATION.members(confirmation.get("jwk"), "jwk")
    try:
        return public_jwk(key_from_jwk(jwk))
    except MalformedKey as failure:
        raise ClientAttestationKeyNotAllowed(failure.detail) from None


def _check_times(
    claims: Mapping[str, object], max_lifetime: timedelta | None, at: datetime
) -> None:
    ends = _ATTESTATION.instant(claims.get("exp"), "exp")
    given = [name for name in ("iat", "nbf") if name in claims]
    begins = [_ATTESTATION.instant(claims[name], name) for name in given]
    if any(one > at + SKEW for one in begins):
        raise ClientAttestationNotYetValid("iat or nbf")
    if ends + SKEW <= at:
        raise ClientAttestationStale("exp has passed")
    if max_lifetime is not None and ends - min([*begins, at]) >= max_lifetime:
        raise ClientAttestationLivesTooLong("exp")


def _status(claims: Mapping[str, object]) -> StatusReference | None:
    """Return where the status is kept: in `client_status` (TS3 2.2), or as OpenID4VCI E has it."""
    holder = claims
    if "client_status" in claims:
        holder = _ATTESTATION.members(claims["client_status"], "client_status")
    try:
        return status_reference(holder)
    except StatusReferenceMalformed as failure:
        raise ClientAttestationMalformed(failure.code) from None
