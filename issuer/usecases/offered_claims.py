"""What must hold of an offer: who may make it, the type's schema, whose claims, how long."""

from collections.abc import Callable, Mapping
from datetime import date

from credential_schemas.model import Catalogue, CredentialType
from credential_schemas.policy import check_issuer, validity
from credential_schemas.problems import ClaimsRejected, Problem
from issuer.model import Caller
from issuer.usecases.failures import TypeNotInScope, TypeNotIssuedHere, TypeRefused, TypeUnknown


def offered_type(catalogue: Catalogue, caller: Caller, type_id: str) -> CredentialType:
    """Return the type that a caller wants to offer.

    Raises:
        TypeRefused, TypeUnknown, TypeNotIssuedHere, TypeNotInScope: not this type.
    """
    if type_id in catalogue.refused_types:
        raise TypeRefused(catalogue.refused_types[type_id])
    if type_id not in catalogue.types:
        raise TypeUnknown("no such type")
    if not catalogue.may_issue(caller.organisation, type_id):
        raise TypeNotIssuedHere("the organisation does not issue this type")
    if type_id not in caller.types:
        raise TypeNotInScope("the caller is not for this type")
    return catalogue.types[type_id]


def check_offered(
    catalogue: Catalogue,
    claims: Mapping[str, object],
    *,
    organisation: str,
    type_id: str,
    today: date,
) -> None:
    """Check claims before they are sealed.

    Args:
        catalogue: the catalogue.
        claims: parsed JSON.
        organisation: who offers them.
        type_id: a type of the catalogue.
        today: the day in Finland.

    Raises:
        ClaimsRejected: with every problem found, by place and code, never with a value.
    """
    credential_type = catalogue.types[type_id]
    problems = [
        *_problems(
            lambda: credential_type.check_claims(
                claims, allow_real_identity_codes=catalogue.real_identity_codes
            )
        ),
        *_problems(lambda: check_issuer(catalogue, organisation, type_id, claims)),
        *_problems(lambda: validity(credential_type, claims, issued_on=today)),
    ]
    if problems:
        raise ClaimsRejected(problems)


def _problems(check: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        check()
    except ClaimsRejected as rejected:
        return rejected.problems
    return ()
