"""DCQL queries written as JSON (OpenID4VP 1.0, 6)."""

from collections.abc import Sequence
from itertools import combinations

from openid4vc.dcql.errors import ClaimAskedTwice
from openid4vc.dcql.model import (
    MSO_MDOC,
    SD_JWT_VC,
    ClaimsQuery,
    CredentialQuery,
    CredentialSet,
    Query,
)
from openid4vc.dcql.paths import DcqlPath


def query_json(query: Query) -> dict[str, object]:
    """Return the query as JSON; defaults are left out.

    Raises:
        ClaimAskedTwice: two claims queries of one credential query can point to one claim (6.1).
    """
    members: dict[str, object] = {
        "credentials": [_credential_json(one) for one in query.credentials]
    }
    if query.credential_sets:
        members["credential_sets"] = [_credential_set_json(one) for one in query.credential_sets]
    return members


def _credential_set_json(one: CredentialSet) -> dict[str, object]:
    members: dict[str, object] = {"options": [list(ids) for ids in one.options]}
    if not one.required:
        members["required"] = False
    return members


def _credential_json(query: CredentialQuery) -> dict[str, object]:
    _check_asked_once(query.claims)
    members: dict[str, object] = {"id": query.id, "format": query.format, "meta": _meta(query)}
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


def _meta(query: CredentialQuery) -> dict[str, object]:
    """Return what is asked of the type; of formats that we do not have nothing is known."""
    if query.format == SD_JWT_VC:
        return {"vct_values": list(query.vct_values)}
    return {"doctype_value": query.doctype} if query.format == MSO_MDOC else {}


def _claim_json(claim: ClaimsQuery) -> dict[str, object]:
    members: dict[str, object] = {"path": list(claim.path)}
    if claim.id is not None:
        members["id"] = claim.id
    if claim.values:
        members["values"] = list(claim.values)
    return members


def _check_asked_once(claims: Sequence[ClaimsQuery]) -> None:
    if any(_may_meet(one.path, other.path) for one, other in combinations(claims, 2)):
        raise ClaimAskedTwice("two claims queries point to one claim")


def _may_meet(one: DcqlPath, other: DcqlPath) -> bool:
    """Say whether two paths can select one place: all elements include the one at a position."""
    return len(one) == len(other) and all(map(_part_may_meet, one, other))


def _part_may_meet(one: str | int | None, other: str | int | None) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return one is None or other is None or one == other
