"""Base64url without padding, exactly one text for each byte string."""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import Final

from keys.checks import MalformedJws

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
# What is not of the URL alphabet becomes "!", which the strict decoder refuses.
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING: Final = (b"", b"!", b"==", b"=")
_LAST_WITHOUT_SPARE_BITS: Final = ("", "", "AQgw", "AEIMQUYcgkosw048")


def b64url_encode(data: bytes) -> str:
    """Return the base64url text without padding (RFC 7515 2)."""
    return b2a_base64(data, newline=False).translate(_TO_URL, b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Return the bytes of a base64url text.

    Raises:
        MalformedJws: a character outside the alphabet, padding, an impossible length, or spare
            bits that are not zero (RFC 4648 3.5).
    """
    remainder = len(text) % 4
    try:
        standard = text.encode("ascii").translate(_FROM_URL) + _PADDING[remainder]
        data = a2b_base64(standard, strict_mode=True)
    except (UnicodeEncodeError, Base64Error):
        raise MalformedJws("not base64url") from None
    if remainder and text[-1] not in _LAST_WITHOUT_SPARE_BITS[remainder]:
        raise MalformedJws("spare bits in base64url")
    return data
