"""Where a verification stands. Every life cycle is one transition table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from keys.checks import CheckFailed


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


class NotAllowed(CheckFailed):
    """The life cycle has no such step from here."""

    code: ClassVar[str] = "not_allowed_now"
    spec: ClassVar[str] = "Kykylompakko verification life cycle"
