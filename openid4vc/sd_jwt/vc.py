"""What SD-JWT VC asks beyond SD-JWT: type, issuer, dates, protected claims, status."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from keys.checks import ChainMissing
from keys.jose import protected_header, verify_jws, x5c_from, x5c_header
from keys.ports import Signer
from keys.trust import TrustedIssuer, TrustList
from keys.x509 import LeafProfile, validate_chain
from openid4vc import limits
from openid4vc.checks import (
    ClaimNotOurs,
    CredentialExpired,
    CredentialForSomebodyElse,
    CredentialNotYetValid,
    CredentialWrongType,
    ExpiryMissing,
    IssuerNotInForce,
    IssuerNotTrustedForType,
    MalformedDate,
    OtherTypesMalformed,
    ProtectedClaimDisclosed,
    StatusReferenceMalformed,
    ValidityNotPositive,
    VctMissing,
)
from openid4vc.sd_jwt.issue import HIDDEN, WHOLE, issue
from openid4vc.sd_jwt.model import DisclosedClaims, Path, StatusReference, UnverifiedSdJwt

TYPE: Final = "dc+sd-jwt"
OLD_TYPE: Final = "vc+sd-jwt"

PROTECTED_CLAIMS: Final = frozenset(
    {"iss", "aud", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"}
)
"""Never behind a disclosure (SD-JWT VC 2.2.2.3, RFC 9901 9.7)."""

UNCHECKED_CLAIMS: Final = frozenset({"iss", "sub", "jti", "vct#integrity"})
"""Registered claims that nothing here looks at, on purpose: the issuer is whom its certificate
names, so `iss` adds nothing; `sub` and `jti` are the issuer's own handles; `vct#integrity` is for
whoever reads type metadata, as the wallet does."""

_WRITTEN_BY_US: Final = PROTECTED_CLAIMS | {"iat"}


@dataclass(frozen=True, slots=True)
class VcContent:
    """What a credential is to say.

    `issuer` is a URL, `vct_integrity` tells the bytes that describe the type (SD-JWT VC 6). Of
    `claims`, the subject's, the top-level names in `always` stay in clear, those in `whole` are
    hidden in one piece, and all others with each of their elements or members hidden again.
    `issued_on` and `expires_at` are cut to midnight UTC: no two credentials are linked by a time.
    """

    vct: str
    issuer: str
    claims: Mapping[str, object]
    always: frozenset[str]
    issued_on: date
    expires_at: datetime
    holder_jwk: Mapping[str, object] | None = None
    status: StatusReference | None = None
    whole: frozenset[str] = frozenset()
    vct_integrity: str | None = None


class FoundIssuer(Struct, frozen=True):
    """Whose credential it is, the key to verify it with, and the chain (DER) that says so."""

    issuer: TrustedIssuer
    key: ec.EllipticCurvePublicKey
    chain: tuple[bytes, ...]


def issue_vc(content: VcContent, *, signer: Signer, random_bytes: Callable[[int], bytes]) -> str:
    """Return a signed SD-JWT VC with all its disclosures, ending in a tilde.

    Args:
        content: what it says.
        signer: the credential signer; its chain goes into `x5c` without the anchor (HAIP 6.1.1).
        random_bytes: gives so many bytes from the system's random source, for the salts.

    Raises:
        ClaimNotOurs: `claims` holds one that we write ourselves, such as `exp`.
        ValidityNotPositive: after rounding it would end before it begins.
        ChainMissing: the signer has no certificates.
        CheckFailed: see `openid4vc.sd_jwt.issue`.
    """
    if not _WRITTEN_BY_US.isdisjoint(content.claims):
        raise ClaimNotOurs
    if not signer.certificate_chain:
        raise ChainMissing("signer has no chain")
    issued_on = content.issued_on
    begins = datetime(issued_on.year, issued_on.month, issued_on.day, tzinfo=UTC)
    ends = content.expires_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if ends <= begins:
        raise ValidityNotPositive
    claims: dict[str, object] = {
        "iss": content.issuer,
        "vct": content.vct,
        "iat": int(begins.timestamp()),
        "exp": int(ends.timestamp()),
    }
    if content.vct_integrity is not None:
        claims["vct#integrity"] = content.vct_integrity
    if content.holder_jwk is not None:
        claims["cnf"] = {"jwk": dict(content.holder_jwk)}
    if content.status is not None:
        claims["status"] = {"status_list": {"idx": content.status.index, "uri": content.status.uri}}
    return issue(
        {**claims, **content.claims},
        hide=_hide(content.always, content.whole),
        header=_header(signer.certificate_chain),
        signer=signer,
        random_bytes=random_bytes,
    )


@lru_cache(maxsize=256)
def _hide(always: frozenset[str], whole: frozenset[str]) -> Callable[[Path], int]:
    """Return what decides the same way for all credentials of a type."""
    how: dict[str | int, int] = dict.fromkeys(whole, HIDDEN | WHOLE)
    how |= dict.fromkeys(always | _WRITTEN_BY_US, WHOLE)
    return lambda place: how.get(place[0], HIDDEN) if len(place) == 1 else HIDDEN | WHOLE


@lru_cache(maxsize=256)
def _header(chain: tuple[bytes, ...]) -> str:
    """Return the header of a signer's credentials, which is the same in each of them."""
    return protected_header({"typ": TYPE, "x5c": x5c_header(chain)})


