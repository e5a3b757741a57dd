"""What the outcome page shows, worked out before the template sees it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from credential_schemas.i18n import format_date, format_time, join_list
from credential_schemas.model import Catalogue, Lang, Path, RequestProfile
from credential_schemas.render import label_for_path
from credential_schemas.schema_checks import parse_date
from verifier.model import Identity, Outcome, ShownCard, Verification
from verifier.usecases.failures import NamesDiffer, NotSamePerson, SelfInitiated
from verifier.usecases.read_result import Result
from verifier.web.ages import Words
from verifier.web.card_words import CardWords, person_of
from verifier.web.check_words import VERDICT_TONE, CheckWords
from verifier.web.failure_words import group_of, sentence
from verifier.web.keeping import keeps_text
from verifier.web.picture import PictureWriter
from verifier.web.view_model import CardTable, OutcomeView, Person, PictureView

_EXPECTS_VALUES = frozenset({Outcome.ACCEPT, Outcome.CANNOT_CONFIRM})


class OutcomeWriter:
    """Turns a result into the page's words, in one language."""

    def __init__(self, *, catalogue: Catalogue, words: Words, lang: Lang) -> None:
        self._catalogue = catalogue
        self._t = words
        self._lang = lang

    def person(self, cards: Sequence[ShownCard] | None) -> Person | None:
        """Return who the first card is about, None when it does not show that."""
        for card in cards or ():
            shown = person_of(card)
            day = parse_date(shown.get("birthdate"))
            if "name" in shown:
                return Person(shown["name"], None if day is None else format_date(day, self._lang))
        return None

    def labels(self, type_id: str, paths: Sequence[Path]) -> tuple[str, ...]:
        """Return what paths of a type are called."""
        kind = self._catalogue.types[type_id]
        return tuple(label_for_path(self._catalogue, kind, path, self._lang) for path in paths)

    def title(self, type_id: str) -> str:
        """Return what a type of card is called."""
        return self._catalogue.types[type_id].title[self._lang]

    def cards(self, profile: RequestProfile) -> str:
        """Return what the cards are called that a task asks for."""
        titles = [self.title(card.credential_type) for card in profile.credentials]
        return join_list(titles, self._lang)

    def outcome(self, result: Result, *, left: timedelta | None, at: datetime) -> OutcomeView:
        """Return the outcome page.

        Args:
            result: the verification and what may be seen of it.
            left: how long the values stay; None when there are none.
            at: now.
        """
        found = result.verification
        profile = self._catalogue.profiles[found.profile]
        outcome = found.outcome
        cards = result.cards or ()
        card = next((one for one in cards if one.type_id == profile.credential_type), None)
        telling = CardWords(catalogue=self._catalogue, words=self._t, lang=self._lang, at=at)
        checks = CheckWords(found, words=self._t, lang=self._lang)
        until = found.erase_at
        unconfirmed = outcome is Outcome.CANNOT_CONFIRM
        together = bool(profile.further) or profile.several
        picture = self._picture(found, profile, cards, at) if together else None
        return OutcomeView(
            tone=VERDICT_TONE[outcome],
            title=self._verdict(found) if picture is None else profile.title[self._lang],
            lead=self._lead(found, cards) if picture is None else picture.lead,
            why=self._why(found),
            person=None if found.code == NamesDiffer.code else self.person(cards),
            identity=self._identity(found),
            acted=self._acted(found, always=together),
            first=None if card is None or unconfirmed or together else telling.first(card),
            tables=self._tables(profile, cards, telling, unconfirmed=unconfirmed),
            picture=picture,
            steps=self._steps(found),
            checks=() if outcome is Outcome.NOT_SHOWN else checks.lines(),
            checks_title=checks.title(),
            technical=checks.technical(cards),
            profile=profile.id,
            keeps=keeps_text(self._t, profile, at=found.created_at, lang=self._lang),
            clears_at=None if until is None or not cards else self._time(until),
            seconds_left=None if left is None or not cards else int(left.total_seconds()) + 1,
            erased=outcome in _EXPECTS_VALUES and found.cards > 0 and not cards,
            self_initiated=found.code == SelfInitiated.code,
            another_card=outcome is Outcome.REJECT and found.code != NotSamePerson.code,
        )

    def _verdict(self, found: Verification) -> str:
        return self._t("outcome.over" if found.outcome is None else f"outcome.{found.outcome}")

    def _picture(
        self,
        found: Verification,
        profile: RequestProfile,
        cards: Sequence[ShownCard],
        at: datetime,
    ) -> PictureView | None:
        """What was accepted together; what is unconfirmed is told card by card."""
        if found.outcome is not Outcome.ACCEPT or not cards:
            return None
        writer = PictureWriter(catalogue=self._catalogue, words=self._t, lang=self._lang, at=at)
        return writer.picture(profile, cards)

    def _tables(
        self,
        profile: RequestProfile,
        cards: Sequence[ShownCard],
        telling: CardWords,
        *,
        unconfirmed: bool,
    ) -> tuple[CardTable, ...]:
        asked = {one.credential_type: one for one in profile.credentials}
        return tuple(
            CardTable(
                title=None if len(cards) == 1 else self.title(card.type_id),
                voice=self._voice(card),
                rows=telling.rows(asked[card.type_id], card, unconfirmed=unconfirmed),
            )
            for card in cards
            if card.type_id in asked
        )

    def _acted(self, found: Verification, *, always: bool) -> str | None:
        if found.on_behalf is not None:
            who = self._t(f"behalf.{found.on_behalf}")
            return self._t("behalf.acted", who=who)
        return self._t("behalf.nobody") if always else None

    def _lead(self, found: Verification, cards: Sequence[ShownCard]) -> str:
        if found.outcome is Outcome.ACCEPT:
            names = dict.fromkeys(self._issuer_name(card.issuer) for card in cards)
            issuer = join_list(list(names), self._lang) or self._issuer_name(found.issuer)
            lead = self._t("outcome.accept_lead", issuer=issuer)
            return " ".join([lead, *self._closed(cards)])
        why = self._t(f"why.{group_of(found.code)}")
        if found.outcome is Outcome.REJECT:
            return f"{why} {self._t('outcome.no_values')}"
        return why

    def _closed(self, cards: Sequence[ShownCard]) -> list[str]:
        """Say of each issuer that has closed that it has, and since when."""
        closed = {one.issuer: one.issuer_closed_on for one in cards if one.issuer_closed_on}
        return [
            self._t(
                "outcome.issuer_closed",
                issuer=self._issuer_name(issuer),
                date=format_date(day, self._lang),
            )
            for issuer, day in closed.items()
        ]

    def _why(self, found: Verification) -> str | None:
        """The failure's own sentence, where its group's does not say it already."""
        own = None if found.code is None else sentence(self._t, found.code)
        return None if own == self._t(f"why.{group_of(found.code)}") else own

    def _voice(self, card: ShownCard) -> str:
        return self._t(f"voice.{self._catalogue.types[card.type_id].desk.voice}")

    def _issuer_name(self, issuer: str | None) -> str:
        organisation = self._catalogue.organisations.get(issuer or "")
        if organisation is None:
            return issuer or self._t("mark.none")
        return organisation.names[self._lang]

    def _identity(self, found: Verification) -> str | None:
        if found.identity is Identity.COMPARED and found.decided_at is not None:
            return self._t("identity.compared_at", time=self._time(found.decided_at))
        if found.identity is Identity.NOT_NEEDED:
            return self._t("identity.not_needed")
        return None

    def _time(self, at: datetime) -> str:
        """A clock time that no line ends within."""
        return format_time(at, self._lang).replace(" ", "\N{NO-BREAK SPACE}")

    def _steps(self, found: Verification) -> tuple[str, ...]:
        if found.outcome is Outcome.ACCEPT:
            return ()
        group = group_of(found.code)
        steps: list[str] = []
        while (told := self._step(f"next.{group}.{len(steps) + 1}")) is not None:
            steps.append(told)
        organisation = self._catalogue.organisations.get(found.issuer or "")
        if organisation is not None and found.outcome is not Outcome.NOT_SHOWN:
            issuer, contact = organisation.names[self._lang], organisation.contact[self._lang]
            steps.append(self._t("next.issuer", issuer=issuer, contact=contact))
        return tuple(steps)

    def _step(self, key: str) -> str | None:
        try:
            return self._t(key)
        except KeyError:
            return None
