"""What must hold of offered claims: the type's schema, whose they are, how long they last."""

from collections.abc import Callable, Mapping
from datetime import date

from credential_schemas.model import Catalogue
from credential_schemas.policy import check_issuer, validity
from credential_schemas.problems import ClaimsRejected, Problem


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
        *_problems(lambda: credential_type.check_claims(claims)),
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
