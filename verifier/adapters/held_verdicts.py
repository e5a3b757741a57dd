"""A verdict that is kept back until the client's code is typed, as text in its row."""

import json
from collections.abc import Sequence
from datetime import timedelta

from verifier.model import Check, CheckResult, Mark, Outcome, Verdict


def checks_text(checks: Sequence[CheckResult]) -> str:
    """Return check results as text."""
    return json.dumps([[item.check.value, item.mark.value, item.code] for item in checks])


def checks_of(text: str) -> tuple[CheckResult, ...]:
    """Return what `checks_text` wrote."""
    return tuple(CheckResult(Check(c), Mark(m), code) for c, m, code in json.loads(text))


def whole(age: timedelta | None) -> int | None:
    """Return an age in whole seconds; None stays None."""
    return None if age is None else int(age.total_seconds())


def age_of(value: int | None) -> timedelta | None:
    """Return what `whole` cut."""
    return None if value is None else timedelta(seconds=value)


def verdict_text(verdict: Verdict) -> str:
    """Return a verdict as text, without what was shown."""
    return json.dumps(
        {
            "checks": checks_text(verdict.checks),
            "outcome": verdict.outcome and verdict.outcome.value,
            "code": verdict.code,
            "trust_sequence": verdict.trust_sequence,
            "trust_age": whole(verdict.trust_age),
            "status_age": whole(verdict.status_age),
            "issuer": verdict.issuer,
        }
    )


def verdict_of(text: str | None) -> Verdict | None:
    """Return what `verdict_text` wrote; None stays None."""
    if text is None:
        return None
    held = json.loads(text)
    return Verdict(
        checks=checks_of(held["checks"]),
        outcome=None if held["outcome"] is None else Outcome(held["outcome"]),
        code=held["code"],
        trust_sequence=held["trust_sequence"],
        trust_age=age_of(held["trust_age"]),
        status_age=age_of(held["status_age"]),
        issuer=held["issuer"],
    )
