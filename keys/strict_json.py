"""JSON as it may come from outside: no repeated names, no NaN, bounded size and depth."""

import json
import math
import re
from collections.abc import Callable, Iterable
from json import encoder as json_encoder
from typing import Final

from keys.checks import MalformedJson

MAX_BYTES: Final = 65_536
MAX_DEPTH: Final = 16
MAX_DIGITS: Final = 40

_WHITE_SPACE: Final = " \t\n\r"
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


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
    text = _text(data, max_bytes).strip(_WHITE_SPACE)
    if text.count("[") + text.count("{") > max_depth:
        _check_depth(text, max_depth)
    try:
        value: object
        value, end = _DECODER.raw_decode(text)
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
    return "".join(_pieces(value, 0)).encode()


def _text(data: str | bytes, max_bytes: int) -> str:
    if len(data) > max_bytes:
        raise MalformedJson("too long")
    try:
        if isinstance(data, bytes):
            return data.decode()
        if not data.isascii() and len(data.encode()) > max_bytes:
            raise MalformedJson("too long")
    except UnicodeError:
        raise MalformedJson("not UTF-8") from None
    return data


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        match text[match.start()]:
            case "[" | "{":
                depth += 1
                if depth > max_depth:
                    raise MalformedJson("too deep")
            case "]" | "}":
                depth -= 1
            case _:
                pass


def _unique_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJson("repeated name")
    return members


def _refuse_constant(_name: str) -> object:
    raise MalformedJson("NaN or infinity")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise MalformedJson("number too long")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if len(text) > MAX_DIGITS or not math.isfinite(number):
        raise MalformedJson("number too large")
    return number


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique_names,
    parse_constant=_refuse_constant,
    parse_int=_integer,
    parse_float=_number,
)


def _encoder() -> Callable[[object, int], Iterable[str]]:
    """Return what writes a value as pieces of JSON text, set up once.

    `JSONEncoder.encode` sets the C encoder up anew for each value, which takes longer than writing
    most of ours. Where this Python has no C encoder, it is used as it is.
    """
    plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    make = getattr(json_encoder, "c_make_encoder", None)
    if make is None:
        return lambda value, _level: plain.iterencode(value)
    # No markers against circles (they would outlive a failure: the recursion limit does), the
    # fallback for strange types, how to quote, no indent, separators; then as JSONEncoder orders
    # them: do not sort names, do not skip strange names, refuse NaN.
    quote = json_encoder.encode_basestring
    encoder: Callable[[object, int], Iterable[str]] = make(
        None, plain.default, quote, None, ":", ",", False, False, False
    )
    return encoder


_pieces: Final = _encoder()
