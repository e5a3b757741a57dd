"""Base64url without padding, exactly one text for each byte string."""

import string
from collections.abc import Sequence
from typing import Final

from pybase64 import b64decode, b64encode, b64encode_as_string

from keys.checks import MalformedJws

_URL: Final = b"-_"
_PADDING: Final = ("", "===", "==", "=")  # a remainder of one can be nothing, padded or not
_LAST_WITHOUT_SPARE_BITS: Final = ("", "", "AQgw", "AEIMQUYcgkosw048")
_ALPHABET: Final = string.ascii_letters + string.digits + "-_"
_REFUSED: Final = "*"
# By remainder and last character, what makes a text a whole number of groups that end in a line
# break. A remainder of one and a last character with spare bits have nothing.
_LINE_ENDS: Final = (
    dict.fromkeys(["", *_ALPHABET], "CQkK"),
    dict[str, str](),
    dict.fromkeys(_LAST_WITHOUT_SPARE_BITS[2], "kK"),
    dict.fromkeys(_LAST_WITHOUT_SPARE_BITS[3], "K"),
)


def b64url_encode(data: bytes) -> str:
    """Return the base64url text without padding (RFC 7515 2)."""
    return b64encode_as_string(data, _URL).rstrip("=")


def b64url_encode_ascii(data: bytes) -> bytes:
    """Return the same as ASCII bytes, for what is hashed or joined next."""
    return b64encode(data, _URL).rstrip(b"=")


def b64url_encode_each(items: Sequence[bytes], size: int) -> list[str]:
    """Return the base64url texts of byte strings that all have this size, in one pass."""
    if not items:
        return []
    fill = bytes(-size % 3)  # each begins at a group of its own; what the filling adds is cut off
    text = b64encode_as_string(fill.join(items) + fill, _URL)
    step = (size + len(fill)) // 3 * 4
    chars = step - len(fill)
    return [text[at : at + chars] for at in range(0, len(text), step)]


def b64url_decode_lines(texts: Sequence[str]) -> bytes:
    """Return what `b64url_decode` returns of each text, in one pass and one line for each.

    A line ends in a line break, with up to two tabs before it. What was decoded may hold line
    breaks and tabs of its own: that is for the reader to find out.

    Raises:
        MalformedJws: as `b64url_decode`, for any of them.
    """
    together = "".join(
        [text + _LINE_ENDS[len(text) % 4].get(text[-1:], _REFUSED) for text in texts]
    )
    if "+" in together or "/" in together or "=" in together:
        raise MalformedJws("not base64url")
    try:
        return b64decode(together, _URL, validate=True)
    except ValueError:
        raise MalformedJws("not base64url") from None


def b64url_decode(text: str) -> bytes:
    """Return the bytes of a base64url text.

    Raises:
        MalformedJws: a character outside the alphabet, padding, an impossible length, or spare
            bits that are not zero (RFC 4648 3.5).
    """
    if "+" in text or "/" in text or "=" in text:  # which the decoder would take
        raise MalformedJws("not base64url")
    remainder = len(text) % 4
    try:
        data = b64decode(text + _PADDING[remainder], _URL, validate=True)
    except ValueError:
        raise MalformedJws("not base64url") from None
    if remainder and text[-1] not in _LAST_WITHOUT_SPARE_BITS[remainder]:
        raise MalformedJws("spare bits in base64url")
    return data
