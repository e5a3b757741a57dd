"""Which of our three languages a caller prefers."""

from starlette.datastructures import Headers
from starlette.types import Scope

from credential_schemas.model import LANGS, Lang

DEFAULT: Lang = "en"


def preferred_language(scope: Scope) -> Lang:
    """Return the best language of `Accept-Language` (RFC 9110 12.5.4); English without one."""
    header = Headers(scope=scope).get("accept-language", "")[:200]
    best: Lang = DEFAULT
    best_weight = 0.0
    for entry in header.split(","):
        tag, _, weight = entry.strip().partition(";")
        lang = next((lang for lang in LANGS if tag.lower().split("-")[0] == lang), None)
        if lang is not None and _weight(weight) > best_weight:
            best, best_weight = lang, _weight(weight)
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0) if name == "q" else 0.0
    except ValueError:
        return 0.0
