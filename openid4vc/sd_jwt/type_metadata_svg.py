"""Filling in the drawing of a type, after checking that it is a drawing (SD-JWT VC 5.5.1.2).

The template is written anew from what was read and allowed, so that nothing that was not looked
at reaches the result: no script, no style sheet, no link, no picture from elsewhere, no entity.
"""

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from string import ascii_letters, digits
from typing import Final
from xml.parsers import expat

from openid4vc import limits
from openid4vc.sd_jwt.type_metadata_errors import SvgTemplateRefused

_SVG: Final = "http://www.w3.org/2000/svg"
_NAMESPACES: Final = {"xmlns": _SVG, "xmlns:xlink": "http://www.w3.org/1999/xlink"}
_ELEMENTS: Final = frozenset(
    {
        "svg", "g", "defs", "title", "desc", "text", "tspan", "rect", "circle", "ellipse", "line",
        "polyline", "polygon", "path", "linearGradient", "radialGradient", "stop", "clipPath",
        "mask", "pattern", "use", "image",
    }
)  # fmt: skip
_LINKS: Final = frozenset({"href", "xlink:href"})
_XML_ATTRIBUTES: Final = frozenset({"xml:space", "xml:lang"})
_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}", re.ASCII)
_INSIDE: Final = re.compile(r"#[A-Za-z_][A-Za-z0-9_.-]{0,100}", re.ASCII)
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}", re.ASCII)
_OF_NAMES: Final = ascii_letters + digits + "_-"
_FUNCTIONS: Final = frozenset(
    {"rgb", "rgba", "hsl", "hsla", "translate", "scale", "rotate", "skewX", "skewY", "matrix"}
)
_PLACEHOLDER: Final = re.compile(r"\{\{([A-Za-z_][A-Za-z0-9_]{0,99})\}\}", re.ASCII)
_BRACES: Final = re.compile(r"\{\{|\}\}")
_ESCAPED: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
)


def fill_svg(template: bytes, values: Mapping[str, str | None]) -> str:
    """Return a template with its placeholders filled in, safe to show.

    Args:
        template: the document as retrieved, its integrity checked.
        values: words for each `svg_id` of the resolved type; None, for a claim that is not in the
            credential, is shown as nothing.

    Raises:
        SvgTemplateRefused: not well-formed or too large; an element, attribute or link that a
            plain drawing does not need; a placeholder that is not in a text, or that the type
            does not know.
    """
    if len(template) > limits.MAX_SVG_BYTES:
        raise SvgTemplateRefused("too large")
    drawing = _Drawing(values)
    parser = expat.ParserCreate("utf-8")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = drawing.start
    parser.EndElementHandler = drawing.end
    parser.CharacterDataHandler = drawing.characters
    parser.CommentHandler = drawing.comment
    parser.StartDoctypeDeclHandler = drawing.refuse
    parser.ProcessingInstructionHandler = drawing.refuse
    try:
        parser.Parse(template, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise SvgTemplateRefused("not well-formed") from None
    return drawing.text()


class _Drawing:
    """Takes what the parser reads, and keeps what may be shown."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self._values = values
        self._written: list[str] = []
        self._characters: list[str] = []
        self._elements = 0

    def text(self) -> str:
        """Return the drawing."""
        return "".join(self._written)

    def refuse(self, *_what: object) -> None:
        """Refuse a document type, and so every entity, and a processing instruction."""
        raise SvgTemplateRefused("not a plain drawing")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Write the start of an element."""
        self._flush()
        self._elements += 1
        if name not in _ELEMENTS or self._elements > limits.MAX_SVG_ELEMENTS:
            raise SvgTemplateRefused("an element that is not allowed, or too many")
        if self._elements == 1 and (name != "svg" or attributes.get("xmlns") != _SVG):
            raise SvgTemplateRefused("no SVG")
        for attribute, value in attributes.items():
            _check_attribute(name, attribute, value)
        written = "".join(
            f' {attribute}="{value.translate(_ESCAPED)}"' for attribute, value in attributes.items()
        )
        self._written.append(f"<{name}{written}>")

    def end(self, name: str) -> None:
        """Write the end of an element."""
        self._flush()
        self._written.append(f"</{name}>")

    def characters(self, text: str) -> None:
        """Keep text until it is whole: the parser gives it in pieces."""
        self._characters.append(text)

    def comment(self, text: str) -> None:
        """Leave a comment out; a placeholder in it is a mistake."""
        self._flush()
        if _BRACES.search(text):
            raise SvgTemplateRefused("a placeholder in a comment")

    def _flush(self) -> None:
        text = "".join(self._characters)
        self._characters.clear()
        position = 0
        for match in _PLACEHOLDER.finditer(text):
            self._plain(text[position : match.start()])
            self._written.append(self._value(match[1]))
            position = match.end()
        self._plain(text[position:])

    def _plain(self, text: str) -> None:
        if _BRACES.search(text):
            raise SvgTemplateRefused("half a placeholder")
        self._written.append(text.translate(_ESCAPED))

    def _value(self, svg_id: str) -> str:
        if svg_id not in self._values:
            raise SvgTemplateRefused("a placeholder that the type does not know")
        value = (self._values[svg_id] or "")[: limits.MAX_DESCRIPTION_CHARS]
        return "".join(map(_visible, value)).translate(_ESCAPED)


def _visible(character: str) -> str:
    """Return a character, or a space for one that XML forbids or that breaks a line."""
    forbidden = unicodedata.category(character) in {"Cc", "Cs"} or character in "\ufffe\uffff"
    return " " if forbidden else character


def _check_attribute(element: str, name: str, value: str) -> None:
    if _BRACES.search(value):
        raise SvgTemplateRefused("a placeholder in an attribute")
    if name in _NAMESPACES:
        allowed = value == _NAMESPACES[name]
    elif name in _LINKS:
        inside = _INSIDE.fullmatch(value)
        allowed = bool(inside or (element == "image" and _PICTURE.fullmatch(value)))
    elif name in _XML_ATTRIBUTES:
        allowed = True
    else:
        event = name.lower().startswith("on")
        allowed = bool(_ATTRIBUTE.fullmatch(name)) and not event and _is_plain(value)
    if not allowed:
        raise SvgTemplateRefused("an attribute that is not allowed")


def _is_plain(value: str) -> bool:
    """Tell whether a value calls nothing but colours, movements and parts of the drawing."""
    if "\\" in value or "/*" in value or "@" in value:
        return False
    return all(_may_call(before, after) for before, after in pairwise(value.split("(")))


def _may_call(before: str, after: str) -> bool:
    """Tell whether what stands before and after an opening bracket is harmless."""
    name = before[len(before.rstrip(_OF_NAMES)) :]
    if name == "url":
        return _INSIDE.fullmatch(after.partition(")")[0].strip()) is not None
    return not name or name in _FUNCTIONS
