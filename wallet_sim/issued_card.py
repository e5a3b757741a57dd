"""The checks of a credential that an issuer sent, before it may enter the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from credential_schemas.model import Catalogue, CredentialType
from credential_schemas.problems import ClaimsRejected
from keys.jose import public_jwk, thumbprint
from keys.software_signer import SoftwareSigner
from keys.trust import TrustedIssuer, TrustList
from openid4vc.checks import HolderKeyMissing
from openid4vc.sd_jwt.vc import PROTECTED_CLAIMS
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from wallet_sim.flow_failures import (
    ContentNotAsDefined,
    IssuerAnswerUnclear,
    NotBoundToOurKey,
    TypeNotAsOffered,
)

WRITTEN_BY_ISSUERS = PROTECTED_CLAIMS | {"iat", "sub", "jti"}
"""Members of a credential that are not about the person."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the wallet asked the issuer for: a type, bound to this key; further copies to `more`."""

    type: CredentialType
    holder: SoftwareSigner
    more: tuple[SoftwareSigner, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCard:
    """A verified credential that has not been stored yet.

    ``claims`` are those about the person, in clear. ``spares`` are its further copies.
    """

    type: CredentialType
    issuer: TrustedIssuer
    claims: Mapping[str, object]
    sd_jwt: str = field(repr=False)
    holder: SoftwareSigner = field(repr=False)
    expires_at: datetime | None
    spares: tuple["IssuedCard", ...] = ()


def check_issued(
    text: str, asked: Asked, *, trust: TrustList, catalogue: Catalogue, at: datetime
) -> IssuedCard:
    """Check a credential as it came (SD-JWT VC 2.5, RFC 9901 7.1 and 7.2).

    Raises:
        TypeNotAsOffered, HolderKeyMissing, NotBoundToOurKey, ContentNotAsDefined: see the classes.
        CheckFailed: what ``openid4vc.sd_jwt.verify`` finds.
    """
    # 1. Issuer on the trust list for this type, signature, disclosures, dates; no key binding JWT.
    expected = Expected(issuer=IssuersOnTrustList(trust), at=at, key_binding=None)
    verified = verify(text, expected)
    if verified.issuer is None:
        raise IssuerAnswerUnclear("no issuer")
    # 2. It is of the type that was offered.
    if verified.vct != asked.type.vct:
        raise TypeNotAsOffered
    # 3. It is bound to the key that we made for it.
    if verified.holder_jwk is None:
        raise HolderKeyMissing
    if thumbprint(verified.holder_jwk) != thumbprint(public_jwk(asked.holder.public_key)):
        raise NotBoundToOurKey
    # 4. It says what its type may say, and nothing else.
    claims = {n: value for n, value in verified.claims.items() if n not in WRITTEN_BY_ISSUERS}
    credential_type = catalogue.types[asked.type.id]
    try:
        # whose personal identity codes are real is for the issuer to judge
        credential_type.check_claims(claims, allow_real_identity_codes=True)
    except ClaimsRejected as rejected:
        raise ContentNotAsDefined(f"{len(rejected.problems)} problems") from None
    return IssuedCard(
        type=credential_type,
        issuer=verified.issuer,
        claims=claims,
        sd_jwt=text,
        holder=asked.holder,
        expires_at=verified.expires_at,
    )
