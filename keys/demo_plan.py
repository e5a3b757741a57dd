"""Who is who in the demo: read from a plan file such as `demo_plan.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from keys.checks import PlanMalformed

_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_LANGS: Final = frozenset({"fi", "sv", "en"})
_MAX_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class PlannedAuthority:
    """The operator of the trust list, or the authority for access certificates."""

    id: str
    identifier: str
    name: str


@dataclass(frozen=True, slots=True)
class PlannedIssuer:
    """An organisation that issues: short id, organizationIdentifier, names, types."""

    id: str
    identifier: str
    names: Mapping[str, str]
    vcts: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlannedReceiver:
    """An organisation that asks: short id, organizationIdentifier, names, roles, DNS names."""

    id: str
    identifier: str
    names: Mapping[str, str]
    roles: frozenset[str]
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedWalletProvider:
    """Who vouches for a wallet: short id, organizationIdentifier, names."""

    id: str
    identifier: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Everybody in the demo, and the names of the secrets that the services need."""

    operator: PlannedAuthority
    access: PlannedAuthority
    issuers: tuple[PlannedIssuer, ...]
    receivers: tuple[PlannedReceiver, ...]
    wallet_providers: tuple[PlannedWalletProvider, ...]
    secrets: tuple[str, ...]


def default_plan() -> DemoPlan:
    """Return the plan that comes with this package."""
    return read_plan(files("keys").joinpath("demo_plan.toml").read_text(encoding="utf-8"))


def read_plan(text: str) -> DemoPlan:
    """Read a plan.

    Raises:
        PlanMalformed: not TOML, a member missing, or a name that cannot be a file name.
    """
    try:
        plan = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise PlanMalformed("not TOML") from None
    try:
        return DemoPlan(
            operator=_authority(plan["operator"]),
            access=_authority(plan["access"]),
            issuers=tuple(
                PlannedIssuer(*_who(entry), vcts=_texts(entry["vcts"])) for entry in plan["issuers"]
            ),
            receivers=tuple(
                PlannedReceiver(
                    *_who(entry),
                    roles=_texts(entry["roles"]),
                    hosts=tuple(sorted(_texts(entry.get("hosts", [])))),
                )
                for entry in plan["receivers"]
            ),
            wallet_providers=tuple(
                PlannedWalletProvider(*_who(entry)) for entry in plan.get("wallet_providers", [])
            ),
            secrets=tuple(_id(name) for name in plan["secrets"]),
        )
    except (KeyError, TypeError, AttributeError):
        raise PlanMalformed("a member is missing") from None


def _authority(entry: Mapping[str, str]) -> PlannedAuthority:
    return PlannedAuthority(
        id=_id(entry["id"]), identifier=_name(entry["identifier"]), name=_name(entry["name"])
    )


def _who(entry: Mapping[str, object]) -> tuple[str, str, Mapping[str, str]]:
    names = entry["names"]
    if not isinstance(names, dict) or set(names) != _LANGS:
        raise PlanMalformed("names in fi, sv and en")
    by_language = {lang: _name(text) for lang, text in names.items()}
    return _id(entry["id"]), _name(entry["identifier"]), by_language


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise PlanMalformed("a list of texts")
    return frozenset(value)


def _name(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME:
        raise PlanMalformed("a name of 1 to 64 characters")
    return value


def _id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise PlanMalformed("an id of small letters, digits and dashes")
    return value
