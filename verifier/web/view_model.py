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
    quoted_in_part: bool = False


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
class CardTable:
    """Everything that was asked of one card. `title` is None where only one card was asked."""

    title: str | None
    voice: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Corner:
    """What one card says in the picture, with its source."""

    title: str
    voice: str
    quotes: tuple[str, ...]
    statements: tuple[Statement, ...]
    source: str


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One agreed action: what, who, when, how far."""

    title: str
    who: str
    when: str
    status: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """An action of two plans for the same time: each as its plan has it, and whose plan that is."""

    actions: tuple[tuple[PlannedAction, str], ...]


@dataclass(frozen=True, slots=True)
class PlanTable:
    """One plan; `in_part` when only some of its actions were shown."""

    title: str
    statements: tuple[Statement, ...]
    actions: tuple[PlannedAction, ...]
    in_part: bool
    source: str


@dataclass(frozen=True, slots=True)
class PictureView:
    """What several cards say together.

    Attributes:
        lead: how many cards are good, and what joins them.
        corners: one for each card that is no plan with actions.
        plans: the plans.
        overlaps: what two plans hold for the same time.
        several_plans: whether there were two to compare.
        dates: what comes next: day and what it is.
        not_shown: the cards that were asked for and not shown.
    """

    lead: str
    corners: tuple[Corner, ...]
    plans: tuple[PlanTable, ...]
    overlaps: tuple[Overlap, ...]
    several_plans: bool
    dates: tuple[tuple[str, str], ...]
    not_shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """The outcome page.

    Attributes:
        why: what went wrong, in one sentence of this failure's own; None when nothing did.
        acted: who acted for the client; None when nobody did and the page need not say so.
        tables: everything that was asked, card by card; empty when nothing is shown.
        picture: what several cards say together; None for one card, or for what is unconfirmed.
        keeps: what becomes of the data, with the date when they are kept.
    """

    tone: Tone
    title: str
    lead: str
    why: str | None
    person: Person | None
    identity: str | None
    acted: str | None
    first: FirstView | None
    tables: tuple[CardTable, ...]
    picture: PictureView | None
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
