"""Base64url without padding, exactly one text for each byte string."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from keys.checks import MalformedJws

_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_ALLOWED_LAST: Final = {0: None, 2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}


def b64url_encode(data: bytes) -> str:
    """Return the base64url text without padding (RFC 7515 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Return the bytes of a base64url text.

    Raises:
        MalformedJws: a character outside the alphabet, padding, an impossible length, or spare
            bits that are not zero (RFC 4648 3.5).
    """
    remainder = len(text) % 4
    if remainder == 1 or not _ALPHABET.fullmatch(text):
        raise MalformedJws("not base64url")
    last = _ALLOWED_LAST[remainder]
    if last is not None and text[-1] not in last:
        raise MalformedJws("spare bits in base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
