"""The signed head: which record was the last, and its hash. It commits to every record before.

A head is a compact JWS of the organisation's access key, with a `typ` of its own so that nothing
else that this key signs can pass for one. Kept apart from the database, it tells later whether the
chain was cut off, rewritten or put back to an earlier state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from keys import strict_json
from keys.checks import CheckFailed
from keys.jose import (
    UnverifiedJws,
    b64url_decode,
    b64url_encode,
    parse_jws,
    sign_jws,
    verify_jws,
    x5c_from,
    x5c_header,
)
from keys.ports import Signer
from keys.x509 import LeafProfile, load_certificate, validate_chain
from verifier.usecases.evidence_record import FIRST_PREVIOUS, EvidenceUnreadable

TYPE: Final = "kyky-evidence-head+jwt"


class HeadNotTrusted(CheckFailed):
    """A head is not signed with a certificate that the reader goes by."""

    code: ClassVar[str] = "evidence_head_not_trusted"
    spec: ClassVar[str] = "Kykylompakko evidence chain: signed head"


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands: the number of its last record, 0 while it has none, and its hash."""

    sequence: int
    hash: bytes


EMPTY: Final = Head(0, FIRST_PREVIOUS)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head whose signature held; `signer` is the certificate's SHA-256, in hex."""

    head: Head
    signed_at: datetime
    signer: str


def sign_head(head: Head, *, signer: Signer, at: datetime) -> str:
    """Return a signed head.

    Args:
        head: where the chain stands.
        signer: the organisation's key, with its certificate.
        at: now; written in whole seconds.
    """
    content = {
        "sequence": head.sequence,
        "hash": b64url_encode(head.hash),
        "iat": int(at.timestamp()),
    }
    header = {"typ": TYPE, "x5c": x5c_header(signer.certificate_chain)}
    return sign_jws(header, strict_json.dumps(content), signer)


def read_head(text: str, *, trusted: Sequence[x509.Certificate]) -> SignedHead:
    """Check a signed head and return what it says.

    Args:
        text: the compact JWS.
        trusted: the organisation's certificates, or the authorities that issued them.

    Raises:
        HeadNotTrusted: signed by somebody else, or the signature does not hold.
        EvidenceUnreadable: it is no head.
    """
    try:
        jws = parse_jws(text.strip())
        chain = x5c_from(jws.header)
    except CheckFailed as failure:
        raise EvidenceUnreadable("head") from failure
    head, signed_at = _content(jws)
    try:
        # 1. The certificate is the organisation's, at the time of signing
        key = _trusted_key(chain, trusted, signed_at)
        # 2. It signed this, as a head
        verify_jws(jws, key, typ=TYPE)
    except CheckFailed as failure:
        raise HeadNotTrusted(failure.code) from failure
    return SignedHead(head, signed_at, sha256(chain[0]).hexdigest())


def _content(jws: UnverifiedJws) -> tuple[Head, datetime]:
    try:
        content = strict_json.loads_object(jws.payload)
        sequence, at = content["sequence"], content["iat"]
        digest = b64url_decode(str(content["hash"]))
        if type(sequence) is not int or type(at) is not int or len(digest) != len(FIRST_PREVIOUS):
            raise EvidenceUnreadable("head")
        return Head(sequence, digest), datetime.fromtimestamp(at, UTC)
    except (CheckFailed, KeyError, ValueError, OverflowError, OSError) as failure:
        raise EvidenceUnreadable("head") from failure


def _trusted_key(
    chain: Sequence[bytes], trusted: Sequence[x509.Certificate], at: datetime
) -> ec.EllipticCurvePublicKey:
    """Return the signer's key: its certificate is given, or was issued by one that is."""
    if chain[0] in {one.public_bytes(Encoding.DER) for one in trusted}:
        key = load_certificate(chain[0]).public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            return key
    return validate_chain(chain, tuple(trusted), at=at, profile=LeafProfile.ACCESS).public_key
