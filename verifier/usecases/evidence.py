"""Make the evidence record of a verification that ends. It holds no value and no exact time."""

from datetime import datetime

from verifier.model import (
    Confirmation,
    Evidence,
    Identity,
    Outcome,
    State,
    Verdict,
    Verification,
    full_hour,
    started_hours,
)


def evidence_of_verdict(
    verification: Verification,
    verdict: Verdict,
    *,
    outcome: Outcome,
    at: datetime,
    confirmation: Confirmation = Confirmation.NOT_NEEDED,
) -> Evidence:
    """Return the record of a response that was decided by its checks alone."""
    return Evidence(
        hour=full_hour(at),
        profile=verification.profile,
        role=verification.role,
        ended=State.DECIDED,
        checks=verdict.checks,
        outcome=outcome,
        code=verdict.code,
        identity=Identity.NOT_NEEDED if outcome is Outcome.ACCEPT else None,
        trust_sequence=verdict.trust_sequence,
        trust_age_hours=started_hours(verdict.trust_age),
        status_age_hours=started_hours(verdict.status_age),
        confirmation=confirmation,
    )


def evidence_of_end(
    verification: Verification,
    ended: State,
    *,
    at: datetime,
    outcome: Outcome | None = None,
    code: str | None = None,
    identity: Identity | None = None,
) -> Evidence:
    """Return the record of a verification that ends in another way, with the checks made.

    Those kept back for a confirmation code are among them: the record tells nobody of a value.
    """
    made: Verdict | Verification = verification
    confirmation = verification.confirmation
    if verification.held is not None:
        made, confirmation = verification.held, Confirmation.LEFT
        if ended is State.DECIDED:
            confirmation = Confirmation.FAILED
    return Evidence(
        hour=full_hour(at),
        profile=verification.profile,
        role=verification.role,
        ended=ended,
        checks=made.checks,
        outcome=outcome,
        code=code,
        identity=identity,
        trust_sequence=made.trust_sequence,
        trust_age_hours=started_hours(made.trust_age),
        status_age_hours=started_hours(made.status_age),
        confirmation=confirmation,
    )