def check_header(sd_jwt: UnverifiedSdJwt, *, accept_vc_sd_jwt: bool = False) -> None:
    """Check that it says it is an SD-JWT VC (SD-JWT VC 2.2.1).

    Args:
        sd_jwt: the credential.
        accept_vc_sd_jwt: also take the `typ` of drafts before 2024-11.

    Raises:
        CredentialWrongType: another `typ`.
    """
    typ = sd_jwt.jws.header.get("typ")
    if typ != TYPE and not (accept_vc_sd_jwt and typ == OLD_TYPE):
        raise CredentialWrongType


def read_vct(claims: Mapping[str, object]) -> str:
    """Return `vct`; what `aka_vcts` adds is checked for form, and proves nothing.

    Raises:
        VctMissing: no `vct`, or not a non-empty string (SD-JWT VC 2.2.2.1).
        OtherTypesMalformed: `aka_vcts` is no non-empty array of other names (2.2.2.2).
    """
    vct = claims.get("vct")
    if not isinstance(vct, str) or not vct:
        raise VctMissing
    if "aka_vcts" in claims:
        others = claims["aka_vcts"]
        if not isinstance(others, list) or not others or vct in others:
            raise OtherTypesMalformed
        if not all(isinstance(other, str) and other for other in others):
            raise OtherTypesMalformed
    return vct


def find_issuer(sd_jwt: UnverifiedSdJwt, *, trust: TrustList, at: datetime) -> FoundIssuer:
    """Find the organisation that may have issued this, and its key; the signature comes later.

    Raises:
        ChainMissing, ChainNotTrusted, ...: the `x5c` chain leads to no issuing CA of the list, or
            breaks the profile of a credential signer (SD-JWT VC 2.5); see `keys.x509`.
        VctMissing, OtherTypesMalformed: as `read_vct`.
        IssuerNotTrustedForType: that organisation may not issue this type (SD-JWT VC 7.7).
        IssuerNotInForce: its entry has not begun, or was closed before this was issued.
        MalformedDate: `iat` of a credential of an organisation that has closed.
    """
    chain = x5c_from(sd_jwt.jws.header)
    validated = validate_chain(
        chain, trust.issuing_anchors(), at=at, profile=LeafProfile.CREDENTIAL_SIGNER
    )
    issuer = trust.issuer_of(validated.anchor)
    if read_vct(sd_jwt.claims) not in issuer.vcts:
        raise IssuerNotTrustedForType(issuer.id)
    _check_in_force(issuer, sd_jwt.claims, at)
    return FoundIssuer(issuer, validated.public_key, chain)


