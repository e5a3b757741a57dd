"""What the outcome page shows, worked out before the template sees it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from credential_schemas.i18n import format_date, format_time, join_list
from credential_schemas.model import Catalogue, Lang, Path
from credential_schemas.render import label_for_path
from credential_schemas.schema_checks import parse_date
from verifier.model import Identity, Outcome, ShownCard, Verification
from verifier.usecases.failures import NotSamePerson, SelfInitiated
from verifier.usecases.read_result import Result
from verifier.web.ages import Words
from verifier.web.card_words import CardWords, person_of
from verifier.web.check_words import VERDICT_TONE, CheckWords
from verifier.web.failure_words import group_of, sentence
from verifier.web.keeping import keeps_text
from verifier.web.view_model import OutcomeView, Person

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
        return OutcomeView(
            tone=VERDICT_TONE[outcome],
            title=self._t("outcome.over" if outcome is None else f"outcome.{outcome.value}"),
            lead=self._lead(found, cards),
            why=self._why(found),
            person=self.person(cards),
            identity=self._identity(found),
            voice=None if card is None else self._voice(card),
            first=None if card is None or unconfirmed else telling.first(card),
            rows=() if card is None else telling.rows(profile, card, unconfirmed=unconfirmed),
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

    def _lead(self, found: Verification, cards: Sequence[ShownCard]) -> str:
        if found.outcome is Outcome.ACCEPT:
            names = dict.fromkeys(self._issuer_name(card.issuer) for card in cards)
            issuer = join_list(list(names), self._lang) or self._issuer_name(found.issuer)
            return self._t("outcome.accept_lead", issuer=issuer)
        why = self._t(f"why.{group_of(found.code)}")
        if found.outcome is Outcome.REJECT:
            return f"{why} {self._t('outcome.no_values')}"
        return why

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
