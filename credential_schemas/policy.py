"""Issuing policy: who may issue which type, in whose name, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from credential_schemas.model import LANGS, Catalogue, CredentialType
from credential_schemas.problems import ClaimsRejected, Problem
from credential_schemas.schema_checks import parse_date


@dataclass(frozen=True, slots=True)
class Validity:
    """The days on which a credential is valid, both included."""

    first_day: date
    last_day: date

    @property
    def starts_at(self) -> datetime:
        """Midnight (UTC) that begins the first day: for `iat` and `nbf`, rounded to the day."""
        return datetime.combine(self.first_day, time(), tzinfo=UTC)

    @property
    def expires_at(self) -> datetime:
        """Midnight (UTC) after the last day: for `exp`, rounded to the day."""
        return datetime.combine(self.last_day + timedelta(days=1), time(), tzinfo=UTC)


def validity(
    credential_type: CredentialType, claims: Mapping[str, object], *, issued_on: date
) -> Validity:
    """How long a credential with these claims is valid.

    It ends on the earliest of: the day of issue plus the type's days, and the dates in the claims
    that the type names (such as `restriction_valid_until`), some with days added to them.

    Args:
        credential_type: the type.
        claims: checked claims.
        issued_on: the day of issue in Finland.

    Raises:
        ClaimsRejected: a date in the claims is over already (`already_over`).
    """
    days_after = dict.fromkeys(credential_type.validity_claims, 0)
    days_after |= credential_type.validity_days_after
    ends = {
        name: day + timedelta(days=days)
        for name, days in days_after.items()
        if (day := parse_date(claims.get(name))) is not None
    }
    over = [name for name, end in ends.items() if end < issued_on]
    if over:
        raise ClaimsRejected(Problem((name,), "already_over") for name in over)
    longest = issued_on + timedelta(days=credential_type.validity_days)
    return Validity(issued_on, min([longest, *ends.values()]))


def check_issuer(
    catalogue: Catalogue, organisation: str, type_id: str, claims: Mapping[str, object]
) -> None:
    """Check that the organisation may issue the type, and issues it in its own name.

    Args:
        catalogue: the catalogue.
        organisation: id of the issuing organisation.
        type_id: id of the credential type.
        claims: the claims; `issuing_authority`, when given, is one of the organisation's names.

    Raises:
        ClaimsRejected: `issuer_not_allowed` or `issuing_authority_differs`.
    """
    if not catalogue.may_issue(organisation, type_id):
        raise ClaimsRejected([Problem((), "issuer_not_allowed")])
    names = catalogue.organisations[organisation].names
    if claims.get("issuing_authority", names.fi) not in {names[lang] for lang in LANGS}:
        raise ClaimsRejected([Problem(("issuing_authority",), "issuing_authority_differs")])
