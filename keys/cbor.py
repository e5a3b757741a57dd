"""CBOR as it may come from outside: one reading of each text, bounded size and depth.

`cbor2` knows many tags and would make dates, decimals, even patterns of them, and takes heads of
more bytes than they need. So the heads are walked first, and what we do not expect is refused
before any value is made.
"""

import math
from dataclasses import dataclass
from typing import Final

import cbor2

from keys.checks import MalformedCbor

MAX_BYTES: Final = 65_536
MAX_DEPTH: Final = 16
MAX_ITEMS: Final = 16_384

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_KEYS: Final = (_UINT, _NINT, _TEXT)
_FALSE_TRUE_NULL: Final = (20, 21, 22)
_FLOATS: Final = (25, 26, 27)
_IN_HEAD: Final = 24
_LONGEST: Final = 27


def loads(
    data: bytes, *, tag: int | None = None, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> object:
    """Read one CBOR data item (RFC 8949) in preferred serialisation (4.1).

    Lengths are definite and numbers as short as they can be; map keys are integers or texts, each
    once. Maps may come in any order and floats in any width.

    Args:
        data: the item and nothing after it.
        tag: the tag that has to stand around the whole; it is taken off. No other tag is taken.
        max_bytes: upper bound of the length.
        max_depth: how many arrays and maps may be nested.

    Raises:
        MalformedCbor: anything else.
    """
    if len(data) > max_bytes:
        raise MalformedCbor("too long")
    begin = 0 if tag is None else _after_tag(data, tag)
    _check_heads(data, begin, max_depth)
    try:
        value: object = cbor2.loads(
            data[begin:],
            max_depth=max_depth + 2,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORDecodeError, ValueError):
        raise MalformedCbor("not CBOR") from None
    return value


def loads_map(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> dict[int | str, object]:
    """Read one CBOR data item that has to be a map; otherwise as `loads`.

    Raises:
        MalformedCbor: as `loads`, and for any item that is not a map.
    """
    value = loads(data, max_bytes=max_bytes, max_depth=max_depth)
    if not isinstance(value, dict):
        raise MalformedCbor("not a map")
    return value


def dumps(value: object, *, tag: int | None = None) -> bytes:
    """Serialise in preferred form; maps keep their order.

    Args:
        value: mappings, lists, tuples, texts, bytes, numbers, booleans and None.
        tag: a tag to put around the whole.
    """
    return cbor2.dumps(value if tag is None else cbor2.CBORTag(tag, value))


@dataclass(frozen=True, slots=True)
class _Head:
    """The first bytes of an item: its kind, its number or length, and where it ends."""

    major: int
    info: int
    argument: int
    end: int


@dataclass(slots=True)
class _Open:
    """An array or map that still lacks some items."""

    left: int
    is_map: bool


def _after_tag(data: bytes, tag: int) -> int:
    head = _head(data, 0)
    if (head.major, head.argument) != (_TAG, tag):
        raise MalformedCbor("not the tag expected")
    return head.end


def _check_heads(data: bytes, place: int, max_depth: int) -> None:
    """Walk over every head; what texts and byte strings hold is stepped over."""
    waiting = [_Open(1, is_map=False)]
    for _ in range(MAX_ITEMS):
        head = _head(data, place)
        _check_kind(data, head)
        _check_key(waiting[-1], head)
        waiting[-1].left -= 1
        place = head.end
        if head.major in (_BYTES, _TEXT):
            place += head.argument
        elif head.major in (_ARRAY, _MAP):
            waiting.append(_opened(head))
            if len(waiting) > max_depth + 1:
                raise MalformedCbor("too deep")
        while waiting and waiting[-1].left == 0:
            waiting.pop()
        if not waiting:
            break
    else:
        raise MalformedCbor("too many items")
    if place != len(data):
        raise MalformedCbor("cut off, or followed by more")


def _opened(head: _Head) -> _Open:
    is_map = head.major == _MAP
    return _Open(head.argument * (2 if is_map else 1), is_map=is_map)


def _head(data: bytes, place: int) -> _Head:
    """Read a head (RFC 8949 3)."""
    if place >= len(data):
        raise MalformedCbor("cut off")
    major, info = data[place] >> 5, data[place] & 0x1F
    if info < _IN_HEAD:
        return _Head(major, info, info, place + 1)
    if info > _LONGEST:
        raise MalformedCbor("reserved, or of no definite length")
    size = 1 << (info - _IN_HEAD)
    end = place + 1 + size
    if end > len(data):
        raise MalformedCbor("cut off")
    argument = int.from_bytes(data[place + 1 : end], "big")
    smallest = _IN_HEAD if size == 1 else 1 << (4 * size)
    if major != _SIMPLE and argument < smallest:
        raise MalformedCbor("longer than needed")
    return _Head(major, info, argument, end)


def _check_key(inner: _Open, head: _Head) -> None:
    if inner.is_map and inner.left % 2 == 0 and head.major not in _KEYS:
        raise MalformedCbor("map key is neither integer nor text")


def _check_kind(data: bytes, head: _Head) -> None:
    """Let through all but tags and odd simple values: false, true, null and finite floats stay."""
    if head.major == _TAG:
        raise MalformedCbor("a tag that is not expected")
    if head.major != _SIMPLE or head.info in _FALSE_TRUE_NULL:
        return
    if head.info not in _FLOATS:
        raise MalformedCbor("simple value")
    size = 1 + (1 << (head.info - _IN_HEAD))
    if not math.isfinite(cbor2.loads(data[head.end - size : head.end])):
        raise MalformedCbor("NaN or infinity")
