"""What a shown card says, in words: what staff read first, and the rows of what was asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from credential_schemas.i18n import format_number, join_list
from credential_schemas.model import (
    AskedCard,
    Catalogue,
    CredentialType,
    Lang,
    Path,
    Saying,
    Scale,
)
from credential_schemas.readings import reading_text
from credential_schemas.render import label_for_path, value_text
from credential_schemas.schema_checks import parse_date
from openid4vc.dcql.paths import select
from verifier.model import ShownCard
from verifier.web.ages import Words, days_ago_text
from verifier.web.view_model import FirstView, NumberLine, Row, Statement

_LEFT, _WIDTH = 20.0, 400.0  # of the number line, in units of its drawing
_TICKS_AT_MOST = 20


class CardWords:
    """Turns what one card shows into words, in one language.

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
        self._at = at

    def first(self, card: ShownCard, *, without: Sequence[str] = ()) -> FirstView | None:
        """Return what staff read first; None when nothing of it was shown.

        Args:
            card: what was shown.
            without: claims that are told elsewhere.
        """
        kind = self._catalogue.types[card.type_id]
        view = kind.desk
        quotes = [text for name in view.quotes for text in self.values(kind, (name,), card)]
        statements = [
            told
            for one in view.says
            if one.claim not in without and (told := self._statement(kind, one, card)) is not None
        ]
        if not quotes and not statements:
            return None
        return FirstView(
            title=view.title[self._lang],
            voice=view.voice,
            quotes=tuple(self._t("view.quote", text=text.rstrip(".")) for text in quotes),
            statements=tuple(statements),
            note=view.note[self._lang],
            quoted_in_part=any(in_part(card, (name,)) for name in view.quotes),
        )

    def rows(self, asked: AskedCard, card: ShownCard, *, unconfirmed: bool) -> tuple[Row, ...]:
        """Return a row for everything that was asked, whether it was shown or not.

        Args:
            asked: what was asked of it.
            card: what was shown.
            unconfirmed: the verdict is not to accept, so that each value is marked.
        """
        kind = self._catalogue.types[card.type_id]
        remarks: dict[Path, str | None] = dict.fromkeys(
            asked.identity_claims + asked.required_claims
        )
        for paths, remark in (
            (asked.required_if_held, self._t("shown.if_held")),
            (asked.optional_claims, self._t("shown.optional")),
        ):
            remarks |= {path: remark for path in paths if path not in remarks}
        return tuple(
            self._row(kind, path, card, remark=remark, unconfirmed=unconfirmed)
            for path, remark in remarks.items()
        )

    def values(self, kind: CredentialType, path: Path, card: ShownCard) -> tuple[str, ...]:
        """Return what the card says at a path; every number of a scale with its scale."""
        told: list[str] = []
        for place, value in select(card.claims, path):
            words = value_text(self._catalogue, kind, place, value, self._lang)
            told.extend([words] if isinstance(words, str) else words)
        scale_claim = dict(kind.rules.scores_within).get(str(path[0]))
        if scale_claim is None:
            return tuple(told)
        return tuple(self._on_scale(text, kind, scale_claim, card) for text in told)

    def _reading(self, kind: CredentialType, path: Path, card: ShownCard) -> str | None:
        """How a number is to be read, by its tool's own classes."""
        return reading_text(self._catalogue, kind, str(path[0]), card.claims, self._lang)

    def _on_scale(self, text: str, kind: CredentialType, claim: str, card: ShownCard) -> str:
        if claim not in card.claims:
            return self._t("shown.no_scale", value=text)
        said = value_text(self._catalogue, kind, (claim,), card.claims[claim], self._lang)
        scale = said if isinstance(said, str) else join_list(said, self._lang)
        return self._t("shown.on_scale", value=text, scale=scale)

    def _statement(self, kind: CredentialType, one: Saying, card: ShownCard) -> Statement | None:
        values = self.values(kind, (one.claim,), card)
        if not values:
            return None
        value = join_list(values, self._lang)
        held = card.claims.get(one.claim)
        day = parse_date(held) if one.age else None
        ago = None if day is None else days_ago_text(self._t, day, at=self._at)
        if ago is not None:
            value = self._t("view.with_age", value=value, age=ago)
        if in_part(card, (one.claim,)):
            value = self._t("view.in_part", value=value)
        before, _, after = one.words[self._lang].partition("{value}")
        if value.endswith("."):
            after = after.removeprefix(".")
        return Statement(before, value, after, self._line(kind.claims[one.claim].scale, held))

    def _line(self, scale: Scale | None, score: object) -> NumberLine | None:
        if scale is None or scale.lowest is None or scale.highest is None:
            return None
        if isinstance(score, bool) or not isinstance(score, int | float):
            return None
        if not scale.lowest <= score <= scale.highest:
            return None
        span = scale.highest - scale.lowest
        step = 1 if span <= _TICKS_AT_MOST else span
        return NumberLine(
            lowest=str(scale.lowest),
            highest=str(scale.highest),
            score=format_number(score, self._lang),
            ticks=tuple(_place(tick, span) for tick in range(0, span + 1, step)),
            place=_place(score - scale.lowest, span),
        )

    def _row(
        self,
        kind: CredentialType,
        path: Path,
        card: ShownCard,
        *,
        remark: str | None,
        unconfirmed: bool,
    ) -> Row:
        label = label_for_path(self._catalogue, kind, path, self._lang)
        values = self.values(kind, path, card)
        if values and len(path) == 1 and (read := self._reading(kind, path, card)) is not None:
            values = (*values, read)
        if not values:
            return Row(label, (self._t("mark.none"),), "none", self._t("mark.not_shown"), remark)
        partly = in_part(card, path)
        if unconfirmed:
            mark = self._t("mark.unconfirmed_part" if partly else "mark.unconfirmed")
            return Row(label, values, "unsure", mark, remark)
        return Row(label, values, "ok", self._t(self._shown(card, path, partly)), remark)

    def _shown(self, card: ShownCard, path: Path, partly: bool) -> str:
        if partly:
            return "mark.part"
        whole = any(isinstance(value, list) for _, value in select(card.claims, path))
        return "mark.whole" if whole else "mark.shown"


def in_part(card: ShownCard, path: Path) -> bool:
    """Return whether only some of what stands at a path was shown."""
    return any(place[: len(path)] == path for place in card.partial)


def _place(distance: float, span: int) -> float:
    return round(_LEFT + _WIDTH * distance / span, 1)


def person_of(card: ShownCard) -> Mapping[str, str]:
    """Return the name (`name`) and birthdate (`birthdate`) that a card shows, as far as it does."""
    names = [card.claims.get(name) for name in ("given_name", "family_name")]
    told = " ".join(name for name in names if isinstance(name, str))
    day = card.claims.get("birthdate")
    return {
        **({"name": told} if told else {}),
        **({"birthdate": day} if isinstance(day, str) else {}),
    }
