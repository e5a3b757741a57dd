"""What metadata say for people: names by language, and descriptions of claims (VCI 12.2.4, B.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from openid4vc.dcql.errors import MalformedClaimsPath
from openid4vc.dcql.paths import DcqlPath, parse_path
from openid4vc.openid4vci.wallet_errors import ClaimDescriptionsContradict, MalformedMetadata
from openid4vc.shapes import Shape

MAX_CLAIMS: Final = 256
MAX_DISPLAYS: Final = 64
MAX_NAME_CHARS: Final = 512

_METADATA: Final = Shape(MalformedMetadata)


@dataclass(frozen=True, slots=True)
class ClaimDescription:
    """A claim and its names by locale."""

    path: DcqlPath
    names: Mapping[str, str]


def read_names(members: Mapping[str, object]) -> dict[str, str]:
    """Return display names by locale; one object for each locale (12.2.4)."""
    if "display" not in members:
        return {}
    entries = _METADATA.array(members["display"], "display", max_items=MAX_DISPLAYS)
    objects = [_METADATA.members(entry, "display element") for entry in entries]
    locales = [_METADATA.optional_text(one.get("locale"), "locale") or "" for one in objects]
    if len(set(locales)) != len(locales):
        raise MalformedMetadata("a locale is repeated")
    names = [
        _METADATA.optional_text(one.get("name"), "name", max_chars=MAX_NAME_CHARS)
        for one in objects
    ]
    return {locale: name for locale, name in zip(locales, names, strict=True) if name is not None}


def read_claims(described: Mapping[str, object]) -> tuple[ClaimDescription, ...]:
    """Return the descriptions of claims, none of which contradicts another (B.3)."""
    if "claims" not in described:
        return ()
    entries = _METADATA.array(described["claims"], "claims", max_items=MAX_CLAIMS)
    objects = [_METADATA.members(entry, "claims element") for entry in entries]
    claims = tuple(ClaimDescription(_path(one.get("path")), read_names(one)) for one in objects)
    _check_no_contradiction([claim.path for claim in claims])
    return claims


def _path(value: object) -> DcqlPath:
    try:
        return parse_path(value)
    except MalformedClaimsPath as failure:
        raise MalformedMetadata(failure.detail) from None


def _check_no_contradiction(paths: Sequence[DcqlPath]) -> None:
    """Check B.3: no claim twice, and one way to go on below each claim."""
    if len(set(paths)) != len(paths):
        raise ClaimDescriptionsContradict("a claim is described twice")
    below: dict[DcqlPath, type] = {}
    for path in paths:
        for depth, part in enumerate(path):
            if below.setdefault(path[:depth], type(part)) is not type(part):
                raise ClaimDescriptionsContradict("object, array or element of one claim")
