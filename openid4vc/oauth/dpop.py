"""DPoP proofs: whoever sends a request holds a key (RFC 9449)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from urllib.parse import SplitResult, urlsplit

from keys import strict_json
from keys.checks import CheckFailed, MalformedKey
from keys.jose import (
    b64url_encode,
    key_from_jwk,
    public_jwk,
    sign_jws,
    thumbprint,
    verify_jws,
)
from keys.ports import Signer
from openid4vc.oauth.dpop_errors import (
    DpopForOtherRequest,
    DpopForOtherToken,
    DpopKeyNotAllowed,
    DpopMalformed,
    DpopMissing,
    DpopRepeated,
    DpopSignatureInvalid,
    DpopStale,
)
from openid4vc.shapes import Shape

PROOF_TYPE: Final = "dpop+jwt"
TOKEN_TYPE: Final = "DPoP"  # noqa: S105 - an OAuth word, no secret
MAX_PROOF_CHARS: Final = 8_192
MAX_JTI_CHARS: Final = 256
MAX_NONCE_CHARS: Final = 1_024
MAX_AGE: Final = timedelta(minutes=5)
MAX_AHEAD: Final = timedelta(seconds=60)
"""A proof is to be remembered until `MAX_AGE` after its `iat`: later it is stale by itself."""

_PROOF: Final = Shape(DpopMalformed)
_PORTS: Final = {"https": 443, "http": 80}
_ESCAPED: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProvedCall:
    """What a proof is made for.

    Attributes:
        method: of the request, such as `POST`.
        url: of the request; query and fragment are left out of the proof.
        nonce: the newest that this server gave.
        access_token: the one that goes with the request, at resource endpoints.
    """

    method: str
    url: str
    nonce: str | None = None
    access_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ReadDpop:
    """A proof that holds, except that its nonce and its `jti` are for the server's store to judge.

    `jwk` has only the public members of the key, `thumbprint` is its SHA-256 (RFC 7638).
    """

    jwk: Mapping[str, str]
    thumbprint: str
    jti: str = field(repr=False)
    nonce: str | None = field(repr=False)
    issued_at: datetime


def make_dpop_proof(call: ProvedCall, *, signer: Signer, jti: str, at: datetime) -> str:
    """Return a DPoP proof, for a `DPoP` header (RFC 9449 4.2).

    Args:
        call: the request that it is for.
        signer: the key that holds the token, or is to hold it.
        jti: a fresh random name, never used before.
        at: now.
    """
    claims: dict[str, object] = {
        "jti": jti,
        "htm": call.method,
        "htu": urlsplit(call.url)._replace(query="", fragment="").geturl(),
        "iat": int(at.timestamp()),
    }
    if call.access_token is not None:
        claims["ath"] = token_hash(call.access_token)
    if call.nonce is not None:
        claims["nonce"] = call.nonce
    header = {"typ": PROOF_TYPE, "jwk": public_jwk(signer.public_key)}
    return sign_jws(header, strict_json.dumps(claims), signer)


def read_dpop_proof(
    headers: Sequence[str],
    *,
    method: str,
    url: str,
    at: datetime,
    access_token: str | None = None,
) -> ReadDpop:
    """Read and check the DPoP proof of a request (RFC 9449 4.3).

    Left to the caller: whether the nonce is ours and fresh, whether the `jti` is new, and whether
    the key is the one that the token is bound to. Deliberately unchecked: `exp` and `nbf`, to which
    RFC 9449 gives no meaning.

    Args:
        headers: the values of every `DPoP` header of the request.
        method: of the request.
        url: of the request as the client sees it; its query counts for nothing.
        at: now.
        access_token: the one that came with the request, None where none belongs.

    Raises:
        DpopRefused: one of its subclasses.
    """
    # 1. Exactly one header
    if not headers:
        raise DpopMissing("no DPoP header")
    if len(headers) > 1:
        raise DpopRepeated("more than one DPoP header")
    # 2. A JWT with a public key in the header
    jws = _PROOF.jws(headers[0], max_chars=MAX_PROOF_CHARS)
    jwk = _key(jws.header)
    # 3. The right type, ES256, signed with that key
    try:
        verify_jws(jws, key_from_jwk(jwk), typ=PROOF_TYPE)
    except CheckFailed as failure:
        raise DpopSignatureInvalid(failure.code) from None
    claims = _PROOF.claims(jws)
    # 4. For this request
    if _PROOF.text(claims.get("htm"), "htm") != method:
        raise DpopForOtherRequest("htm differs")
    if _normal(_PROOF.text(claims.get("htu"), "htu")) != _normal(url):
        raise DpopForOtherRequest("htu differs")
    # 5. Made lately
    issued_at = _PROOF.instant(claims.get("iat"), "iat")
    if not at - MAX_AGE <= issued_at <= at + MAX_AHEAD:
        raise DpopStale("iat")
    # 6. For this access token
    if access_token is not None:
        _check_token_hash(claims.get("ath"), access_token)
    return ReadDpop(
        jwk=jwk,
        thumbprint=thumbprint(jwk),
        jti=_PROOF.text(claims.get("jti"), "jti", max_chars=MAX_JTI_CHARS),
        nonce=_PROOF.optional_text(claims.get("nonce"), "nonce", max_chars=MAX_NONCE_CHARS),
        issued_at=issued_at,
    )


def token_hash(access_token: str) -> str:
    """Return the `ath` of an access token: base64url of its SHA-256."""
    return b64url_encode(sha256(access_token.encode()).digest())


def _key(header: Mapping[str, object]) -> dict[str, str]:
    jwk = _PROOF.members(header.get("jwk"), "jwk")
    try:
        return public_jwk(key_from_jwk(jwk))
    except MalformedKey as failure:
        raise DpopKeyNotAllowed(failure.detail) from None


def _check_token_hash(value: object, access_token: str) -> None:
    if not isinstance(value, str) or not value.isascii():
        raise DpopForOtherToken("ath is missing")
    if not compare_digest(value, token_hash(access_token)):
        raise DpopForOtherToken("ath differs")


def _normal(url: str) -> tuple[str, str, int | None, str]:
    """Return what two addresses of one place have in common (RFC 3986 6.2.2 and 6.2.3)."""
    try:
        parts: SplitResult = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DpopMalformed("htu is no URL") from None
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or not url.isascii():
        raise DpopMalformed("htu is no plain URL")
    path = _ESCAPED.sub(_unescaped, parts.path) or "/"
    return parts.scheme, host, _PORTS[parts.scheme] if port is None else port, path


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()
