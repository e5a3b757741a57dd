"""What a caller takes, by the weights of `Accept` and `Accept-Encoding` (RFC 9110 12)."""

import re
from collections.abc import Sequence

_WEIGHT = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)
_LONGEST = 1_000


def preferred_type(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the media type of `offered` that the caller likes best, or None when it takes none.

    The most specific range that fits a type gives its weight; of equal weights the earlier type
    wins. Without the header everything is taken. A weight that is none counts for nothing.

    Args:
        accept: the header's value.
        offered: media types, ours to choose first.
    """
    if accept is None or not accept.strip():
        return offered[0]
    weights = _weights(accept)
    best, best_weight = None, 0.0
    for media_type in offered:
        weight = _first(weights, media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        if weight > best_weight:
            best, best_weight = media_type, weight
    return best


def takes_gzip(accept_encoding: str) -> bool:
    """Tell whether the caller wants gzip at least as much as nothing."""
    weights = _weights(accept_encoding)
    return _first(weights, "gzip", "*") > 0


def _first(weights: dict[str, float], *ranges: str) -> float:
    return next((weights[each] for each in ranges if each in weights), 0.0)


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for entry in header[:_LONGEST].lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        weights.setdefault(name, _weight(parameters))
    return weights


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
    return 1.0