def _check_in_force(issuer: TrustedIssuer, claims: Mapping[str, object], at: datetime) -> None:
    if at < issuer.valid_from:
        raise IssuerNotInForce(issuer.id)
    if issuer.closed_on is not None:
        issued_at = _seconds(claims, "iat")
        issued = at if issued_at is None else datetime.fromtimestamp(issued_at, UTC)
        if issued.date() > issuer.closed_on:
            raise IssuerNotInForce(issuer.id)


def check_signature(sd_jwt: UnverifiedSdJwt, key: ec.EllipticCurvePublicKey) -> None:
    """Check the issuer's signature (RFC 9901 7.1 step 2); `check_header` has seen the `typ`.

    Raises:
        SignatureInvalid, AlgorithmNotAllowed, CriticalHeaderNotUnderstood: see `keys.jose`.
    """
    typ = OLD_TYPE if sd_jwt.jws.header.get("typ") == OLD_TYPE else TYPE
    verify_jws(sd_jwt.jws, key, typ=typ)


def check_protected_claims(disclosed: DisclosedClaims) -> None:
    """Check that nothing that rules validity was left to choice (SD-JWT VC 2.2.2.3).

    Single entries of an `aud` array may be (RFC 9901 9.7).

    Raises:
        ProtectedClaimDisclosed: one of `PROTECTED_CLAIMS`, or a part of one.
    """
    for place in disclosed.disclosed:
        if place[0] in PROTECTED_CLAIMS and not (place[0] == "aud" and len(place) > 1):
            raise ProtectedClaimDisclosed


def check_dates(
    claims: Mapping[str, object],
    *,
    at: datetime,
    leeway: timedelta = limits.LEEWAY,
    require_exp: bool = True,
) -> datetime | None:
    """Check `exp`, `nbf` and `iat` of the processed payload (RFC 9901 7.1 step 6).

    Args:
        claims: the processed payload.
        at: now.
        leeway: how far ahead of our clock `nbf` and `iat` may lie; `exp` gets none.
        require_exp: whether a credential without an end is refused.

    Returns:
        When the credential ends (UTC), None without `exp`.

    Raises:
        MalformedDate: one of them is no NumericDate.
        ExpiryMissing: no `exp`, and it is required.
        CredentialExpired: `exp` has come.
        CredentialNotYetValid: `nbf` or `iat` lies ahead by more than the leeway.
    """
    now = at.timestamp()
    ends = _seconds(claims, "exp")
    if ends is None and require_exp:
        raise ExpiryMissing
    if ends is not None and now >= ends:
        raise CredentialExpired
    latest = now + leeway.total_seconds()
    for name in ("nbf", "iat"):
        begins = _seconds(claims, name)
        if begins is not None and latest < begins:
            raise CredentialNotYetValid(name)
    return None if ends is None else datetime.fromtimestamp(ends, UTC)


def check_audience(claims: Mapping[str, object], audience: str) -> None:
    """Check that a credential with an `aud` of its own names this receiver.

    Raises:
        CredentialForSomebodyElse: it does not.
    """
    if "aud" not in claims:
        return
    named = claims["aud"]
    if audience not in (named if isinstance(named, list) else [named]):
        raise CredentialForSomebodyElse


def status_reference(claims: Mapping[str, object]) -> StatusReference | None:
    """Return where the credential's status is kept, None without `status` (TSL 6.2, HAIP 6.1).

    Raises:
        StatusReferenceMalformed: `status` without a well-formed `status_list`.
    """
    if "status" not in claims:
        return None
    status = claims["status"]
    entry = status.get("status_list") if isinstance(status, dict) else None
    if not isinstance(entry, dict):
        raise StatusReferenceMalformed
    index, uri = entry.get("idx"), entry.get("uri")
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise StatusReferenceMalformed("idx")
    if not isinstance(uri, str) or not 0 < len(uri) <= limits.MAX_URI_CHARS:
        raise StatusReferenceMalformed("uri")
    return StatusReference(uri, index)


def _seconds(claims: Mapping[str, object], name: str) -> float | None:
    if name not in claims:
        return None
    seconds = limits.numeric_date(claims[name])
    if seconds is None:
        raise MalformedDate(name)
    return seconds
