"""The things of a verification and their states. Every life cycle is one transition table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from keys.checks import CheckFailed
from openid4vc.status_list.forms import ListToken


class State(StrEnum):
    """Where a verification stands."""

    REQUESTED = "requested"  # the request is made, nobody has read it
    FETCHED = "fetched"  # a wallet has read the request
    ANSWERED = "answered"  # one response is taken and is being checked
    CODE_PENDING = "code_pending"  # checked; nothing is seen before the client's code is typed
    IDENTITY_PENDING = "identity_pending"  # every check holds; staff compare the person
    DECIDED = "decided"  # there is an outcome
    DECLINED = "declined"  # the wallet answered that nothing is shown
    EXPIRED = "expired"  # the time ran out
    ON_PAPER = "on_paper"  # staff compared a paper document instead, and recorded it
    CLOSED = "closed"  # staff closed it; nothing is left to see


NEXT: Mapping[State, frozenset[State]] = {
    State.REQUESTED: frozenset(
        # A code shown by a wallet without network answers what no wallet has read.
        {State.FETCHED, State.ANSWERED, State.EXPIRED, State.ON_PAPER, State.CLOSED}
    ),
    State.FETCHED: frozenset(
        {State.ANSWERED, State.DECLINED, State.EXPIRED, State.ON_PAPER, State.CLOSED}
    ),
    State.ANSWERED: frozenset(
        # An answer over the counter, and one that shows nothing, need no code.
        {
            State.CODE_PENDING,
            State.IDENTITY_PENDING,
            State.DECIDED,
            State.EXPIRED,
            State.CLOSED,
        }
    ),
    State.CODE_PENDING: frozenset(
        {State.IDENTITY_PENDING, State.DECIDED, State.EXPIRED, State.CLOSED}
    ),
    State.IDENTITY_PENDING: frozenset({State.DECIDED, State.EXPIRED, State.CLOSED}),
    State.DECIDED: frozenset({State.CLOSED}),
    State.DECLINED: frozenset({State.ON_PAPER, State.CLOSED}),
    State.EXPIRED: frozenset({State.ON_PAPER, State.CLOSED}),
    State.ON_PAPER: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}

OPEN_STATES = frozenset({State.REQUESTED, State.FETCHED})  # a wallet may still act
UNDECIDED_STATES = frozenset(state for state in State if State.EXPIRED in NEXT[state])


def states_before(state: State) -> frozenset[State]:
    """Return the states from which `state` may be entered."""
    return frozenset(earlier for earlier, later in NEXT.items() if state in later)


class Check(StrEnum):
    """The nine checks, in the order in which they are made."""

    ANSWERS_REQUEST = "answers_request"
    ISSUER_TRUSTED = "issuer_trusted"
    ISSUER_SIGNATURE = "issuer_signature"
    DISCLOSURES = "disclosures"
    DATES = "dates"
    HOLDER_BINDING = "holder_binding"
    QUERY = "query"
    STATUS = "status"
    ACROSS_CARDS = "across_cards"


class Mark(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check with its mark; `code` is the failure's stable code when it failed."""

    check: Check
    mark: Mark
    code: str | None = None


class Outcome(StrEnum):
    """What staff may do with what was shown; `NOT_SHOWN` is no verdict."""

    ACCEPT = "accept"
    CANNOT_CONFIRM = "cannot_confirm"
    REJECT = "reject"
    NOT_SHOWN = "not_shown"


class Identity(StrEnum):
    """What staff recorded about the person in front of them."""

    COMPARED = "compared"
    NOT_NEEDED = "not_needed"
    NOT_SAME = "not_same"


class Confirmation(StrEnum):
    """Whether the client at the desk was shown to be the one whose wallet answered."""

    CONFIRMED = "confirmed"  # the code that only that wallet was given was read out
    NOT_NEEDED = "not_needed"  # it came over the counter, or it shows nothing
    FAILED = "failed"  # no try was right
    LEFT = "left"  # it ended before the code was typed


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


