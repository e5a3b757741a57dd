"""Base64url without padding, exactly one text for each byte string."""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import Final

from keys.checks import MalformedJws

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


def b64url_encode(data: bytes) -> str:
    """Return the base64url text without padding (RFC 7515 2)."""
    return b2a_base64(data, newline=False).translate(_TO_URL, b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Return the bytes of a base64url text.

    Raises:
        MalformedJws: a character outside the alphabet, padding, an impossible length, or spare
            bits that are not zero (RFC 4648 3.5).
    """
    try:
        data = a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"==")
    except (UnicodeEncodeError, Base64Error):
        raise MalformedJws("not base64url") from None
    # The decoder is lenient, the encoder is not: all that it would not have written is refused.
    if b64url_encode(data) != text:
        raise MalformedJws("not base64url")
    return data
