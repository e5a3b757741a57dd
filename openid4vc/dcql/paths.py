"""The claims path pointer: which places of a credential it selects (OpenID4VP 1.0, 7)."""

from collections.abc import Iterator, Mapping
from typing import Final

from openid4vc.dcql.errors import MalformedClaimsPath

DcqlPath = tuple[str | int | None, ...]
"""Names, positions in arrays, and None for all elements of an array."""

Path = tuple[str | int, ...]
"""A concrete place in the claims."""

MAX_PATH_LENGTH: Final = 16
MAX_NAME_CHARS: Final = 256
MAX_INDEX: Final = 65_535

_Selected = tuple[Path, object]


class _Abort(Exception):
    """A selected element is of the wrong container type."""


def parse_path(value: object) -> DcqlPath:
    """Read a claims path from parsed JSON.

    Raises:
        MalformedClaimsPath: not a non-empty array of strings, nulls and non-negative integers
            (7), or longer than we read.
    """
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_PATH_LENGTH:
        raise MalformedClaimsPath("path is no array of 1 to 16 elements")
    return tuple(_component(part) for part in value)


def select(claims: Mapping[str, object], path: DcqlPath) -> tuple[tuple[Path, object], ...]:
    """Return the concrete places that a path selects, with their values, in order.

    Empty when the path leads nowhere: an absent claim, a wrong container anywhere on the way, or
    an empty selection, which 7.1 calls an error, are the same to the asker.
    """
    selected: list[_Selected] = [((), claims)]
    try:
        for part in path:
            selected = [found for element in selected for found in _step(element, part)]
    except _Abort:
        return ()
    return tuple(selected) if path else ()


def path_text(path: DcqlPath) -> str:
    """Return a path for people and logs: names joined by dots, `*` for all elements."""
    return ".".join("*" if part is None else str(part) for part in path)


def _component(part: object) -> str | int | None:
    if part is None:
        return None
    if isinstance(part, str) and len(part) <= MAX_NAME_CHARS:
        return part
    if type(part) is int and 0 <= part <= MAX_INDEX:
        return part
    raise MalformedClaimsPath("path element is neither name, null nor position")


def _step(element: _Selected, part: str | int | None) -> Iterator[_Selected]:
    place, value = element
    if isinstance(part, str):
        if not isinstance(value, Mapping):
            raise _Abort
        if part in value:
            yield (*place, part), value[part]
        return
    if not isinstance(value, list):
        raise _Abort
    positions = range(len(value)) if part is None else _position(part, len(value))
    for position in positions:
        yield (*place, position), value[position]


def _position(part: int, length: int) -> range:
    if type(part) is not int or part < 0:
        raise _Abort
    return range(part, part + 1) if part < length else range(0)
