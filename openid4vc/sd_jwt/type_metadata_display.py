"""How a type is called and looks: display and rendering metadata (SD-JWT VC 5.5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from openid4vc import limits
from openid4vc.sd_jwt.type_metadata_errors import TypeMetadataMalformed
from openid4vc.sd_jwt.type_metadata_shapes import (
    SHAPE,
    distinct,
    locale,
    objects,
    optional_words,
    words,
)

_COLOUR: Final = re.compile(
    r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})"
    r"|rgb\( ?[0-9]{1,3}(?:, ?|  ?)[0-9]{1,3}(?:, ?|  ?)[0-9]{1,3} ?\)",
    re.ASCII,
)
_DATA_IMAGE: Final = re.compile(r"data:image/[a-z0-9.+-]{1,40}(?:;[a-z0-9=-]{1,40})*,", re.ASCII)
_MAX_DATA_CHARS: Final = limits.MAX_TYPE_METADATA_BYTES
_SVG_PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    "orientation": frozenset({"portrait", "landscape"}),
    "color_scheme": frozenset({"light", "dark"}),
    "contrast": frozenset({"normal", "high"}),
}


@dataclass(frozen=True, slots=True)
class Image:
    """Where an image or a template is: an https URL, never followed here, or a `data:` URI."""

    uri: str
    integrity: str | None
    alt_text: str | None = None


@dataclass(frozen=True, slots=True)
class SimpleRendering:
    """A card in two colours with a logo; colours in the notation of CSS, `#12107c`."""

    logo: Image | None
    background_image: Image | None
    background_color: str | None
    text_color: str | None


@dataclass(frozen=True, slots=True)
class SvgTemplate:
    """A drawing to fill in; `properties` says what it is best for, such as `contrast: high`."""

    image: Image
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TypeDisplay:
    """What a type is called in one language, and what it looks like."""

    locale: str
    name: str
    description: str | None
    simple: SimpleRendering | None
    svg_templates: tuple[SvgTemplate, ...]


def read_display(value: object) -> tuple[TypeDisplay, ...]:
    """Return the `display` of a type, one for each locale, in the order of the document.

    Raises:
        TypeMetadataMalformed: `locale` or `name` missing, a locale twice, or another shape.
    """
    entries = objects(value, "display", max_items=limits.MAX_LOCALES)
    display = tuple(_display(entry) for entry in entries)
    distinct([each.locale.lower() for each in display], "locale")
    return display


def _display(entry: Mapping[str, object]) -> TypeDisplay:
    rendering = SHAPE.members(entry.get("rendering", {}), "rendering")
    return TypeDisplay(
        locale=locale(entry.get("locale")),
        name=words(entry.get("name"), "name"),
        description=optional_words(entry, "description"),
        simple=_simple(rendering["simple"]) if "simple" in rendering else None,
        svg_templates=(
            _svg_templates(rendering["svg_templates"]) if "svg_templates" in rendering else ()
        ),
    )


def _simple(value: object) -> SimpleRendering:
    simple = SHAPE.members(value, "simple")
    return SimpleRendering(
        logo=_image(simple["logo"]) if "logo" in simple else None,
        background_image=(
            _image(simple["background_image"]) if "background_image" in simple else None
        ),
        background_color=_colour(simple, "background_color"),
        text_color=_colour(simple, "text_color"),
    )


def _colour(simple: Mapping[str, object], name: str) -> str | None:
    if name not in simple:
        return None
    text = SHAPE.text(simple[name], name, max_chars=limits.MAX_DISPLAY_CHARS)
    if not _COLOUR.fullmatch(text):
        raise TypeMetadataMalformed(f"{name} is no RGB colour")
    return text


def _svg_templates(value: object) -> tuple[SvgTemplate, ...]:
    entries = SHAPE.array(value, "svg_templates")
    templates = tuple(_svg_template(SHAPE.members(entry, "template")) for entry in entries)
    if len(templates) > 1 and not all(template.properties for template in templates):
        raise TypeMetadataMalformed("one of several templates has no properties")
    return templates


def _svg_template(entry: Mapping[str, object]) -> SvgTemplate:
    properties: dict[str, str] = {}
    if "properties" in entry:
        given = SHAPE.members(entry["properties"], "properties")
        for name, values in _SVG_PROPERTIES.items():
            if name in given:
                properties[name] = _one_of(given[name], name, values)
        if not properties:
            raise TypeMetadataMalformed("properties say nothing that we understand")
    return SvgTemplate(_image(entry), properties)


def _one_of(value: object, name: str, values: frozenset[str]) -> str:
    if not isinstance(value, str) or value not in values:
        raise TypeMetadataMalformed(f"{name} has another value")
    return value


def _image(value: object) -> Image:
    entry = SHAPE.members(value, "image")
    return Image(
        uri=_uri(entry.get("uri")),
        integrity=(
            SHAPE.text(
                entry["uri#integrity"], "uri#integrity", max_chars=limits.MAX_INTEGRITY_CHARS
            )
            if "uri#integrity" in entry
            else None
        ),
        alt_text=optional_words(entry, "alt_text"),
    )


def _uri(value: object) -> str:
    if isinstance(value, str) and value.startswith("data:"):
        if not _DATA_IMAGE.match(value) or len(value) > _MAX_DATA_CHARS:
            raise TypeMetadataMalformed("uri is no image")
        return value
    return SHAPE.url(value, "uri")
