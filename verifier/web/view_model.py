"""The parts of the outcome page, already in words."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["ok", "unsure", "stop", "none"]
"""Which of the four shapes: disc with a tick, diamond, octagon, open square."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was asked: what it is called, what the card says, whether it was shown."""

    label: str
    values: tuple[str, ...]
    tone: Tone
    mark: str
    remark: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its values in words."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FirstView:
    """What staff read first."""

    title: str
    quotes: tuple[str, ...]
    facts: tuple[Fact, ...]
    note: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One of the nine checks in words."""

    label: str
    tone: Tone
    result: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who the card says it is about."""

    name: str
    born: str | None


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """The outcome page."""

    tone: Tone
    title: str
    lead: str
    person: Person | None
    identity: str | None
    first: FirstView | None
    rows: tuple[Row, ...]
    steps: tuple[str, ...]
    checks: tuple[CheckLine, ...]
    checks_title: str
    technical: tuple[tuple[str, str], ...]
    profile: str
    clears_at: str | None
    seconds_left: int | None
    erased: bool
    self_initiated: bool
