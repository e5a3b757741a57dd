"""What a type says of its claims, and what an extending type may change (SD-JWT VC 5.6)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from openid4vc import limits
from openid4vc.sd_jwt.model import WantedPath
from openid4vc.sd_jwt.type_metadata_errors import TypeExtensionNotAllowed, TypeMetadataMalformed
from openid4vc.sd_jwt.type_metadata_shapes import (
    SHAPE,
    distinct,
    locale,
    objects,
    optional_words,
    words,
)

SelectiveDisclosure = Literal["always", "allowed", "never"]
_SELECTIVE_DISCLOSURES: Final[tuple[SelectiveDisclosure, ...]] = get_args(SelectiveDisclosure)
_SVG_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClaimDisplay:
    """What a claim is called in one language."""

    locale: str
    label: str
    description: str | None


@dataclass(frozen=True, slots=True)
class ClaimMetadata:
    """What a type says of the claims at a path; None where it says nothing.

    `path` counts as if everything had been disclosed. Of a resolved type nothing said of `sd`
    means `allowed`, nothing said of `mandatory` means that it is not.
    """

    path: WantedPath
    display: tuple[ClaimDisplay, ...] | None
    mandatory: bool | None
    sd: SelectiveDisclosure | None
    svg_id: str | None


def read_claims(value: object) -> tuple[ClaimMetadata, ...]:
    """Return the `claims` of one document.

    Raises:
        TypeMetadataMalformed: no `path`, a path or an `svg_id` twice, or another shape.
    """
    entries = objects(value, "claims", max_items=limits.MAX_CLAIM_METADATA)
    claims = tuple(_claim(entry) for entry in entries)
    if len({claim.path for claim in claims}) != len(claims):
        raise TypeMetadataMalformed("path is repeated")
    check_svg_ids(claims)
    return claims


def extend_claims(
    base: Iterable[ClaimMetadata], own: Iterable[ClaimMetadata]
) -> tuple[ClaimMetadata, ...]:
    """Return the claims of a type that extends another: the base's first, in their order.

    Members of the same path are replaced one by one, never merged (5.6.5).

    Raises:
        TypeExtensionNotAllowed: `always` or `never` is changed, or a mandatory claim is freed.
        TypeMetadataMalformed: an `svg_id` would stand for two claims.
    """
    claims = {claim.path: claim for claim in base}
    for claim in own:
        inherited = claims.get(claim.path)
        claims[claim.path] = claim if inherited is None else _override(inherited, claim)
    extended = tuple(claims.values())
    check_svg_ids(extended)
    return extended


def check_svg_ids(claims: Iterable[ClaimMetadata]) -> None:
    """Check that each `svg_id` stands for one claim.

    Raises:
        TypeMetadataMalformed: it does not.
    """
    distinct([claim.svg_id for claim in claims if claim.svg_id is not None], "svg_id")


def _override(inherited: ClaimMetadata, own: ClaimMetadata) -> ClaimMetadata:
    if own.sd not in {None, inherited.sd} and inherited.sd in {"always", "never"}:
        raise TypeExtensionNotAllowed("sd")
    if inherited.mandatory and own.mandatory is False:
        raise TypeExtensionNotAllowed("mandatory")
    return replace(
        own,
        display=inherited.display if own.display is None else own.display,
        mandatory=inherited.mandatory if own.mandatory is None else own.mandatory,
        sd=inherited.sd if own.sd is None else own.sd,
        svg_id=inherited.svg_id if own.svg_id is None else own.svg_id,
    )


def _claim(entry: Mapping[str, object]) -> ClaimMetadata:
    return ClaimMetadata(
        path=_path(entry.get("path")),
        display=_display(entry["display"]) if "display" in entry else None,
        mandatory=SHAPE.flag(entry["mandatory"], "mandatory") if "mandatory" in entry else None,
        sd=_selective_disclosure(entry["sd"]) if "sd" in entry else None,
        svg_id=_svg_id(entry["svg_id"]) if "svg_id" in entry else None,
    )


def _path(value: object) -> WantedPath:
    steps = SHAPE.array(value, "path", max_items=limits.MAX_CLAIM_DEPTH)
    return tuple(_step(step) for step in steps)


def _step(step: object) -> str | int | None:
    if step is None or isinstance(step, str) or (type(step) is int and step >= 0):
        return step
    raise TypeMetadataMalformed("path")


def _display(value: object) -> tuple[ClaimDisplay, ...]:
    entries = objects(value, "claim display", max_items=limits.MAX_LOCALES)
    display = tuple(
        ClaimDisplay(
            locale=locale(entry.get("locale")),
            label=words(entry.get("label"), "label"),
            description=optional_words(entry, "description"),
        )
        for entry in entries
    )
    distinct([each.locale.lower() for each in display], "locale")
    return display


def _selective_disclosure(value: object) -> SelectiveDisclosure:
    for known in _SELECTIVE_DISCLOSURES:
        if value == known:
            return known
    raise TypeMetadataMalformed("sd")


def _svg_id(value: object) -> str:
    if not isinstance(value, str) or not _SVG_ID.fullmatch(value):
        raise TypeMetadataMalformed("svg_id")
    return value
