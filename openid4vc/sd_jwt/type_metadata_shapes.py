"""What the parts of a type metadata document have in common: texts for people, lists, images."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from openid4vc import limits
from openid4vc.sd_jwt.type_metadata_errors import TypeMetadataMalformed
from openid4vc.shapes import Shape

SHAPE: Final = Shape(TypeMetadataMalformed)
_LOCALE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8}", re.ASCII)
_LEADS_ASTRAY: Final = frozenset(
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def locale(value: object) -> str:
    """Return a language tag (RFC 5646 2) by its form."""
    text = SHAPE.text(value, "locale", max_chars=limits.MAX_DISPLAY_CHARS)
    if not _LOCALE.fullmatch(text):
        raise TypeMetadataMalformed("locale is no language tag")
    return text


def words(value: object, what: str, *, max_chars: int = limits.MAX_DISPLAY_CHARS) -> str:
    """Return text for people, without characters that steer a terminal or turn the direction.

    It still has to be escaped for where it is shown.
    """
    text = SHAPE.text(value, what, max_chars=max_chars)
    plain = "".join(
        each for each in text if unicodedata.category(each) != "Cc" and each not in _LEADS_ASTRAY
    )
    if not plain.strip():
        raise TypeMetadataMalformed(f"{what} is empty")
    return plain


def optional_words(members: Mapping[str, object], name: str) -> str | None:
    """Return a longer text for people, None when the member is absent."""
    if name not in members:
        return None
    return words(members[name], name, max_chars=limits.MAX_DESCRIPTION_CHARS)


def objects(value: object, what: str, *, max_items: int) -> list[Mapping[str, object]]:
    """Return an array of objects, which may be empty."""
    if not isinstance(value, list) or len(value) > max_items:
        raise TypeMetadataMalformed(f"{what} is no array, or too long")
    return [SHAPE.members(each, what) for each in value]


def distinct(texts: list[str], what: str) -> None:
    """Check that nothing stands there twice."""
    if len(set(texts)) != len(texts):
        raise TypeMetadataMalformed(f"{what} is repeated")
