"""The shared situation picture: what several cards say together, for client and professional.

Each statement stands beside its source. Nothing is reckoned from one card to another: dates are put
in order, and what two plans have in common is named, no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Final

from credential_schemas.i18n import HELSINKI, format_date
from credential_schemas.model import Catalogue, Lang, RequestProfile
from credential_schemas.schema_checks import parse_date
from verifier.model import ShownCard
from verifier.web.ages import Words
from verifier.web.card_words import CardWords, in_part
from verifier.web.view_model import Corner, Overlap, PictureView, PlannedAction, PlanTable

_ACTIONS: Final = "actions"
_LONG_WORD: Final = 4  # letters: shorter words tell no two actions apart


@dataclass(frozen=True, slots=True)
class _Action:
    """One agreed action of a plan, as far as it was shown."""

    plan: int
    title: str
    who: str
    starts: date | None
    ends: date | None
    status: str

    def words(self) -> frozenset[str]:
        """What it is about: its longer words."""
        letters = "".join(one if one.isalnum() else " " for one in self.title.casefold())
        return frozenset(word for word in letters.split() if len(word) >= _LONG_WORD)

    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status not in {"done", "cancelled"}


class PictureWriter:
    """Turns the cards of one answer into one page, in one language.

    Args:
        catalogue: what can be said.
        words: looks up a text.
        lang: the language.
        at: when the page is read.
    """

    def __init__(self, *, catalogue: Catalogue, words: Words, lang: Lang, at: datetime) -> None:
        self._catalogue = catalogue
        self._t = words
        self._lang = lang
        self._today = at.astimezone(HELSINKI).date()
        self._telling = CardWords(catalogue=catalogue, words=words, lang=lang, at=at)

    def picture(self, profile: RequestProfile, cards: Sequence[ShownCard]) -> PictureView:
        """Return the page of cards that were accepted together.

        Args:
            profile: what was asked.
            cards: what was shown.
        """
        plans = [card for card in cards if _ACTIONS in card.claims]
        actions = [one for number, card in enumerate(plans) for one in _actions(card, number)]
        shown = {card.type_id for card in cards}
        return PictureView(
            lead=self._lead(len(cards)),
            corners=tuple(self._corner(card) for card in cards if card not in plans),
            plans=tuple(
                self._plan(card, number, alone=len(plans) == 1) for number, card in enumerate(plans)
            ),
            overlaps=tuple(self._overlap(pair, plans) for pair in _overlapping(actions)),
            several_plans=len(plans) > 1,
            dates=self._dates(cards, actions),
            not_shown=tuple(
                self._title(card.credential_type)
                for card in profile.credentials
                if card.credential_type not in shown
            ),
        )

    def _lead(self, count: int) -> str:
        if count == 1:
            return self._t("picture.one_card")
        return self._t("picture.cards", n=count)

    def _corner(self, card: ShownCard) -> Corner:
        told = self._telling.first(card)
        return Corner(
            title=self._catalogue.types[card.type_id].desk.title[self._lang],
            voice=self._voice(card),
            quotes=() if told is None else told.quotes,
            statements=() if told is None else told.statements,
            source=self._source(card),
        )

    def _plan(self, card: ShownCard, number: int, *, alone: bool) -> PlanTable:
        told = self._telling.first(card, without=(_ACTIONS,))
        title = self._catalogue.types[card.type_id].desk.title[self._lang]
        return PlanTable(
            title=title if alone else f"{title}: {self._issuer(card.issuer)}",
            statements=() if told is None else told.statements,
            actions=tuple(self._row(card, one) for one in _actions(card, number)),
            in_part=in_part(card, (_ACTIONS,)),
            source=self._source(card),
        )

    def _row(self, card: ShownCard, action: _Action) -> PlannedAction:
        members = self._catalogue.types[card.type_id].claims[_ACTIONS].members
        labels = self._catalogue.code_lists[members["status"].code_list or ""]
        status = labels[action.status][self._lang] if action.status in labels else ""
        none = self._t("mark.none")
        return PlannedAction(
            title=action.title or none,
            who=action.who or none,
            when=self._period(action) or none,
            status=status or none,
        )

    def _period(self, action: _Action) -> str:
        starts, ends = (
            "" if day is None else format_date(day, self._lang)
            for day in (action.starts, action.ends)
        )
        return f"{starts}\N{EN DASH}{ends}" if starts or ends else ""

    def _overlap(self, pair: tuple[_Action, _Action], plans: Sequence[ShownCard]) -> Overlap:
        return Overlap(
            tuple(
                (self._row(plans[one.plan], one), self._issuer(plans[one.plan].issuer))
                for one in pair
            )
        )

    def _dates(
        self, cards: Sequence[ShownCard], actions: Sequence[_Action]
    ) -> tuple[tuple[str, str], ...]:
        """What comes next, in order; what is over is left out."""
        coming: set[tuple[date, str]] = set()
        for action in actions:
            if not action.is_open():
                continue
            for day, key in ((action.starts, "picture.starts"), (action.ends, "picture.ends")):
                if day is not None:
                    coming.add((day, self._t(key, what=action.title)))
        for card in cards:
            for name, claim in self._catalogue.types[card.type_id].claims.items():
                day = parse_date(card.claims.get(name)) if claim.kind == "date" else None
                if day is not None:
                    coming.add((day, self._dated(claim.label[self._lang], card)))
        return tuple(
            (format_date(day, self._lang), label)
            for day, label in sorted(coming)
            if day >= self._today
        )

    def _dated(self, what: str, card: ShownCard) -> str:
        return self._t("picture.dated", what=what, card=self._title(card.type_id))

    def _voice(self, card: ShownCard) -> str:
        return self._t(f"voice.{self._catalogue.types[card.type_id].desk.voice}")

    def _source(self, card: ShownCard) -> str:
        told = self._t(
            "picture.source", card=self._title(card.type_id), issuer=self._issuer(card.issuer)
        )
        if card.valid_until is None:
            return told
        # The end is a midnight (UTC), and not part of it.
        last = format_date((card.valid_until - timedelta(seconds=1)).date(), self._lang)
        until = self._t("picture.source_until", date=last)
        return f"{told}, {until}"

    def _title(self, type_id: str) -> str:
        return self._catalogue.types[type_id].title[self._lang]

    def _issuer(self, issuer: str) -> str:
        organisation = self._catalogue.organisations.get(issuer)
        return issuer if organisation is None else organisation.names[self._lang]


def _actions(card: ShownCard, plan: int) -> list[_Action]:
    """The actions of a plan, by their beginning; what is no action is passed over."""
    held = card.claims.get(_ACTIONS)
    found = [
        _Action(
            plan=plan,
            title=_text(one, "title"),
            who=_text(one, "responsible"),
            starts=parse_date(one.get("starts")),
            ends=parse_date(one.get("ends")),
            status=_text(one, "status"),
        )
        for one in (held if isinstance(held, list) else [])
        if isinstance(one, Mapping)
    ]
    return sorted(found, key=lambda one: (one.starts or date.max, one.title))


def _text(action: Mapping[str, object], name: str) -> str:
    said = action.get(name)
    return said if isinstance(said, str) else ""


def _overlapping(actions: Sequence[_Action]) -> list[tuple[_Action, _Action]]:
    """What two plans both hold for the same time."""
    return [
        (one, other)
        for one, other in combinations(actions, 2)
        if one.plan != other.plan and _overlap(one, other)
    ]


def _overlap(one: _Action, other: _Action) -> bool:
    """Whether two actions are about the same, at a time that they share, both still to be done."""
    if not (one.is_open() and other.is_open()):
        return False
    first, second = one.words(), other.words()
    if not first or not second or not (first <= second or second <= first):
        return False
    begins = max(one.starts or date.min, other.starts or date.min)
    return begins <= min(one.ends or date.max, other.ends or date.max)
