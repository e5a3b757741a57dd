"""The list itself: small numbers packed into bytes, and its compressed forms."""

import zlib
from enum import IntEnum
from typing import Final, Self

from keys.checks import MalformedJws
from keys.jose import b64url_decode, b64url_encode
from openid4vc import limits
from openid4vc.checks import MalformedStatusList, StatusIndexOutOfRange, StatusListTooLarge
from openid4vc.status_list.chunks import ChunkedStream

WIDTHS: Final = (1, 2, 4, 8)
_BITS_PER_BYTE: Final = 8


class Status(IntEnum):
    """What an entry says about a credential (Token Status List 7.1)."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


class StatusList:
    """Entries of `bits` bits each, packed from the least significant bit up (4.1).

    We write 2 bits, which hold valid, invalid and suspended; 1, 4 and 8 are read as well. An issuer
    keeps its list, and after a change compresses only the part that the change is in.
    """

    __slots__ = ("_entries", "_mask", "_packed", "_per_byte", "_stream", "aggregation_uri", "bits")

    def __init__(self, entries: int, *, bits: int = 2, aggregation_uri: str | None = None) -> None:
        """Make a list of all-zero (valid) entries; whole bytes, so perhaps a few more.

        Args:
            entries: how many.
            bits: of each entry.
            aggregation_uri: where the addresses of all lists of this issuer are found (9.2).

        Raises:
            MalformedStatusList: `bits` is not 1, 2, 4 or 8.
        """
        if isinstance(bits, bool) or bits not in WIDTHS:
            raise MalformedStatusList("bits")
        self.bits = bits
        self._per_byte = _BITS_PER_BYTE // bits
        self._mask = (1 << bits) - 1
        self._hold(bytearray(-(-entries // self._per_byte)))
        self.aggregation_uri = aggregation_uri

    def __len__(self) -> int:
        """Return the number of entries."""
        return self._entries

    def get(self, index: int) -> int:
        """Return the value at an index.

        Raises:
            StatusIndexOutOfRange: the list has no such entry (8.3).
        """
        byte, shift = self._locate(index)
        return (self._packed[byte] >> shift) & self._mask

    def set(self, index: int, value: int) -> None:
        """Write the value at an index.

        Raises:
            StatusIndexOutOfRange: the list has no such entry.
            ValueError: the value needs more bits than an entry has.
        """
        if not 0 <= value <= self._mask:
            raise ValueError("status value too wide")
        byte, shift = self._locate(index)
        self._packed[byte] = self._packed[byte] & ~(self._mask << shift) | value << shift
        self._stream.changed(byte)

    def packed(self) -> bytes:
        """Return the uncompressed bytes."""
        return bytes(self._packed)

    def lst(self) -> str:
        """Return the list as it travels: base64url of the zlib stream of its bytes (4.2)."""
        return b64url_encode(self.compressed())

    def compressed(self) -> bytes:
        """Return the zlib stream of its bytes, as it travels in CBOR (4.3)."""
        return self._stream.compressed()

    @classmethod
    def from_packed(cls, packed: bytes, *, bits: int) -> Self:
        """Read a list from its uncompressed bytes.

        Raises:
            MalformedStatusList: `bits`.
        """
        status_list = cls(0, bits=bits)
        status_list._hold(bytearray(packed))
        return status_list

    @classmethod
    def from_lst(
        cls, lst: str, *, bits: int, max_bytes: int = limits.MAX_STATUS_LIST_BYTES
    ) -> Self:
        """Read a list from its travelling form; inflating stops at `max_bytes`.

        Raises:
            MalformedStatusList: `bits`, base64url, or not exactly one whole zlib stream.
            StatusListTooLarge: it would inflate to more.
        """
        try:
            return cls.from_compressed(b64url_decode(lst), bits=bits, max_bytes=max_bytes)
        except MalformedJws:
            raise MalformedStatusList("lst") from None

    @classmethod
    def from_compressed(
        cls, data: bytes, *, bits: int, max_bytes: int = limits.MAX_STATUS_LIST_BYTES
    ) -> Self:
        """Read a list from its zlib stream; inflating stops at `max_bytes`.

        Raises:
            MalformedStatusList: `bits`, or not exactly one whole zlib stream.
            StatusListTooLarge: it would inflate to more.
        """
        try:
            return cls.from_packed(_inflate(data, max_bytes), bits=bits)
        except zlib.error:
            raise MalformedStatusList("lst") from None

    def _hold(self, packed: bytearray) -> None:
        self._packed = packed
        self._entries = len(packed) * self._per_byte
        self._stream = ChunkedStream(packed)

    def _locate(self, index: int) -> tuple[int, int]:
        if not 0 <= index < self._entries:
            raise StatusIndexOutOfRange
        byte, position = divmod(index, self._per_byte)
        return byte, position * self.bits


def _inflate(data: bytes, max_bytes: int) -> bytes:
    # One byte more than allowed is enough to know; the rest of a bomb is never unpacked.
    inflater = zlib.decompressobj()
    packed = inflater.decompress(data, max_bytes + 1)
    if len(packed) > max_bytes:
        raise StatusListTooLarge
    if not inflater.eof or inflater.unused_data:
        raise MalformedStatusList("lst")
    return packed
