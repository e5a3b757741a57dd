"""API keys of calling systems: `kyky_<id>_<secret>`; only the id and a keyed MAC are stored."""

import hashlib
import hmac
import re
from typing import ClassVar

from keys.checks import CheckFailed

_SHAPE = re.compile(r"kyky_([a-z2-7]{16})_([A-Za-z0-9_-]{43})")
_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_ID_BITS = 5


class ApiKeyMalformed(CheckFailed):
    """The text is no API key of this service."""

    code: ClassVar[str] = "api_key_malformed"
    spec: ClassVar[str] = "RFC 6750 section 2.1"


def make_key(*, id_bytes: bytes, secret: str) -> tuple[str, str]:
    """Make a new key.

    Args:
        id_bytes: 16 random bytes; they choose the public id.
        secret: 43 base64url characters, i.e. 32 random bytes.

    Returns:
        The key's public id and the whole key, which is shown once and never stored.
    """
    key_id = "".join(_ID_ALPHABET[byte % (1 << _ID_BITS)] for byte in id_bytes)
    key = f"kyky_{key_id}_{secret}"
    if _SHAPE.fullmatch(key) is None:
        raise ApiKeyMalformed("a key needs 16 id bytes and a 43-character secret")
    return key_id, key


def key_id_of(key: str) -> str:
    """Return the public id inside a key.

    Raises:
        ApiKeyMalformed: the text has not the shape of a key.
    """
    match = _SHAPE.fullmatch(key)
    if match is None:
        raise ApiKeyMalformed("not of the form kyky_<id>_<secret>")
    return match.group(1)


def mac_of(key: str, *, pepper: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA256 under which a key is stored."""
    return hmac.digest(pepper, key.encode(), hashlib.sha256)


def is_same_key(key: str, stored_mac: bytes, *, pepper: bytes) -> bool:
    """Compare a presented key with a stored MAC in constant time."""
    return hmac.compare_digest(mac_of(key, pepper=pepper), stored_mac)
