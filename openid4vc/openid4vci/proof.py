"""Key proofs of type `jwt` (OpenID4VCI 1.0, F.1 and F.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from keys import strict_json
from keys.checks import CheckFailed, MalformedKey
from keys.jose import (
    key_from_jwk,
    public_jwk,
    sign_jws,
    thumbprint,
    verify_jws,
)
from keys.ports import Signer
from openid4vc.openid4vci.errors import (
    MalformedProof,
    ProofForOtherIssuer,
    ProofKeyNotAllowed,
    ProofKeyRepeated,
    ProofNonceMissing,
    ProofOfOtherClient,
    ProofSignatureInvalid,
    ProofStale,
)
from openid4vc.openid4vci.key_attestation import MAX_ATTESTATION_CHARS, ReadKeyAttestation
from openid4vc.openid4vci.key_errors import KeyNotAttested
from openid4vc.shapes import Shape

PROOF_TYPE: Final = "openid4vci-proof+jwt"
MAX_PROOF_CHARS: Final = 8_192 + MAX_ATTESTATION_CHARS * 3 // 2
"""With a key attestation in the header, which is encoded once more there."""
MAX_NONCE_CHARS: Final = 1_024
MAX_AGE: Final = timedelta(minutes=5)
MAX_AHEAD: Final = timedelta(seconds=60)

_PROOF: Final = Shape(MalformedProof)
_NONCE: Final = Shape(ProofNonceMissing)
_KEY_HEADERS: Final = frozenset({"jwk", "kid", "x5c"})


@dataclass(frozen=True, slots=True)
class ReadProof:
    """A key proof that holds, except that its nonce is the caller's to judge.

    `jwk` has only the public members of the key that the credential is to be bound to.
    """

    jwk: Mapping[str, str]
    nonce: str = field(repr=False)
    issued_at: datetime


def make_proof(
    *,
    signer: Signer,
    issuer: str,
    nonce: str | None,
    at: datetime,
    key_attestation: str | None = None,
    client_id: str | None = None,
) -> str:
    """Return a key proof.

    Args:
        signer: the holder key that the credential is to be bound to.
        issuer: the credential issuer identifier, not its endpoint.
        nonce: from the nonce endpoint; None only when the issuer has none.
        at: now.
        key_attestation: of this key and maybe others, for the header.
        client_id: for `iss`; None for an anonymous wallet, which has to leave it out.
    """
    claims: dict[str, object] = {"aud": issuer, "iat": int(at.timestamp())}
    if nonce is not None:
        claims["nonce"] = nonce
    if client_id is not None:
        claims["iss"] = client_id
    header = {"typ": PROOF_TYPE, "jwk": public_jwk(signer.public_key)}
    if key_attestation is not None:
        header["key_attestation"] = key_attestation
    return sign_jws(header, strict_json.dumps(claims), signer)


def key_attestation_of(jwt: str) -> str | None:
    """Return the key attestation in the header of a key proof, to be read before the proof.

    Raises:
        MalformedProof: no JWT, or `key_attestation` is no text.
    """
    return _PROOF.optional_text(
        _PROOF.jws(jwt, max_chars=MAX_PROOF_CHARS).header.get("key_attestation"),
        "key_attestation",
        max_chars=MAX_ATTESTATION_CHARS,
    )


def read_proof(
    jwt: str,
    *,
    issuer: str,
    at: datetime,
    client_id: str | None = None,
    attestation: ReadKeyAttestation | None = None,
) -> ReadProof:
    """Read and check one key proof; each proof of a batch is checked by itself (F.4).

    Left to the caller: the nonce, which only the issuer's store can judge, and whether a
    `key_attestation` has to be in the header; without `attestation` it counts for nothing.

    Args:
        jwt: the proof as sent.
        issuer: our credential issuer identifier.
        at: now.
        client_id: the client of the access token, None for an anonymous one.
        attestation: the one in its header, checked; the proof has to be of an attested key.

    Raises:
        InvalidProof: one of its subclasses.
    """
    # 1. A JWT with exactly one key, public and P-256, in the header
    jws = _PROOF.jws(jwt, max_chars=MAX_PROOF_CHARS)
    jwk = _key(jws.header, attestation)
    # 2. The right type, ES256, signed with that key
    try:
        verify_jws(jws, key_from_jwk(jwk), typ=PROOF_TYPE)
    except CheckFailed as failure:
        raise ProofSignatureInvalid(failure.code) from None
    claims = _PROOF.claims(jws)
    # 3. For us, by this client
    if _PROOF.text(claims.get("aud"), "aud") != issuer:
        raise ProofForOtherIssuer("aud differs")
    if "iss" in claims and (client_id is None or claims["iss"] != client_id):
        raise ProofOfOtherClient("iss differs")
    # 4. Fresh, with a nonce
    issued_at = _PROOF.instant(claims.get("iat"), "iat")
    if not at - MAX_AGE <= issued_at <= at + MAX_AHEAD:
        raise ProofStale("iat")
    return ReadProof(
        jwk=jwk,
        nonce=_NONCE.text(claims.get("nonce"), "nonce", max_chars=MAX_NONCE_CHARS),
        issued_at=issued_at,
    )


def distinct_keys(proofs: Sequence[ReadProof]) -> tuple[Mapping[str, str], ...]:
    """Return the keys of a batch in the order of its proofs (3.3.2).

    Raises:
        ProofKeyRepeated: two copies would be bound to one key, and so linkable.
    """
    keys = tuple(proof.jwk for proof in proofs)
    if len({thumbprint(key) for key in keys}) != len(keys):
        raise ProofKeyRepeated("one key twice")
    return keys


def _key(header: Mapping[str, object], attestation: ReadKeyAttestation | None) -> Mapping[str, str]:
    named = _KEY_HEADERS.intersection(header)
    if attestation is not None and named == {"kid"}:
        return attestation.jwks[0]  # the key of the proof stands first there (TS3 2.2.2.2)
    if named != {"jwk"}:
        raise ProofKeyNotAllowed("not exactly one key, as jwk")
    jwk = _PROOF.members(header["jwk"], "jwk")
    try:
        key = public_jwk(key_from_jwk(jwk))
    except MalformedKey as failure:
        raise ProofKeyNotAllowed(failure.detail) from None
    if attestation is not None and key not in attestation.jwks:
        raise KeyNotAttested("jwk")
    return key
