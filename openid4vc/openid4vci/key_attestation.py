"""Key attestations: a wallet provider says how well the keys of a wallet are kept (VCI D)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from keys import strict_json
from keys.checks import CheckFailed, MalformedKey
from keys.jose import (
    key_from_jwk,
    public_jwk,
    sign_jws,
    thumbprint,
    verify_jws,
    x5c_from,
    x5c_header,
)
from keys.ports import Signer
from keys.x509 import LeafProfile, validate_chain
from openid4vc.checks import StatusReferenceMalformed
from openid4vc.openid4vci.errors import (
    ProofKeyNotAllowed,
    ProofKeyRepeated,
    ProofNonceMissing,
    TooManyProofs,
)
from openid4vc.openid4vci.key_errors import (
    KeyAttestationMalformed,
    KeyAttestationSignatureInvalid,
    KeyAttestationStale,
    KeyAttesterNotTrusted,
    KeyKeptTooWeakly,
)
from openid4vc.openid4vci.wallet_errors import MalformedMetadata
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.shapes import Shape

KEY_ATTESTATION_TYPE: Final = "key-attestation+jwt"
MAX_ATTESTATION_CHARS: Final = 16_384
MAX_NONCE_CHARS: Final = 1_024
MAX_KEYS: Final = 10
"""As many as copies may be asked for at once: each of them gets one."""

MAX_VALUES: Final = 16
MAX_AHEAD: Final = timedelta(seconds=60)
ATTACK_POTENTIALS: Final = (
    "iso_18045_high",
    "iso_18045_moderate",
    "iso_18045_enhanced-basic",
    "iso_18045_basic",
)
"""How hard a key storage or a user authentication is to break, the hardest first (D.2)."""

_ATTESTATION: Final = Shape(KeyAttestationMalformed)
_NONCE: Final = Shape(ProofNonceMissing)
_METADATA: Final = Shape(MalformedMetadata)


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """How keys have to be kept: one of the values each; nothing is asked where there are none."""

    key_storage: tuple[str, ...] = ()
    user_authentication: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyAttestationClaims:
    """What a wallet provider says of keys.

    Attributes:
        keys: public JWKs, of one key storage.
        lifetime: from now on.
        nonce: from the issuer's nonce endpoint.
        key_storage: what it withstands.
        user_authentication: what the person's sign-in to the keys withstands.
        key_storage_status: EUDI: `status` and `exp` of the key storage (TS3 2.2).
    """

    keys: Sequence[Mapping[str, str]]
    lifetime: timedelta
    nonce: str | None = None
    key_storage: Sequence[str] = ()
    user_authentication: Sequence[str] = ()
    key_storage_status: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class ReadKeyAttestation:
    """An attestation that holds, except that its nonce and status are for the issuer to judge.

    Attributes:
        jwks: the attested keys, public members only, all different, in their order.
        anchor: the wallet provider's authority.
        status: where the status of the key storage is kept, if it says.
    """

    jwks: tuple[Mapping[str, str], ...]
    nonce: str = field(repr=False)
    key_storage: tuple[str, ...]
    user_authentication: tuple[str, ...]
    anchor: x509.Certificate
    issued_at: datetime
    status: StatusReference | None = None


def make_key_attestation(claims: KeyAttestationClaims, *, signer: Signer, at: datetime) -> str:
    """Return a key attestation (D.1).

    Args:
        claims: what it says.
        signer: of the wallet provider, whose chain goes into `x5c`.
        at: now.
    """
    members: dict[str, object] = {
        "iat": int(at.timestamp()),
        "exp": int((at + claims.lifetime).timestamp()),
        "attested_keys": [dict(key) for key in claims.keys],
    }
    extra: dict[str, object] = {
        "nonce": claims.nonce,
        "key_storage": list(claims.key_storage),
        "user_authentication": list(claims.user_authentication),
        "key_storage_status": claims.key_storage_status,
    }
    members |= {name: value for name, value in extra.items() if value}
    header = {"typ": KEY_ATTESTATION_TYPE, "x5c": x5c_header(signer.certificate_chain)}
    return sign_jws(header, strict_json.dumps(members), signer)


def read_key_attestation(
    jwt: str, *, anchors: Sequence[x509.Certificate], at: datetime, with_jwt_proof: bool
) -> ReadKeyAttestation:
    """Read and check a key attestation (D.1, F.3, F.4).

    Left to the caller: whether the nonce is ours and fresh, what the status list says, and how
    well the keys have to be kept (`check_key_policy`). Deliberately unchecked: `iss`, which the
    chain says better, and `certification`, a link for people.

    Args:
        jwt: out of `proofs`, or out of the header of a key proof.
        anchors: authorities of the wallet providers that we trust.
        at: now.
        with_jwt_proof: it came in the header of a key proof, where `exp` is required.

    Raises:
        InvalidProof: one of its subclasses.
    """
    jws = _ATTESTATION.jws(jwt, max_chars=MAX_ATTESTATION_CHARS)
    claims = _ATTESTATION.claims(jws)
    # 1. A chain leads to a wallet provider that we trust
    try:
        chain = validate_chain(
            x5c_from(jws.header), anchors, at=at, profile=LeafProfile.WALLET_ATTESTATION_SIGNER
        )
    except CheckFailed as failure:
        raise KeyAttesterNotTrusted(failure.code) from None
    # 2. The right type, ES256, signed with its key
    try:
        verify_jws(jws, chain.public_key, typ=KEY_ATTESTATION_TYPE)
    except CheckFailed as failure:
        raise KeyAttestationSignatureInvalid(failure.code) from None
    # 3. In force
    issued_at = _check_times(claims, at, must_end=with_jwt_proof)
    return ReadKeyAttestation(
        jwks=_keys(claims.get("attested_keys")),
        nonce=_NONCE.text(claims.get("nonce"), "nonce", max_chars=MAX_NONCE_CHARS),
        key_storage=_values(claims, "key_storage"),
        user_authentication=_values(claims, "user_authentication"),
        anchor=chain.anchor,
        issued_at=issued_at,
        status=_status(claims),
    )


def check_key_policy(attestation: ReadKeyAttestation, policy: KeyPolicy) -> None:
    """Check that keys are kept as well as our metadata ask (D.2, 12.2.4).

    Raises:
        KeyKeptTooWeakly: no value that we accept is attested.
    """
    pairs = (
        ("key_storage", policy.key_storage, attestation.key_storage),
        ("user_authentication", policy.user_authentication, attestation.user_authentication),
    )
    for name, accepted, attested in pairs:
        if accepted and not set(accepted) & set(attested):
            raise KeyKeptTooWeakly(name)


def key_policy_json(policy: KeyPolicy) -> dict[str, object]:
    """Return `key_attestations_required` for the metadata, `{}` when any attestation does."""
    members = {
        "key_storage": list(policy.key_storage),
        "user_authentication": list(policy.user_authentication),
    }
    return {name: values for name, values in members.items() if values}


def read_key_policy(value: object) -> KeyPolicy:
    """Read `key_attestations_required` of the metadata (12.2.4).

    Raises:
        MalformedMetadata: no object, or a member that is no array with texts.
    """
    members = _METADATA.members(value, "key_attestations_required")
    found = {
        name: _METADATA.texts(members[name], name)
        for name in ("key_storage", "user_authentication")
        if name in members
    }
    return KeyPolicy(**found)


def _keys(value: object) -> tuple[Mapping[str, str], ...]:
    if isinstance(value, list) and len(value) > MAX_KEYS:
        raise TooManyProofs("more attested keys than batch_size")
    entries = _ATTESTATION.array(value, "attested_keys")
    try:
        keys = tuple(
            public_jwk(key_from_jwk(_ATTESTATION.members(one, "attested key"))) for one in entries
        )
    except MalformedKey as failure:
        raise ProofKeyNotAllowed(failure.detail) from None
    if len({thumbprint(key) for key in keys}) != len(keys):
        raise ProofKeyRepeated("one attested key twice")
    return keys


def _check_times(claims: Mapping[str, object], at: datetime, *, must_end: bool) -> datetime:
    issued_at = _ATTESTATION.instant(claims.get("iat"), "iat")
    if issued_at > at + MAX_AHEAD:
        raise KeyAttestationStale("iat lies ahead")
    if must_end or "exp" in claims:
        ends = _ATTESTATION.instant(claims.get("exp"), "exp")
        if ends + MAX_AHEAD <= at:
            raise KeyAttestationStale("exp has passed")
    return issued_at


def _values(claims: Mapping[str, object], name: str) -> tuple[str, ...]:
    if name not in claims:
        return ()
    return _ATTESTATION.texts(claims[name], name, max_items=MAX_VALUES)


def _status(claims: Mapping[str, object]) -> StatusReference | None:
    """Return where the status is kept: `key_storage_status` (TS3 2.2), or `status` (D.1)."""
    holder = claims
    if "key_storage_status" in claims:
        holder = _ATTESTATION.members(claims["key_storage_status"], "key_storage_status")
    try:
        return status_reference(holder)
    except StatusReferenceMalformed as failure:
        raise KeyAttestationMalformed(failure.code) from None
