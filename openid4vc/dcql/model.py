"""What a DCQL query is (OpenID4VP 1.0, 6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from openid4vc.dcql.paths import DcqlPath, Path

Scalar = str | int | bool
"""What `values` may hold: a string, an integer or a boolean, never 1.0."""

SD_JWT_VC: Final = "dc+sd-jwt"
MSO_MDOC: Final = "mso_mdoc"


@dataclass(frozen=True, slots=True)
class ClaimsQuery:
    """One claim asked for; with `values`, only when it has one of them."""

    path: DcqlPath
    id: str | None = None
    values: tuple[Scalar, ...] = ()

    @property
    def name(self) -> str | None:
        """The claim's name when it stands at the top and may have any value, else None."""
        first, *below = self.path
        return first if isinstance(first, str) and not below and not self.values else None

    @property
    def place(self) -> Path | None:
        """The one place that it can have; None when its path leads through an array."""
        names = tuple(part for part in self.path if isinstance(part, str))
        return names if len(names) == len(self.path) else None


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """A kind of issuer that the asker accepts: a type such as `aki` and its values."""

    type: str
    values: tuple[str, ...]


Tree = Mapping[str | int, "Tree | None"]
"""Places below one: member names or positions, each with what is wanted below it; None for all."""


class Answer(NamedTuple):
    """The option of a query that a credential satisfies.

    `claims` are the claims asked in that option, `places` where they stand in the credential:
    exactly what a wallet discloses. Both are empty when the query asks for no claims. `tree` holds
    the same places as a tree.
    """

    claims: tuple[ClaimsQuery, ...]
    places: tuple[Path, ...]
    tree: Mapping[str, "Tree | None"]

    @classmethod
    def to(cls, claims: tuple[ClaimsQuery, ...], places: tuple[Path, ...]) -> Self:
        """Return the answer to these claims, found at these places."""
        return cls(claims, places, {str(name): below for name, below in _tree(places).items()})


class Plan(NamedTuple):
    """How to look for one combination of claims in a credential.

    Attributes:
        indexes: the claims, as positions in `CredentialQuery.claims`.
        names: those that only have to be there, by their names at the top.
        others: the positions of the others.
        answer: what is answered when all are found; None when that depends on the credential.
    """

    indexes: tuple[int, ...]
    names: frozenset[str]
    others: tuple[int, ...]
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class CredentialQuery:
    """One credential asked for.

    Without `claims` nothing selectively disclosable is asked. Each of `claim_sets` lists claim
    ids; they stand in the asker's order of preference. `trusted_authorities` spares a wallet
    useless answers; who is trusted is decided by the trust list alone.

    Attributes:
        vct_values: the accepted types of an SD-JWT VC; empty for other formats.
        doctype: the accepted type of an mdoc; None for other formats.
        multiple: whether several presentations may answer.
    """

    id: str
    format: str
    vct_values: tuple[str, ...]
    claims: tuple[ClaimsQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()
    multiple: bool = False
    require_cryptographic_holder_binding: bool = True
    trusted_authorities: tuple[TrustedAuthority, ...] = ()
    doctype: str | None = None
    plans: tuple[Plan, ...] = field(init=False, repr=False, compare=False)
    """The acceptable combinations of claims, the preferred first (6.4.1)."""
    plan_names: tuple[frozenset[str], ...] = field(init=False, repr=False, compare=False)
    """For each plan, the names that it looks for at the top."""
    names: frozenset[str] = field(init=False, repr=False, compare=False)
    """The names that any of the plans looks for at the top."""

    def __post_init__(self) -> None:
        """Work out once what is asked for with every answer."""
        at = {claim.id: index for index, claim in enumerate(self.claims)}
        options = tuple(tuple(at[name] for name in names) for names in self.claim_sets)
        everything = tuple(range(len(self.claims)))
        plans = tuple(_plan(self.claims, option) for option in options or (everything,))
        object.__setattr__(self, "plans", plans)
        names = tuple(plan.names for plan in plans)
        object.__setattr__(self, "plan_names", names)
        object.__setattr__(self, "names", frozenset[str]().union(*names))

    def options(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """Return the acceptable combinations of claims, the preferred first (6.4.1)."""
        return tuple(tuple(self.claims[index] for index in plan.indexes) for plan in self.plans)


def _plan(claims: Sequence[ClaimsQuery], indexes: tuple[int, ...]) -> Plan:
    asked = tuple(claims[index] for index in indexes)
    places = tuple(claim.place for claim in asked)
    known = tuple(place for place in places if place is not None)
    return Plan(
        indexes=indexes,
        names=frozenset(claim.name for claim in asked if claim.name is not None),
        others=tuple(index for index in indexes if claims[index].name is None),
        answer=Answer.to(asked, known) if len(known) == len(asked) else None,
    )


def _tree(places: Iterable[Path]) -> Tree:
    below: dict[str | int, list[Path]] = {}
    for first, *rest in places:
        below.setdefault(first, []).append(tuple(rest))
    return {first: None if () in paths else _tree(paths) for first, paths in below.items()}


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """Alternatives for one purpose: each option lists ids of credential queries (6.2)."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Query:
    """The credentials asked for; without `credential_sets` all of them are required (6.4.2)."""

    credentials: tuple[CredentialQuery, ...]
    credential_sets: tuple[CredentialSet, ...] = ()
    requested_ids: frozenset[str] = field(init=False, repr=False, compare=False)
    """The ids asked for at all: with `credential_sets` only those that an option names (6.4.2)."""

    def __post_init__(self) -> None:
        """Work out once what is asked for with every response."""
        named = [id_ for one in self.credential_sets for option in one.options for id_ in option]
        ids = named if self.credential_sets else [one.id for one in self.credentials]
        object.__setattr__(self, "requested_ids", frozenset(ids))

    def credential(self, query_id: str) -> CredentialQuery | None:
        """Return the credential query of this id."""
        return next((one for one in self.credentials if one.id == query_id), None)
