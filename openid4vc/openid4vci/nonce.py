"""Proof nonces that the issuer recognises without keeping them (OpenID4VCI 1.0, 7).

A nonce is base64url of random bytes, the second it was made, and a MAC over both. That it is used
only once is for the issuer's store to see to.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Final

from keys.checks import MalformedJws
from keys.jose import b64url_decode, b64url_encode
from openid4vc.openid4vci.errors import InvalidNonce
from openid4vc.openid4vci.wallet_errors import MalformedNonceResponse
from openid4vc.shapes import Shape

RANDOM_BYTES: Final = 16
MAX_AHEAD: Final = timedelta(seconds=60)
MAX_NONCE_CHARS: Final = 1_024
CONTEXT: Final = b"kykylompakko proof nonce 1\x00"

_TIME_BYTES: Final = 8
_MAC_BYTES: Final = 32
_BODY_BYTES: Final = RANDOM_BYTES + _TIME_BYTES
_NONCE_CHARS: Final = (_BODY_BYTES + _MAC_BYTES) * 8 // 6 + 1
_RESPONSE: Final = Shape(MalformedNonceResponse)


def make_nonce(secret: bytes, *, random: bytes, at: datetime) -> str:
    """Return a fresh nonce.

    Args:
        secret: the issuer's nonce secret, 32 bytes.
        random: 16 fresh random bytes.
        at: now.

    Raises:
        ValueError: another number of random bytes, or an empty secret.
    """
    if len(random) != RANDOM_BYTES or not secret:
        raise ValueError("16 random bytes and a secret are needed")
    body = random + int(at.timestamp()).to_bytes(_TIME_BYTES, "big")
    return b64url_encode(body + _mac(secret, body))


def check_nonce(secret: bytes, nonce: str, *, at: datetime, max_age: timedelta) -> None:
    """Check that a nonce is ours and fresh.

    Raises:
        InvalidNonce: made with another secret, changed, too old, or ahead of our clock.
    """
    # 1. Ours
    if len(nonce) != _NONCE_CHARS:
        raise InvalidNonce("length")
    try:
        data = b64url_decode(nonce)
    except MalformedJws:
        raise InvalidNonce("not base64url") from None
    body, mac = data[:_BODY_BYTES], data[_BODY_BYTES:]
    if not compare_digest(mac, _mac(secret, body)):
        raise InvalidNonce("not ours")
    # 2. Fresh
    age = int(at.timestamp()) - int.from_bytes(body[RANDOM_BYTES:], "big")
    if not -MAX_AHEAD.total_seconds() <= age <= max_age.total_seconds():
        raise InvalidNonce("too old")


def nonce_response(nonce: str) -> dict[str, str]:
    """Return the body of a nonce response (7.2); it must not be cached."""
    return {"c_nonce": nonce}


def read_nonce_response(data: object) -> str:
    """Read a nonce response from parsed JSON.

    Raises:
        MalformedNonceResponse: no `c_nonce`.
    """
    members = _RESPONSE.members(data, "nonce response")
    return _RESPONSE.text(members.get("c_nonce"), "c_nonce", max_chars=MAX_NONCE_CHARS)


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac(secret, CONTEXT + body, sha256).digest()
