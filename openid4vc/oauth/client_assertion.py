"""Client assertions: a JWT by which a client shows who it is (RFC 7523 2.2 and 3)."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from keys.checks import CheckFailed, SignatureInvalid
from keys.jose import UnverifiedJws, verify_jws
from openid4vc.oauth.errors import (
    AssertionExpired,
    AssertionForSomebodyElse,
    AssertionLivesTooLong,
    AssertionMalformed,
    AssertionNotYetValid,
    AssertionOfSomebodyElse,
)
from openid4vc.shapes import Shape

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_ASSERTION_CHARS: Final = 8_192
MAX_CLIENT_ID_CHARS: Final = 64
MAX_JTI_CHARS: Final = 256
MAX_LIFETIME: Final = timedelta(minutes=5)
SKEW: Final = timedelta(seconds=60)
"""How far a client's clock may be off ours."""

_CLIENT_ID: Final = re.compile(r"[ -~]+", re.ASCII)  # VSCHAR (RFC 6749 A.1); stores take no NUL
_TYPES: Final = frozenset({None, "JWT", "client-authentication+jwt"})
_CLAIMS: Final = Shape(AssertionMalformed)


@dataclass(frozen=True, slots=True)
class UnverifiedAssertion:
    """An assertion that nobody has checked yet; `client_id` is who it says it is."""

    client_id: str
    jws: UnverifiedJws = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckedAssertion:
    """An assertion that holds, except that only the server's store knows whether it is new."""

    client_id: str
    jti: str = field(repr=False)
    expires_at: datetime


def parse_assertion(jwt: str) -> UnverifiedAssertion:
    """Take an assertion apart, to find out which client's keys to try.

    Raises:
        AssertionMalformed: no JWT, not signed with ES256 by what its header says, or of a client
            whose name is none.
        AssertionOfSomebodyElse: `iss` and `sub` differ.
    """
    jws = _CLAIMS.jws(jwt, max_chars=MAX_ASSERTION_CHARS)
    claims = _CLAIMS.claims(jws)
    client_id = _CLAIMS.text(claims.get("sub"), "sub", max_chars=MAX_CLIENT_ID_CHARS)
    if not _CLIENT_ID.fullmatch(client_id):
        raise AssertionMalformed("sub")
    if _CLAIMS.text(claims.get("iss"), "iss", max_chars=MAX_CLIENT_ID_CHARS) != client_id:
        raise AssertionOfSomebodyElse("iss differs from sub")
    return UnverifiedAssertion(client_id=client_id, jws=jws, claims=claims)


def is_signed_with(assertion: UnverifiedAssertion, key: ec.EllipticCurvePublicKey) -> bool:
    """Say whether a registered key made the assertion; keys that it names itself do not count.

    Deliberately unchecked: `kid`, for a client has two live keys at most and both are tried.

    Raises:
        AssertionMalformed: another algorithm than ES256, another `typ`, or a `crit` header.
    """
    typ = assertion.jws.header.get("typ")
    if not (typ is None or isinstance(typ, str)) or typ not in _TYPES:
        raise AssertionMalformed("typ")
    try:
        verify_jws(assertion.jws, key, typ=typ)
    except SignatureInvalid:
        return False
    except CheckFailed as failure:
        raise AssertionMalformed(failure.code) from None
    return True


def check_assertion(
    assertion: UnverifiedAssertion, *, audiences: Collection[str], at: datetime
) -> CheckedAssertion:
    """Check the claims of an assertion whose signature is right (RFC 7523 3).

    `exp` and `jti` must be there; `iat` and `nbf` are checked when they are. Every other claim is
    deliberately unchecked: RFC 7523 gives none a meaning.

    Args:
        assertion: one that `is_signed_with` a key of its client.
        audiences: our issuer identifier and token endpoint; the assertion names one, alone.
        at: now.

    Raises:
        AssertionMalformed, AssertionForSomebodyElse, AssertionExpired, AssertionLivesTooLong,
        AssertionNotYetValid: as they say.
    """
    claims = assertion.claims
    # 3. It is meant for us, and for nobody else
    if _audience(claims.get("aud")) not in audiences:
        raise AssertionForSomebodyElse("aud differs")
    # 4. It is not over, and will be soon
    expires_at = _CLAIMS.instant(claims.get("exp"), "exp")
    if at >= expires_at + SKEW:
        raise AssertionExpired("exp")
    if expires_at > at + MAX_LIFETIME + SKEW:
        raise AssertionLivesTooLong("exp")
    # 5. and 6. It has begun, and was made lately
    for name in ("nbf", "iat"):
        if name in claims and _CLAIMS.instant(claims[name], name) > at + SKEW:
            raise AssertionNotYetValid(name)
    if "iat" in claims and _CLAIMS.instant(claims["iat"], "iat") < at - MAX_LIFETIME - SKEW:
        raise AssertionLivesTooLong("iat")
    # 7. It can be told from others
    jti = _CLAIMS.text(claims.get("jti"), "jti", max_chars=MAX_JTI_CHARS)
    return CheckedAssertion(client_id=assertion.client_id, jti=jti, expires_at=expires_at)


def _audience(value: object) -> str:
    if isinstance(value, list):
        if len(value) != 1:
            raise AssertionForSomebodyElse("aud does not name one server")
        value = value[0]
    return _CLAIMS.text(value, "aud")
