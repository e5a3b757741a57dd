"""Issuer metadata as a signed JWT, beside the plain JSON (OpenID4VCI 1.0, 12.2.3; HAIP 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from keys import strict_json
from keys.jose import parse_jws, sign_jws, verify_jws, x5c_from, x5c_header
from keys.ports import Signer
from keys.trust import TrustedIssuer, TrustList
from keys.x509 import LeafProfile, validate_chain
from openid4vc.openid4vci.wallet_errors import (
    MetadataOfOtherIssuer,
    SignedMetadataMalformed,
    SignedMetadataStale,
)
from openid4vc.shapes import Shape

METADATA_TYPE: Final = "openidvci-issuer-metadata+jwt"
MEDIA_TYPE: Final = "application/jwt"
LIFETIME: Final = timedelta(days=1)
MAX_CHARS: Final = 1_048_576
MAX_AHEAD: Final = timedelta(seconds=60)

_JWT: Final = Shape(SignedMetadataMalformed)


@dataclass(frozen=True, slots=True)
class SignedMetadata:
    """Metadata whose signature holds, for `read_issuer_metadata` to read; and who signed them."""

    members: Mapping[str, object]
    signer: TrustedIssuer


def sign_metadata(metadata: Mapping[str, object], *, signer: Signer, at: datetime) -> str:
    """Return issuer metadata as a compact JWS; every parameter is a top-level claim (12.2.3).

    Args:
        metadata: what `issuer_metadata` gave.
        signer: a key whose chain, without the anchor, goes into `x5c`.
        at: now; the signature is good for `LIFETIME`.
    """
    claims = {
        **metadata,
        "sub": metadata["credential_issuer"],
        "iat": int(at.timestamp()),
        "exp": int((at + LIFETIME).timestamp()),
    }
    header = {"typ": METADATA_TYPE, "x5c": x5c_header(signer.certificate_chain)}
    return sign_jws(header, strict_json.dumps(claims), signer)


def read_signed_metadata(
    text: str, *, issuer: str, trust: TrustList, at: datetime
) -> SignedMetadata:
    """Check signed metadata; the signer's chain is resolved before the content is used (12.2.3).

    Deliberately unchecked: `iss`, which nobody has to send and the chain says better.

    Raises:
        CheckFailed: no JWS, or its chain leads to no issuing authority of the trust list, or its
            type, algorithm or signature is wrong; see `keys.jose` and `keys.x509`.
        SignedMetadataMalformed: the payload is no JSON object, or lacks `sub` or `iat`.
        MetadataOfOtherIssuer: `sub` is not exactly `issuer`.
        SignedMetadataStale: made ahead of our clock, or its `exp` has passed.
    """
    jws = parse_jws(text, max_chars=MAX_CHARS)
    # 1. The signer is on the trust list
    chain = validate_chain(
        x5c_from(jws.header),
        trust.issuing_anchors(),
        at=at,
        profile=LeafProfile.CREDENTIAL_SIGNER,
    )
    # 2. The type and the signature are right
    verify_jws(jws, chain.public_key, typ=METADATA_TYPE)
    members = _JWT.claims(jws, max_bytes=MAX_CHARS)
    # 3. They are about this issuer
    if _JWT.text(members.get("sub"), "sub") != issuer:
        raise MetadataOfOtherIssuer("sub differs")
    # 4. They are in force
    if _JWT.instant(members.get("iat"), "iat") > at + MAX_AHEAD:
        raise SignedMetadataStale("iat lies ahead")
    if "exp" in members and _JWT.instant(members.get("exp"), "exp") <= at:
        raise SignedMetadataStale("exp has passed")
    return SignedMetadata(members, trust.issuer_of(chain.anchor))
