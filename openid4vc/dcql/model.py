"""What a DCQL query is (OpenID4VP 1.0, 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

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


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """A kind of issuer that the asker accepts: a type such as `aki` and its values."""

    type: str
    values: tuple[str, ...]


class Answer(NamedTuple):
    """The option of a query that a credential satisfies.

    `claims` are the claims asked in that option, `places` where they stand in the credential:
    exactly what a wallet discloses. Both are empty when the query asks for no claims.
    """

    claims: tuple[ClaimsQuery, ...]
    places: tuple[Path, ...]


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
    option_indexes: tuple[tuple[int, ...], ...] = field(init=False, repr=False, compare=False)
    """The acceptable combinations of claims as places in `claims`, the preferred first (6.4.1)."""
    by_name: Mapping[str, int] = field(init=False, repr=False, compare=False)
    """Where in `claims` those stand that are asked by a name at the top alone, with any value."""
    others: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """Where the other claims stand."""

    def __post_init__(self) -> None:
        """Work out once what is asked for with every answer."""
        at = {claim.id: index for index, claim in enumerate(self.claims)}
        options = tuple(tuple(at[name] for name in names) for names in self.claim_sets)
        object.__setattr__(self, "option_indexes", options or (tuple(range(len(self.claims))),))
        by_name = {
            claim.path[0]: index
            for index, claim in enumerate(self.claims)
            if len(claim.path) == 1 and isinstance(claim.path[0], str) and not claim.values
        }
        object.__setattr__(self, "by_name", MappingProxyType(by_name))
        others = tuple(sorted(set(range(len(self.claims))) - set(by_name.values())))
        object.__setattr__(self, "others", others)

    def options(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """Return the acceptable combinations of claims, the preferred first (6.4.1)."""
        return tuple(
            tuple(self.claims[index] for index in option) for option in self.option_indexes
        )


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

    def credential(self, query_id: str) -> CredentialQuery | None:
        """Return the credential query of this id."""
        return next((one for one in self.credentials if one.id == query_id), None)
