"""How old a status list may be for a task, as its profile says."""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import structs

from credential_schemas.model import RequestProfile
from openid4vc.checks import StatusListStale
from verifier.model import Check, Verdict
from verifier.usecases.check_presentation import marks_until
from verifier.usecases.outcome_table import outcome_of


def age_limit(profile: RequestProfile) -> timedelta:
    """Return the age of a list beyond which the task's cards could not be checked."""
    return timedelta(hours=profile.status_max_age_hours)


def strictest_limit(profiles: Iterable[RequestProfile]) -> timedelta:
    """Return the shortest of their limits: from that age on a newer list is asked for."""
    return min(map(age_limit, profiles))


def within_age(verdict: Verdict, profile: RequestProfile) -> Verdict:
    """Return the verdict, or that the status could not be checked when its list is too old."""
    too_old = verdict.status_age is not None and verdict.status_age > age_limit(profile)
    if verdict.outcome is not None or not too_old:
        return verdict
    failure = StatusListStale("older than the profile allows")
    return structs.replace(
        verdict,
        checks=marks_until(Check.STATUS, failure.code),
        outcome=outcome_of(failure),
        code=failure.code,
    )
