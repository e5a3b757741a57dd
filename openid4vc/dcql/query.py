"""DCQL queries: what they are, read from JSON, written as JSON (OpenID4VP 1.0, 6)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from openid4vc.dcql.errors import (
    ClaimAskedTwice,
    ClaimSetsWithoutClaims,
    CredentialSetsNotSupported,
    FormatNotSupported,
    MalformedQuery,
    QueryIdRepeated,
    VctValuesMissing,
)
from openid4vc.dcql.paths import DcqlPath, parse_path
from openid4vc.dcql.shapes import Shape

Scalar = str | int | bool
"""What `values` may hold: a string, an integer or a boolean, never 1.0."""

SD_JWT_VC: Final = "dc+sd-jwt"
MAX_CREDENTIALS: Final = 16
MAX_CLAIMS: Final = 128
MAX_CLAIM_SETS: Final = 64
MAX_VALUES: Final = 64

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_QUERY: Final = Shape(MalformedQuery)


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


@dataclass(frozen=True, slots=True)
class CredentialQuery:
    """One credential asked for.

    Without `claims` nothing selectively disclosable is asked. Each of `claim_sets` lists claim
    ids; they stand in the asker's order of preference. `trusted_authorities` spares a wallet
    useless answers; who is trusted is decided by the trust list alone.
    """

    id: str
    format: str
    vct_values: tuple[str, ...]
    claims: tuple[ClaimsQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()
    multiple: bool = False
    require_cryptographic_holder_binding: bool = True
    trusted_authorities: tuple[TrustedAuthority, ...] = ()

    def options(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """Return the acceptable combinations of claims, the preferred first (6.4.1)."""
        if not self.claim_sets:
            return (self.claims,)
        by_id = {claim.id: claim for claim in self.claims}
        return tuple(tuple(by_id[name] for name in names) for names in self.claim_sets)


@dataclass(frozen=True, slots=True)
class Query:
    """The credentials asked for; all of them are required (6.4.2)."""

    credentials: tuple[CredentialQuery, ...]

    def credential(self, query_id: str) -> CredentialQuery | None:
        """Return the credential query of this id."""
        return next((one for one in self.credentials if one.id == query_id), None)


def parse_query(data: object) -> Query:
    """Read a DCQL query from parsed JSON; unknown properties are ignored (6).

    Raises:
        MalformedQuery: or one of its subclasses, when the query breaks a rule of 6 or 7.
        FormatNotSupported: well formed, but for another format than SD-JWT VC.
        CredentialSetsNotSupported: well formed, but with `credential_sets`.
    """
    members = _QUERY.members(data, "query")
    entries = _QUERY.array(members.get("credentials"), "credentials", max_items=MAX_CREDENTIALS)
    objects = [_QUERY.members(entry, "credential query") for entry in entries]
    ids = [_identifier(entry.get("id"), "credential query id") for entry in objects]
    _check_unique(ids)
    if "credential_sets" in members:
        _check_credential_sets(members["credential_sets"], frozenset(ids))
    query = Query(tuple(_credential_query(entry) for entry in objects))
    if "credential_sets" in members:
        raise CredentialSetsNotSupported("the query chooses among credentials")
    return query


def query_json(query: Query) -> dict[str, object]:
    """Return the query as JSON; defaults are left out."""
    return {"credentials": [_credential_json(one) for one in query.credentials]}


def _credential_query(entry: Mapping[str, object]) -> CredentialQuery:
    credential_format = _QUERY.text(entry.get("format"), "format")
    meta = _QUERY.members(entry.get("meta"), "meta")
    if credential_format != SD_JWT_VC:
        raise FormatNotSupported("not an SD-JWT VC")
    if "vct_values" not in meta:
        raise VctValuesMissing("meta has no vct_values")
    claims = _claims(entry["claims"]) if "claims" in entry else ()
    return CredentialQuery(
        id=_identifier(entry.get("id"), "credential query id"),
        format=credential_format,
        vct_values=_QUERY.texts(meta["vct_values"], "vct_values"),
        claims=claims,
        claim_sets=_claim_sets(entry["claim_sets"], claims) if "claim_sets" in entry else (),
        multiple=_QUERY.flag(entry.get("multiple", False), "multiple"),
        require_cryptographic_holder_binding=_QUERY.flag(
            entry.get("require_cryptographic_holder_binding", True), "holder binding"
        ),
        trusted_authorities=_authorities(entry),
    )


def _claims(value: object) -> tuple[ClaimsQuery, ...]:
    entries = _QUERY.array(value, "claims", max_items=MAX_CLAIMS)
    claims = tuple(_claim(_QUERY.members(entry, "claims query")) for entry in entries)
    _check_unique([claim.id for claim in claims if claim.id is not None])
    if len({claim.path for claim in claims}) != len(claims):
        raise ClaimAskedTwice("two claims queries have one path")
    return claims


def _claim(entry: Mapping[str, object]) -> ClaimsQuery:
    values: tuple[Scalar, ...] = ()
    if "values" in entry:
        items = _QUERY.array(entry["values"], "values", max_items=MAX_VALUES)
        values = tuple(_scalar(item) for item in items)
    claim_id = _identifier(entry["id"], "claim id") if "id" in entry else None
    return ClaimsQuery(path=parse_path(entry.get("path")), id=claim_id, values=values)


def _scalar(value: object) -> Scalar:
    if isinstance(value, str | bool) or type(value) is int:
        return value
    raise MalformedQuery("values element is neither string, integer nor boolean")


def _claim_sets(value: object, claims: tuple[ClaimsQuery, ...]) -> tuple[tuple[str, ...], ...]:
    if not claims or any(claim.id is None for claim in claims):
        raise ClaimSetsWithoutClaims("claim_sets needs claims with ids")
    known = frozenset(claim.id for claim in claims)
    options = _QUERY.array(value, "claim_sets", max_items=MAX_CLAIM_SETS)
    sets = tuple(_QUERY.texts(one, "claim set", max_items=MAX_CLAIMS) for one in options)
    for one in sets:
        if not known.issuperset(one):
            raise ClaimSetsWithoutClaims("claim set names an unknown claim")
        _check_unique(one)
    return sets


def _authorities(entry: Mapping[str, object]) -> tuple[TrustedAuthority, ...]:
    if "trusted_authorities" not in entry:
        return ()
    authorities = _QUERY.array(entry["trusted_authorities"], "trusted_authorities")
    objects = [_QUERY.members(one, "trusted authority") for one in authorities]
    return tuple(
        TrustedAuthority(
            type=_QUERY.text(one.get("type"), "authority type"),
            values=_QUERY.texts(one.get("values"), "authority values"),
        )
        for one in objects
    )


def _check_credential_sets(value: object, ids: frozenset[str]) -> None:
    for entry in _QUERY.array(value, "credential_sets"):
        members = _QUERY.members(entry, "credential set")
        _QUERY.flag(members.get("required", True), "required")
        for option in _QUERY.array(members.get("options"), "options"):
            if not ids.issuperset(_QUERY.texts(option, "option")):
                raise MalformedQuery("credential set names an unknown credential query")


def _identifier(value: object, what: str) -> str:
    text = _QUERY.text(value, what)
    if not _ID.fullmatch(text):
        raise MalformedQuery(f"{what} has a character that is not allowed, or too many")
    return text


def _check_unique(ids: Iterable[str]) -> None:
    listed = list(ids)
    if len(set(listed)) != len(listed):
        raise QueryIdRepeated("an id is used twice")


def _credential_json(query: CredentialQuery) -> dict[str, object]:
    members: dict[str, object] = {
        "id": query.id,
        "format": query.format,
        "meta": {"vct_values": list(query.vct_values)},
    }
    if query.claims:
        members["claims"] = [_claim_json(claim) for claim in query.claims]
    if query.claim_sets:
        members["claim_sets"] = [list(names) for names in query.claim_sets]
    if query.multiple:
        members["multiple"] = True
    if not query.require_cryptographic_holder_binding:
        members["require_cryptographic_holder_binding"] = False
    if query.trusted_authorities:
        members["trusted_authorities"] = [
            {"type": one.type, "values": list(one.values)} for one in query.trusted_authorities
        ]
    return members


def _claim_json(claim: ClaimsQuery) -> dict[str, object]:
    members: dict[str, object] = {"path": list(claim.path)}
    if claim.id is not None:
        members["id"] = claim.id
    if claim.values:
        members["values"] = list(claim.values)
    return members
