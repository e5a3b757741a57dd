"""Make the evidence record of a verification that ends. It holds no value and no exact time."""

from datetime import datetime

from verifier.model import (
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
    verification: Verification, verdict: Verdict, *, outcome: Outcome, at: datetime
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
    """Return the record of a verification that ends in another way, with the checks it has."""
    return Evidence(
        hour=full_hour(at),
        profile=verification.profile,
        role=verification.role,
        ended=ended,
        checks=verification.checks,
        outcome=outcome,
        code=code,
        identity=identity,
        trust_sequence=verification.trust_sequence,
        trust_age_hours=started_hours(verification.trust_age),
        status_age_hours=started_hours(verification.status_age),
    )
