"""A zlib stream made of chunks that do not look at one another.

A change in one chunk compresses that chunk anew and leaves the others as they are; every zlib
reader takes the whole as one stream (RFC 1950, RFC 1951).
"""

import zlib
from dataclasses import dataclass
from typing import Final

CHUNK_BYTES: Final = 16_384

# Deflate with a window of 32 KiB, default level, no dictionary; divisible by 31 (RFC 1950 2.2).
_HEADER: Final = b"\x78\x9c"
# An empty last block with the fixed Huffman codes (RFC 1951 3.2.6).
_LAST_BLOCK: Final = b"\x03\x00"
_LEVEL: Final = 6
_RAW: Final = -zlib.MAX_WBITS
_ADLER_BASE: Final = 65_521
_LOW: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class _Chunk:
    """One chunk: its deflate blocks, and what it adds to the checksum of the whole.

    `total` is the sum of its bytes, `of_totals` the sum of the sums after each of them, both as
    remainders of 65,521.
    """

    deflated: bytes
    total: int
    of_totals: int


_NOTHING: Final = _Chunk(b"", 0, 0)


class ChunkedStream:
    """The zlib stream of some bytes that change now and then.

    The first use compresses everything, later ones what has changed since.
    """

    __slots__ = ("_changed", "_chunks", "_data", "_high", "_low")

    def __init__(self, data: bytearray) -> None:
        """Look after `data`, whose length stays; its owner tells each change."""
        count = max(1, -(-len(data) // CHUNK_BYTES))
        self._data = data
        self._chunks = [_NOTHING] * count
        self._changed = set(range(count))
        # The halves of Adler-32 (RFC 1950 8.2): 1 and all bytes; the first half after each byte.
        self._low, self._high = 1, len(data)

    def changed(self, place: int) -> None:
        """Take note that the byte at this place has changed."""
        self._changed.add(place // CHUNK_BYTES)

    def compressed(self) -> bytes:
        """Return the zlib stream of the bytes as they are now."""
        for number in self._changed:
            self._renew(number)
        self._changed.clear()
        adler = (self._high % _ADLER_BASE) << 16 | self._low % _ADLER_BASE
        blocks = (chunk.deflated for chunk in self._chunks)
        return b"".join((_HEADER, *blocks, _LAST_BLOCK, adler.to_bytes(4, "big")))

    def _renew(self, number: int) -> None:
        end = (number + 1) * CHUNK_BYTES
        before, now = self._chunks[number], _deflate(self._data[number * CHUNK_BYTES : end])
        behind = max(0, len(self._data) - end)
        self._low += now.total - before.total
        # What a chunk adds to the first half is in it after each byte behind the chunk, too.
        self._high += now.of_totals - before.of_totals + behind * (now.total - before.total)
        self._chunks[number] = now


def _deflate(data: bytearray) -> _Chunk:
    deflater = zlib.compressobj(_LEVEL, wbits=_RAW)
    # A full flush ends on a whole byte and forgets what was before.
    deflated = deflater.compress(data) + deflater.flush(zlib.Z_FULL_FLUSH)
    adler = zlib.adler32(data)
    return _Chunk(deflated, (adler & _LOW) - 1, (adler >> 16) - len(data))
