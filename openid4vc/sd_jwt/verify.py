"""The checks of a credential in their order; the result is data, never a bare yes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec

from keys.jose import verify_jws
from keys.trust import TrustedIssuer, TrustList
from openid4vc import limits
from openid4vc.checks import StatusMissing
from openid4vc.sd_jwt import vc
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.key_binding import (
    ExpectedKeyBinding,
    check_key_binding,
    holder_jwk,
    refuse_key_binding,
)
from openid4vc.sd_jwt.model import DisclosedClaims, UnverifiedSdJwt, VerifiedSdJwt
from openid4vc.sd_jwt.parse import parse


class Step(StrEnum):
    """The steps of `verify`, in their order."""

    FORM = "form"
    ISSUER = "issuer_trusted_for_type"
    SIGNATURE = "issuer_signature"
    DISCLOSURES = "disclosures"
    DATES = "dates"
    KEY_BINDING = "key_binding"
    STATUS_REFERENCE = "status_reference"


@dataclass(frozen=True, slots=True)
class IssuersOnTrustList:
    """Take what an organisation on the trust list issued, of the types that it may issue."""

    trust: TrustList


@dataclass(frozen=True, slots=True)
class PinnedIssuerKey:
    """Take what this one key signed, of any type."""

    key: ec.EllipticCurvePublicKey


IssuerPolicy = IssuersOnTrustList | PinnedIssuerKey


@dataclass(frozen=True, slots=True)
class Expected:
    """What the receiver asks of a credential; nothing in the message can lower it.

    `key_binding` None means that no key binding is wanted (a wallet receiving a credential): one
    that comes along is refused (RFC 9901 7.2).
    """

    issuer: IssuerPolicy
    at: datetime
    key_binding: ExpectedKeyBinding | None
    leeway: timedelta = limits.LEEWAY
    require_exp: bool = True
    require_status: bool = False
    accept_vc_sd_jwt: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedPlain:
    """What the receiver asks of an SD-JWT that is no SD-JWT VC: its `typ` and issuer key."""

    issuer_key: ec.EllipticCurvePublicKey
    typ: str
    at: datetime
    key_binding: ExpectedKeyBinding | None
    leeway: timedelta = limits.LEEWAY
    require_exp: bool = True


def verify(
    text: str, expected: Expected, *, passed: Callable[[Step], None] = lambda _step: None
) -> VerifiedSdJwt:
    """Verify an SD-JWT VC, with or without key binding as expected.

    Args:
        text: the credential or presentation in compact form.
        expected: the receiver's policy.
        passed: told of each step as it is passed, so that a failure can be placed.

    Raises:
        CheckFailed: the first check that does not hold; the steps name the modules.
    """
    done: list[Step] = []

    def pass_(step: Step) -> None:
        done.append(step)
        passed(step)

    # 1. It is an SD-JWT VC by form and by its own word.
    sd_jwt = parse(text)
    vc.check_header(sd_jwt, accept_vc_sd_jwt=expected.accept_vc_sd_jwt)
    vct = vc.read_vct(sd_jwt.claims)
    pass_(Step.FORM)
    # 2. Its issuer is trusted for this type.
    issuer, key = _find_key(sd_jwt, expected)
    pass_(Step.ISSUER)
    # 3. The issuer signed it.
    vc.check_signature(sd_jwt, key)
    pass_(Step.SIGNATURE)
    # 4. Every disclosure belongs to a digest, and none holds what rules validity.
    disclosed = disclose(sd_jwt)
    vc.check_protected_claims(disclosed)
    pass_(Step.DISCLOSURES)
    # 5. It is in force.
    expires_at = vc.check_dates(
        disclosed.claims,
        at=expected.at,
        leeway=expected.leeway,
        require_exp=expected.require_exp,
    )
    pass_(Step.DATES)
    # 6. Its holder made this presentation, for us, now.
    jwk = _check_holder(sd_jwt, disclosed.claims, expected.key_binding)
    pass_(Step.KEY_BINDING)
    # 7. It says where its status is kept. The list itself is the caller's next check.
    status = vc.status_reference(disclosed.claims)
    if status is None and expected.require_status:
        raise StatusMissing
    pass_(Step.STATUS_REFERENCE)

    return VerifiedSdJwt(
        vct=vct,
        issuer=issuer,
        claims=disclosed.claims,
        disclosed=disclosed.disclosed,
        partial_arrays=disclosed.partial_arrays,
        partial_objects=disclosed.partial_objects,
        status=status,
        expires_at=expires_at,
        holder_jwk=jwk,
        checks=tuple(done),
        unchecked=_unchecked(disclosed.claims, expected.key_binding),
    )


def verify_plain(text: str, expected: ExpectedPlain) -> DisclosedClaims:
    """Verify an SD-JWT of another application by RFC 9901 alone.

    Raises:
        CheckFailed: the first check that does not hold.
    """
    sd_jwt = parse(text)
    # 7.1 step 2. The issuer signed it.
    verify_jws(sd_jwt.jws, expected.issuer_key, typ=expected.typ)
    # 7.1 steps 3 to 5. Every disclosure belongs to a digest.
    disclosed = disclose(sd_jwt)
    # 7.1 step 6. It is in force.
    vc.check_dates(
        disclosed.claims,
        at=expected.at,
        leeway=expected.leeway,
        require_exp=expected.require_exp,
    )
    # 7.3. Its holder made this presentation, for us, now.
    _check_holder(sd_jwt, disclosed.claims, expected.key_binding)
    return disclosed


def _find_key(
    sd_jwt: UnverifiedSdJwt, expected: Expected
) -> tuple[TrustedIssuer | None, ec.EllipticCurvePublicKey]:
    match expected.issuer:
        case IssuersOnTrustList(trust):
            found = vc.find_issuer(sd_jwt, trust=trust, at=expected.at)
            return found.issuer, found.key
        case PinnedIssuerKey(key):
            return None, key


def _check_holder(
    sd_jwt: UnverifiedSdJwt,
    claims: Mapping[str, object],
    key_binding: ExpectedKeyBinding | None,
) -> Mapping[str, object] | None:
    if key_binding is None:
        refuse_key_binding(sd_jwt)
        return holder_jwk(claims)
    vc.check_audience(claims, key_binding.audience)
    return check_key_binding(sd_jwt, claims, key_binding)


def _unchecked(
    claims: Mapping[str, object], key_binding: ExpectedKeyBinding | None
) -> frozenset[str]:
    unchecked = vc.UNCHECKED_CLAIMS if key_binding else vc.UNCHECKED_CLAIMS | {"aud"}
    return unchecked.intersection(claims)
