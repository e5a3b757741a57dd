"""From a verdict that staff may learn of to the step that tells it."""

from datetime import datetime

from verifier.model import (
    Change,
    Confirmation,
    Identity,
    Outcome,
    State,
    Step,
    Verdict,
    Verification,
)
from verifier.usecases.evidence import evidence_of_verdict


def concluding_step(
    verification: Verification,
    verdict: Verdict,
    *,
    compare: bool,
    at: datetime,
    until: datetime | None,
    confirmation: Confirmation,
) -> Step:
    """Return the step to comparing the person, or to the outcome.

    Args:
        verification: the request that was answered.
        verdict: what the checks came to.
        compare: whether the profile asks staff to compare the person.
        at: now.
        until: when the values are erased; None when there are none.
        confirmation: how the confirmation code ended.
    """
    if verdict.outcome is None and compare:
        change = Change(
            verdict=verdict, confirmation=confirmation, expires_at=until, erase_at=until
        )
        return Step(to=State.IDENTITY_PENDING, change=change)
    outcome = verdict.outcome or Outcome.ACCEPT
    change = Change(
        verdict=verdict,
        outcome=outcome,
        code=verdict.code,
        identity=Identity.NOT_NEEDED if outcome is Outcome.ACCEPT else None,
        confirmation=confirmation,
        decided_at=at,
        erase_at=until,
        erase_values=until is None,
    )
    evidence = evidence_of_verdict(
        verification, verdict, outcome=outcome, at=at, confirmation=confirmation
    )
    return Step(to=State.DECIDED, change=change, evidence=evidence)
