"""JSON as it may come from outside: no repeated names, no NaN, bounded size and depth.

Most JSON on the wire is written without white space and with every character as itself. What a
fast decoder reads, and a fast encoder writes again as the very same bytes, holds no repeated name
and no other trick; all else goes to the careful reader, which also says what is wrong.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import Final

from msgspec import MsgspecError
from msgspec.json import Decoder, Encoder

from keys.checks import MalformedJson

MAX_BYTES: Final = 65_536
MAX_DEPTH: Final = 16
MAX_DIGITS: Final = 40

_WHITE_SPACE: Final = " \t\n\r"
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_TOO_MANY_DIGITS: Final = b"0" * (MAX_DIGITS + 1)
_A_FEW_DIGITS: Final = b"0" * ((MAX_DIGITS + 1) // 8)
_Container = dict[str, object] | list[object]
_CONTAINERS: Final = Decoder[_Container](_Container)
_ENCODER: Final = Encoder()
_decode: Final = Decoder[object](object).decode
_encode: Final = _ENCODER.encode


def loads(data: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> object:
    """Parse one JSON text (RFC 8259).

    Args:
        data: the text, or its UTF-8 bytes (without a byte-order mark).
        max_bytes: upper bound of the UTF-8 length.
        max_depth: how many arrays and objects may be nested; a bare scalar has depth 0.

    Raises:
        MalformedJson: not JSON, a repeated name, NaN or an infinity, a number of absurd length,
            a lone surrogate, too long or too deep.
    """
    if len(data) > max_bytes:
        raise MalformedJson("too long")
    raw = data if isinstance(data, bytes) else _utf8(data, max_bytes)
    if _brackets(raw) > max_depth:
        _check_depth(raw, max_depth)
    try:
        value = _decode(raw)
        if _encode(value) == raw and not _has_long_number(raw):
            return value
    except (MsgspecError, ValueError, RecursionError):
        pass  # the careful reader says why
    return _loads_carefully(_text(raw))


def loads_lines(
    lines: bytes, *, count: int, max_depth: int = MAX_DEPTH
) -> list[dict[str, object] | list[object]]:
    """Parse JSON objects and arrays, each in a line of its own, at once; otherwise as `loads`.

    Args:
        lines: the texts, each with a line break behind it, and with tabs before that or none.
        count: how many there have to be.
        max_depth: as for `loads`, of each.

    Raises:
        MalformedJson: they are not written the way most JSON is, without white space, or something
            is wrong with one of them: one by one, `loads` says which, and what.
    """
    if len(lines) > MAX_BYTES:
        raise MalformedJson("too much at once")
    if _brackets(lines) - count >= max_depth:  # each has one at least
        _check_depth(lines, max_depth)
    try:
        values = _CONTAINERS.decode_lines(lines)
        # Written again they are the same lines, and as many as there should be: none of them held
        # a line break of its own.
        as_they_came = _ENCODER.encode_lines(values) == lines.replace(b"\t", b"")
    except (MsgspecError, ValueError, RecursionError):
        raise MalformedJson("not lines of JSON") from None
    if not as_they_came or len(values) != count or _has_long_number(lines):
        raise MalformedJson("not lines of JSON as most is written")
    return values


def _loads_carefully(text: str) -> object:
    text = text.strip(_WHITE_SPACE)
    try:
        value: object
        value, end = _CAREFUL.raw_decode(text)
        if "\\u" in text:
            dumps(value)
    except UnicodeEncodeError:
        raise MalformedJson("lone surrogate") from None
    except (ValueError, RecursionError):
        raise MalformedJson("not JSON") from None
    if end != len(text):
        raise MalformedJson("more than one value")
    return value


def loads_object(
    data: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> dict[str, object]:
    """Parse a JSON text that has to be an object; otherwise as `loads`.

    Raises:
        MalformedJson: as `loads`, and for any JSON text that is not an object.
    """
    value = loads(data, max_bytes=max_bytes, max_depth=max_depth)
    if not isinstance(value, dict):
        raise MalformedJson("not an object")
    return value


def dumps(value: object) -> bytes:
    """Serialise without white space, as UTF-8.

    Raises:
        ValueError: NaN, an infinity or a lone surrogate (a mistake of ours, not of a sender).
        TypeError: something that JSON has no form for.
    """
    written = _encode(value)
    if b"null" in written:  # which it also writes for what is no number
        json.dumps(value, allow_nan=False)
    return written


def _brackets(raw: bytes) -> int:
    # Not `count`, which looks at each byte; `replace` asks the processor for the next one.
    return 2 * len(raw) - len(raw.replace(b"[", b"")) - len(raw.replace(b"{", b""))


def _has_long_number(raw: bytes) -> bool:
    # Among every eighth byte, so many digits leave five in a row at least: that is soon looked up.
    if _A_FEW_DIGITS not in raw[::8].translate(_ZEROS):
        return False
    return _TOO_MANY_DIGITS in raw.translate(_ZEROS)


def dumps_each(values: Sequence[object]) -> list[bytes]:
    """Serialise several values; otherwise as `dumps`."""
    lines = _ENCODER.encode_lines(values)
    if b"null" in lines:
        json.dumps(values, allow_nan=False)
    return lines.split(b"\n")[:-1]


def _utf8(text: str, max_bytes: int) -> bytes:
    try:
        raw = text.encode()
    except UnicodeError:
        raise MalformedJson("not UTF-8") from None
    if len(raw) > max_bytes:
        raise MalformedJson("too long")
    return raw


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeError:
        raise MalformedJson("not UTF-8") from None


def _check_depth(raw: bytes, max_depth: int) -> None:
    """Refuse what is nested too deep before a decoder goes down there."""
    nesting = _STRING.sub(b"", raw).translate(_ONE_KIND, _NO_BRACKETS)
    for _ in range(max_depth):
        nesting = nesting.replace(b"[]", b"")  # the innermost level of each
    if nesting:
        raise MalformedJson("too deep")


def _unique_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJson("repeated name")
    return members


def _refuse_constant(_name: str) -> object:
    raise MalformedJson("NaN or infinity")


def _integer(text: str) -> int:
    if len(text.removeprefix("-")) > MAX_DIGITS:
        raise MalformedJson("number too long")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if len(text) > MAX_DIGITS or not math.isfinite(number):
        raise MalformedJson("number too large")
    return number


_CAREFUL: Final = json.JSONDecoder(
    object_pairs_hook=_unique_names,
    parse_constant=_refuse_constant,
    parse_int=_integer,
    parse_float=_number,
)
