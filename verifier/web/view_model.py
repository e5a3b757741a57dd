"""The parts of the outcome page, already in words."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["ok", "unsure", "stop", "none", "done", "skipped"]
"""Which shape: disc with a tick, diamond, octagon, open square; ring with a tick, dotted ring.

The first four are verdicts. A page says `ok` only where the verdict is to accept: what is in order
on any other page is `done`, which has no colour.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was asked: what it is called, what the card says, whether it was shown."""

    label: str
    values: tuple[str, ...]
    tone: Tone
    mark: str
    remark: str | None


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A score between the ends of its scale, drawn as a line without any judgement.

    Attributes:
        ticks: where the marks stand, in units of the drawing.
        place: where the score stands.
    """

    lowest: str
    highest: str
    score: str
    ticks: tuple[float, ...]
    place: float


@dataclass(frozen=True, slots=True)
class Statement:
    """A plain sentence about one claim: words, what the card says, words."""

    before: str
    value: str
    after: str
    line: NumberLine | None = None


@dataclass(frozen=True, slots=True)
class FirstView:
    """What staff read first. `voice` says who speaks in the card."""

    title: str
    voice: str
    quotes: tuple[str, ...]
    statements: tuple[Statement, ...]
    note: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One of the nine checks in words; `told` says what went wrong, or how old a list was."""

    label: str
    tone: Tone
    result: str
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who the card says it is about."""

    name: str
    born: str | None


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """The outcome page.

    Attributes:
        why: what went wrong, in one sentence of this failure's own; None when nothing did.
        voice: who speaks in the card, None when nothing of it is shown.
        keeps: what becomes of the data, with the date when they are kept.
    """

    tone: Tone
    title: str
    lead: str
    why: str | None
    person: Person | None
    identity: str | None
    voice: str | None
    first: FirstView | None
    rows: tuple[Row, ...]
    steps: tuple[str, ...]
    checks: tuple[CheckLine, ...]
    checks_title: str
    technical: tuple[tuple[str, str], ...]
    profile: str
    keeps: str
    clears_at: str | None
    seconds_left: int | None
    erased: bool
    self_initiated: bool
    another_card: bool
