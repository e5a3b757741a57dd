"""What an access token may be for: an act and a credential type, such as `offer:care_plan`."""

from collections.abc import Collection, Iterable
from enum import StrEnum


class Act(StrEnum):
    """What an issuing system does."""

    OFFER = "offer"  # make, read and withdraw offers
    STATUS = "status"  # read cards and change their status


def scopes_of(types: Iterable[str], acts: Collection[Act]) -> frozenset[str]:
    """Return the scopes of these acts on these types."""
    return frozenset(f"{act}:{type_id}" for type_id in types for act in acts)


def types_in(scopes: Iterable[str], act: Act) -> frozenset[str]:
    """Return the types that scopes let an act be done on."""
    begin = f"{act}:"
    return frozenset(scope.removeprefix(begin) for scope in scopes if scope.startswith(begin))
