"""A verification, its steps, and the evidence that it leaves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from openid4vc.openid4vp.withdrawal import Wish
from verifier.model.states import State, states_before
from verifier.model.verdict import (
    CheckResult,
    Confirmation,
    Identity,
    OnBehalf,
    Outcome,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Verification:
    """One request and what became of it, without any claim value.

    Attributes:
        id: what the desk and the API call it by; needs their authorisation.
        ref: the unguessable part of the wallet's URLs.
        owner: public id of the API key that made it.
        expires_at: until when a wallet may answer, or staff may still decide.
        erase_at: when the boxed values are erased; None while there are none.
        checks: the nine results; empty before a response was taken.
        code: code of the failure behind the outcome, None when nothing failed.
        cards: how many cards were shown.
        trust_sequence: number of the trust list used.
        trust_age: age of that trust list when used.
        status_age: age of the oldest status list used.
        issuer: id of the organisation that the code is about, or whose card was shown.
        confirmation: how the confirmation code ended; None while no answer was taken.
        tries_left: how often the code may still be typed; None when none is waited for.
        held: what the checks came to, kept back until the code is typed; for nobody's eyes.
        checked_at: when the response was checked: the ages are as of then.
        decided_at: when the outcome was reached.
        on_behalf: who acted for the client, as staff or the wallet said; None for the client.
    """

    id: str
    ref: str
    owner: str
    role: str
    profile: str
    state: State
    created_at: datetime
    expires_at: datetime
    erase_at: datetime | None = None
    checks: tuple[CheckResult, ...] = ()
    outcome: Outcome | None = None
    code: str | None = None
    identity: Identity | None = None
    cards: int = 0
    trust_sequence: int | None = None
    trust_age: timedelta | None = None
    status_age: timedelta | None = None
    issuer: str | None = None
    confirmation: Confirmation | None = None
    tries_left: int | None = None
    held: "Verdict | None" = field(default=None, repr=False)
    checked_at: datetime | None = None
    decided_at: datetime | None = None
    on_behalf: OnBehalf | None = None


TRAINING = "training."
"""How the id of every verification of training begins; a real one has no dot in it."""


def scenario_in(verification_id: str) -> str | None:
    """Return what a verification of training practises, None for a real one."""
    if not verification_id.startswith(TRAINING):
        return None
    return verification_id.removeprefix(TRAINING).partition(".")[0]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an auditor may read later: no value, no status index, no hash, no exact time.

    Attributes:
        hour: when it ended, cut to the full hour (UTC).
        ended: the state in which it ended.
        confirmation: how the confirmation code ended, never the code.
        trust_age_hours: age of the trust list in started hours.
        status_age_hours: age of the oldest status list in started hours.
        assisted: the client had more time, or somebody to help.
        on_behalf: who acted for the client, a kind of person; None for the client.
        wish: what the client asked later with the receipt; such a record has no checks.
    """

    hour: datetime
    profile: str
    role: str
    ended: State
    checks: tuple[CheckResult, ...]
    outcome: Outcome | None
    code: str | None
    identity: Identity | None
    trust_sequence: int | None
    trust_age_hours: int | None
    status_age_hours: int | None
    confirmation: Confirmation | None = None
    assisted: bool = False
    on_behalf: OnBehalf | None = None
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class AwaitedCode:
    """A confirmation code that is waited for, with what is kept back until then.

    Attributes:
        mac: keyed MAC of the code.
        tries: how often it may be typed.
        held: what the checks came to.
    """

    mac: bytes = field(repr=False)
    tries: int
    held: Verdict = field(repr=False)


@dataclass(frozen=True, slots=True)
class Change:
    """What a step in the life cycle writes beside the new state; None leaves a field as it is.

    `erase_secrets` drops what is needed to take an answer, `erase_values` the boxed values. What
    `awaited` writes is dropped by any step out of `CODE_PENDING`.
    """

    verdict: Verdict | None = None
    outcome: Outcome | None = None
    code: str | None = None
    identity: Identity | None = None
    confirmation: Confirmation | None = None
    on_behalf: OnBehalf | None = None
    awaited: AwaitedCode | None = None
    boxed: bytes | None = field(default=None, repr=False)
    cards: int | None = None
    checked_at: datetime | None = None
    decided_at: datetime | None = None
    expires_at: datetime | None = None
    erase_at: datetime | None = None
    erase_secrets: bool = False
    erase_values: bool = False


@dataclass(frozen=True, slots=True)
class Once:
    """An answer that may be taken once at this desk, told by a hash of what its holder signed.

    Attributes:
        key: 32 bytes, the same however the answer is packed.
        until: until when it is remembered; longer than it could be shown.
    """

    key: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the life cycle, taken by one conditional write.

    Attributes:
        to: the state entered.
        only_from: narrows the states from which it may be entered.
        in_time_at: refuses the step when the verification has expired at that time.
        change: what is written with it.
        evidence: what is recorded in the same transaction.
        once: refuses the step when that answer has been taken before, here or elsewhere.
    """

    to: State
    only_from: frozenset[State] | None = None
    in_time_at: datetime | None = None
    change: Change = Change()
    evidence: Evidence | None = None
    once: Once | None = None

    @property
    def allowed_from(self) -> frozenset[State]:
        """The states from which this step may be taken."""
        before = states_before(self.to)
        return before if self.only_from is None else before & self.only_from


def full_hour(at: datetime) -> datetime:
    """Cut a time down to the full hour, in UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def started_hours(age: timedelta | None) -> int | None:
    """Return an age in started hours, at least 0; None stays None."""
    if age is None:
        return None
    return max(0, -(-int(age.total_seconds()) // 3600))
