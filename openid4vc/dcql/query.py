"""DCQL queries read from JSON (OpenID4VP 1.0, 6)."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from openid4vc.dcql.errors import (
    ClaimSetsWithoutClaims,
    FormatNotSupported,
    MalformedClaimsPath,
    MalformedQuery,
    QueryIdRepeated,
    VctValuesMissing,
)
from openid4vc.dcql.model import (
    MSO_MDOC,
    SD_JWT_VC,
    ClaimsQuery,
    CredentialQuery,
    CredentialSet,
    Query,
    Scalar,
    TrustedAuthority,
)
from openid4vc.dcql.paths import DcqlPath, parse_path
from openid4vc.dcql.selection import select_credentials
from openid4vc.dcql.write import query_json
from openid4vc.shapes import Shape

__all__ = [
    "MSO_MDOC",
    "SD_JWT_VC",
    "ClaimsQuery",
    "CredentialQuery",
    "CredentialSet",
    "Query",
    "Scalar",
    "TrustedAuthority",
    "parse_query",
    "query_json",
]

MAX_CREDENTIALS: Final = 16
MAX_CREDENTIAL_SETS: Final = 16
MAX_CLAIMS: Final = 128
MAX_CLAIM_SETS: Final = 64
MAX_VALUES: Final = 64

_MDOC_PATH_LENGTH: Final = 2
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_QUERY: Final = Shape(MalformedQuery)


def parse_query(data: object, *, formats: Collection[str] = (SD_JWT_VC,)) -> Query:
    """Read a DCQL query from parsed JSON; unknown properties are ignored (6).

    A claims query that points to the same claim as an earlier one is ignored (6.1); where
    `claim_sets` names it, the earlier one stands for it.

    Args:
        data: parsed JSON.
        formats: the credential formats that we have. Queries for others are read as far as the
            rules for all formats go, and nothing answers them.

    Raises:
        MalformedQuery: or one of its subclasses, when the query breaks a rule of 6 or 7.
        FormatNotSupported: well formed, but it cannot be met with our formats.
    """
    members = _QUERY.members(data, "query")
    entries = _QUERY.array(members.get("credentials"), "credentials", max_items=MAX_CREDENTIALS)
    objects = [_QUERY.members(entry, "credential query") for entry in entries]
    ids = [_identifier(entry.get("id"), "credential query id") for entry in objects]
    _check_unique(ids)
    query = Query(
        credentials=tuple(_credential_query(entry) for entry in objects),
        credential_sets=_credential_sets(members, frozenset(ids)),
    )
    _check_formats(query, formats)
    return query


def _check_formats(query: Query, formats: Collection[str]) -> None:
    ours = frozenset(one.id for one in query.credentials if one.format in formats)
    if query.requested_ids.isdisjoint(ours) or select_credentials(query, ours) is None:
        raise FormatNotSupported("only with a credential of another format")


def _credential_query(entry: Mapping[str, object]) -> CredentialQuery:
    credential_format = _QUERY.text(entry.get("format"), "format")
    meta = _QUERY.members(entry.get("meta"), "meta")
    claims, stands_for = _claims(entry, credential_format)
    return CredentialQuery(
        id=_identifier(entry.get("id"), "credential query id"),
        format=credential_format,
        vct_values=_vct_values(meta) if credential_format == SD_JWT_VC else (),
        doctype=_doctype(meta) if credential_format == MSO_MDOC else None,
        claims=claims,
        claim_sets=_claim_sets(entry, claims, stands_for),
        multiple=_QUERY.flag(entry.get("multiple", False), "multiple"),
        require_cryptographic_holder_binding=_QUERY.flag(
            entry.get("require_cryptographic_holder_binding", True), "holder binding"
        ),
        trusted_authorities=_authorities(entry),
    )


def _vct_values(meta: Mapping[str, object]) -> tuple[str, ...]:
    if "vct_values" not in meta:
        raise VctValuesMissing("meta has no vct_values")
    return _QUERY.texts(meta["vct_values"], "vct_values")


def _doctype(meta: Mapping[str, object]) -> str:
    return _QUERY.text(meta.get("doctype_value"), "doctype_value")


def _claims(
    entry: Mapping[str, object], credential_format: str
) -> tuple[tuple[ClaimsQuery, ...], dict[str, str]]:
    """Return the claims asked, each once, and for every id the id of the one that counts."""
    if "claims" not in entry:
        return (), {}
    entries = _QUERY.array(entry["claims"], "claims", max_items=MAX_CLAIMS)
    claims = [_claim(_QUERY.members(one, "claims query")) for one in entries]
    _check_unique(claim.id for claim in claims if claim.id is not None)
    if credential_format == MSO_MDOC:
        _check_mdoc_paths(claims)
    first: dict[DcqlPath, ClaimsQuery] = {}
    for claim in claims:
        first.setdefault(claim.path, claim)
    stands_for = {
        claim.id: kept
        for claim in claims
        if claim.id is not None and (kept := first[claim.path].id) is not None
    }
    return tuple(first.values()), stands_for


def _claim(entry: Mapping[str, object]) -> ClaimsQuery:
    values: tuple[Scalar, ...] = ()
    if "values" in entry:
        items = _QUERY.array(entry["values"], "values", max_items=MAX_VALUES)
        values = tuple(_scalar(item) for item in items)
    claim_id = _identifier(entry["id"], "claim id") if "id" in entry else None
    return ClaimsQuery(path=parse_path(entry.get("path")), id=claim_id, values=values)


def _check_mdoc_paths(claims: Sequence[ClaimsQuery]) -> None:
    """Check that paths are a namespace and an element (7.2)."""
    for claim in claims:
        texts = [part for part in claim.path if isinstance(part, str)]
        if len(claim.path) != _MDOC_PATH_LENGTH or len(texts) != _MDOC_PATH_LENGTH:
            raise MalformedClaimsPath("path into an mdoc is not two texts")


def _scalar(value: object) -> Scalar:
    if isinstance(value, str | bool) or type(value) is int:
        return value
    raise MalformedQuery("values element is neither string, integer nor boolean")


def _claim_sets(
    entry: Mapping[str, object],
    claims: tuple[ClaimsQuery, ...],
    stands_for: Mapping[str, str],
) -> tuple[tuple[str, ...], ...]:
    if "claim_sets" not in entry:
        return ()
    if not claims or any(claim.id is None for claim in claims):
        raise ClaimSetsWithoutClaims("claim_sets needs claims with ids")
    options = _QUERY.array(entry["claim_sets"], "claim_sets", max_items=MAX_CLAIM_SETS)
    sets = [_QUERY.texts(one, "claim set", max_items=MAX_CLAIMS) for one in options]
    if not all(stands_for.keys() >= frozenset(names) for names in sets):
        raise ClaimSetsWithoutClaims("claim set names an unknown claim")
    return tuple(tuple(dict.fromkeys(stands_for[name] for name in names)) for names in sets)


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


def _credential_sets(
    members: Mapping[str, object], ids: frozenset[str]
) -> tuple[CredentialSet, ...]:
    if "credential_sets" not in members:
        return ()
    entries = _QUERY.array(
        members["credential_sets"], "credential_sets", max_items=MAX_CREDENTIAL_SETS
    )
    return tuple(_credential_set(_QUERY.members(one, "credential set"), ids) for one in entries)


def _credential_set(entry: Mapping[str, object], ids: frozenset[str]) -> CredentialSet:
    options = _QUERY.array(entry.get("options"), "options")
    read = [_QUERY.texts(option, "option", max_items=MAX_CREDENTIALS) for option in options]
    if not all(ids.issuperset(option) for option in read):
        raise MalformedQuery("credential set names an unknown credential query")
    return CredentialSet(
        options=tuple(tuple(dict.fromkeys(option)) for option in read),
        required=_QUERY.flag(entry.get("required", True), "required"),
    )


def _identifier(value: object, what: str) -> str:
    text = _QUERY.text(value, what)
    if not _ID.fullmatch(text):
        raise MalformedQuery(f"{what} has a character that is not allowed, or too many")
    return text


def _check_unique(ids: Iterable[str]) -> None:
    listed = list(ids)
    if len(set(listed)) != len(listed):
        raise QueryIdRepeated("an id is used twice")
