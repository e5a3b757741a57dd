"""Which failure leads to which outcome: one table. What is not named here is rejected."""

from collections.abc import Mapping

from keys.checks import CheckFailed, TrustListStale
from openid4vc.checks import (
    CredentialSuspended,
    StatusListFormUnknown,
    StatusListFromFuture,
    StatusListStale,
    StatusMissing,
)
from openid4vc.dcql.errors import QueryNotSatisfied
from verifier.model import Check, Outcome
from verifier.usecases.failures import (
    IssuerClosed,
    NamesDiffer,
    StatusUnknown,
    TrustListMissing,
)

OUTCOME_OF: Mapping[type[CheckFailed], Outcome] = {
    # Nothing satisfying was shown, or a required claim was left out.
    QueryNotSatisfied: Outcome.NOT_SHOWN,
    # The card itself holds, but we cannot say that it still counts.
    CredentialSuspended: Outcome.CANNOT_CONFIRM,
    StatusUnknown: Outcome.CANNOT_CONFIRM,
    StatusListFormUnknown: Outcome.CANNOT_CONFIRM,
    StatusListStale: Outcome.CANNOT_CONFIRM,
    StatusListFromFuture: Outcome.CANNOT_CONFIRM,
    StatusMissing: Outcome.CANNOT_CONFIRM,
    IssuerClosed: Outcome.CANNOT_CONFIRM,
    NamesDiffer: Outcome.CANNOT_CONFIRM,
    # We ourselves lack what judging needs; the card is not to blame.
    TrustListMissing: Outcome.CANNOT_CONFIRM,
    TrustListStale: Outcome.CANNOT_CONFIRM,
}

# Values are kept only when a check from here on failed: until then nothing proves them genuine.
VALUES_KEPT_FROM = (Check.STATUS, Check.ACROSS_CARDS)


def outcome_of(failure: CheckFailed) -> Outcome:
    """Return the outcome of a failure: that of its nearest class in the table, else `REJECT`."""
    for kind in type(failure).__mro__:
        if kind in OUTCOME_OF:
            return OUTCOME_OF[kind]
    return Outcome.REJECT
