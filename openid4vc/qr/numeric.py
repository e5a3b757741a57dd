"""Bytes as decimal digits: 22 bytes are 53 digits, because 256^22 is just below 10^53.

Any coding of n bytes needs n x 2.40824 digits; this one has 53/22 = 2.40909 for each byte and at
most one more at the end, 0.04 % above. Blocks of fixed size keep the work linear.
"""

import re
from math import ceil, log10
from typing import Final

from openid4vc.qr.errors import DigitsMalformed

BLOCK_BYTES: Final = 22
_DIGITS: Final = tuple(ceil(count * log10(256)) for count in range(BLOCK_BYTES + 1))
BLOCK_DIGITS: Final = _DIGITS[BLOCK_BYTES]
_BYTES: Final = {digits: count for count, digits in enumerate(_DIGITS)}
_ONLY_DIGITS: Final = re.compile("[0-9]*", re.ASCII)


def digits_of(data: bytes) -> str:
    """Return the digits of some bytes.

    Each block of 22 bytes, and then the shorter rest, is one big-endian number with leading zeros:
    0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29, 32, 34, 37, 39, 41, 44, 46, 49, 51 or 53 digits
    for a block of 0 to 22 bytes.
    """
    return "".join(
        f"{int.from_bytes(block, 'big'):0{_DIGITS[len(block)]}d}"
        for block in (data[at : at + BLOCK_BYTES] for at in range(0, len(data), BLOCK_BYTES))
    )


def digit_count(byte_count: int) -> int:
    """Return how many digits so many bytes become."""
    blocks, rest = divmod(byte_count, BLOCK_BYTES)
    return blocks * BLOCK_DIGITS + _DIGITS[rest]


def bytes_of(digits: str) -> bytes:
    """Return the bytes of some digits; each byte string has just one form.

    Raises:
        DigitsMalformed: another character, a length that no bytes have, or a block whose number
            is too large for its bytes.
    """
    if not _ONLY_DIGITS.fullmatch(digits) or len(digits) % BLOCK_DIGITS not in _BYTES:
        raise DigitsMalformed("characters or length")
    blocks = (digits[at : at + BLOCK_DIGITS] for at in range(0, len(digits), BLOCK_DIGITS))
    return b"".join(map(_block, blocks))


def _block(digits: str) -> bytes:
    try:
        return int(digits).to_bytes(_BYTES[len(digits)], "big")
    except OverflowError:
        raise DigitsMalformed("number too large") from None
