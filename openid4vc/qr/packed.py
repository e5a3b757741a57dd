"""The packed form: parts of text, deflated against a frozen dictionary, then their raw bytes."""

import zlib
from typing import Final

from openid4vc.qr.dictionary_1 import DICTIONARY
from openid4vc.qr.errors import CompactTooLarge, InflateFailed, PartsMalformed
from openid4vc.qr.tokens import MAX_PACKED_BYTES, MAX_TEXT_BYTES, NUMBER_BYTES, PART_END

_RAW_DEFLATE: Final = -15
_LEVEL: Final = 9
_MEMORY: Final = 9
_STRATEGIES: Final = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED)


def pack(parts: list[str], raw: bytes) -> bytes:
    """Return the packed form of parts that hold tokens, and of the tokens' bytes.

    Raises:
        CompactTooLarge: more than a reader takes.
    """
    text = PART_END.join(parts).encode()
    deflated = deflate(text)
    packed = len(deflated).to_bytes(NUMBER_BYTES, "big") + deflated + raw
    if len(text) > MAX_TEXT_BYTES or len(packed) > MAX_PACKED_BYTES:
        raise CompactTooLarge("to be written")
    return packed


def unpack(data: bytes) -> tuple[list[str], bytes]:
    """Return the parts and the raw bytes of a packed form.

    Raises:
        CompactTooLarge: longer, or inflating to more, than allowed.
        InflateFailed: no deflate data, or not as long as it says.
        PartsMalformed: not UTF-8.
    """
    if len(data) > MAX_PACKED_BYTES:
        raise CompactTooLarge("bytes")
    ends = NUMBER_BYTES + int.from_bytes(data[:NUMBER_BYTES], "big")
    if len(data) < ends:
        raise InflateFailed("shorter than it says")
    try:
        text = inflate(data[NUMBER_BYTES:ends], max_bytes=MAX_TEXT_BYTES).decode()
    except UnicodeDecodeError:
        raise PartsMalformed("not UTF-8") from None
    return text.split(PART_END), data[ends:]


def deflate(data: bytes) -> bytes:
    """Return raw deflate (RFC 1951) of the data, made with the dictionary."""
    return min((_deflate(data, strategy) for strategy in _STRATEGIES), key=len)


def inflate(deflated: bytes, *, max_bytes: int) -> bytes:
    """Return what `deflate` was given.

    Raises:
        InflateFailed: no deflate data, cut off, or with something behind it.
        CompactTooLarge: it would be longer than `max_bytes`.
    """
    inflater = zlib.decompressobj(_RAW_DEFLATE, zdict=DICTIONARY)
    try:
        data = inflater.decompress(deflated, max_bytes + 1)
    except zlib.error:
        raise InflateFailed("no deflate data") from None
    if len(data) > max_bytes:
        raise CompactTooLarge("inflated")
    if not inflater.eof or inflater.unused_data:
        raise InflateFailed("ends at another place than it says")
    return data


def _deflate(data: bytes, strategy: int) -> bytes:
    deflater = zlib.compressobj(
        _LEVEL, zlib.DEFLATED, _RAW_DEFLATE, _MEMORY, strategy, zdict=DICTIONARY
    )
    return deflater.compress(data) + deflater.flush()