@dataclass(frozen=True, slots=True)
class ShownCard:
    """What one card showed, cut down to what was asked.

    Attributes:
        query_id: id of the credential query that it answers.
        type_id: the credential type's id in the catalogue.
        vct: the type's identifier on the wire.
        issuer: id of the trusted issuer.
        claims: only the claims that the query names.
        partial: places of arrays of which only some elements were shown, as JSON paths.
        valid_until: when the card ends, None when it does not.
    """

    query_id: str
    type_id: str
    vct: str
    issuer: str
    claims: Mapping[str, object]
    partial: tuple[tuple[str | int, ...], ...] = ()
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the nine checks came to."""

    checks: tuple[CheckResult, ...]
    outcome: Outcome | None
    code: str | None = None
    shown: tuple[ShownCard, ...] = ()
    trust_sequence: int | None = None
    trust_age: timedelta | None = None
    status_age: timedelta | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an auditor may read later: no value, no status index, no hash, no exact time.

    Attributes:
        hour: when it ended, cut to the full hour (UTC).
        ended: the state in which it ended.
        confirmation: how the confirmation code ended, never the code.
        trust_age_hours: age of the trust list in started hours.
        status_age_hours: age of the oldest status list in started hours.
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


@dataclass(frozen=True, slots=True)
class StoredCode:
    """A confirmation code on its way to the wallet that answered; it names no verification.

    Attributes:
        key: hash of the address part that only that wallet was told.
        sealed: the code, sealed under that address part.
        until: when the page that shows it ends.
    """

    key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class StoredChallenge:
    """A challenge that this desk shows, or showed a moment ago.

    Attributes:
        tag: the 4 bytes by which an answer names it.
        sealed: its nonce, private key and link, sealed.
        shown_until: when the desk shows a new one instead.
        answerable_until: when no answer is taken any more and the private key is forgotten.
    """

    id: str
    verification_id: str
    tag: bytes
    sealed: bytes = field(repr=False)
    shown_until: datetime
    answerable_until: datetime


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Whose status list is where."""

    issuer: str
    uri: str


@dataclass(frozen=True, slots=True)
class HeldList:
    """A status list that was verified once, as it is kept; who reads it back verifies it anew.

    Attributes:
        uri: where it was fetched, as cards name it.
        issuer: id of the organisation whose cards it speaks of.
        token: the list as it was signed.
        fetched_at: when it was had from its address.
        issued_at: when it was signed, as it says itself.
    """

    uri: str
    issuer: str
    token: ListToken = field(repr=False)
    fetched_at: datetime
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Asking:
    """How the desk asks its client in one verification, beside what is asked.

    Attributes:
        verification_id: which.
        until: until when its request is renewed by itself.
        without_network: the client's wallet has no network, so the screen shows the challenge.
        assisted: a supporter is there, or the client needs more time: longer lives, larger text.
    """

    verification_id: str
    until: datetime
    without_network: bool = False
    assisted: bool = False


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a request that nobody has answered goes on as.

    Attributes:
        ref: the unguessable part of the wallet's addresses; another one, unless a wallet has
            read the request already.
        secrets: sealed anew, with the request signed again.
        expires_at: until when it can be answered.
    """

    ref: str
    secrets: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A calling system's or a desk's key: one role, an end, perhaps revoked."""

    id: str
    role: str
    label: str
    mac: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


TRAINING = "training."
"""How the id of every verification of training begins; a real one has no dot in it."""


def scenario_in(verification_id: str) -> str | None:
    """Return what a verification of training practises, None for a real one."""
    if not verification_id.startswith(TRAINING):
        return None
    return verification_id.removeprefix(TRAINING).partition(".")[0]


class NotAllowed(CheckFailed):
    """The life cycle has no such step from here."""

    code: ClassVar[str] = "not_allowed_now"
    spec: ClassVar[str] = "Kykylompakko verification life cycle"


def full_hour(at: datetime) -> datetime:
    """Cut a time down to the full hour, in UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def started_hours(age: timedelta | None) -> int | None:
    """Return an age in started hours, at least 0; None stays None."""
    if age is None:
        return None
    return max(0, -(-int(age.total_seconds()) // 3600))
