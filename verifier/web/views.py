"""What the outcome page shows, worked out before the template sees it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from credential_schemas.i18n import format_date, format_datetime, format_time, join_list
from credential_schemas.model import Catalogue, CredentialType, Lang, Path, RequestProfile
from credential_schemas.render import label_for_path, value_text
from credential_schemas.schema_checks import parse_date
from openid4vc.dcql.paths import select
from verifier.model import (
    Check,
    CheckResult,
    Identity,
    Mark,
    Outcome,
    ShownCard,
    Verification,
    started_hours,
)
from verifier.usecases.failures import SelfInitiated
from verifier.usecases.read_result import Result
from verifier.web.failure_words import group_of
from verifier.web.view_model import CheckLine, Fact, FirstView, OutcomeView, Person, Row, Tone

Words = Callable[..., str]

_TONE: Mapping[Outcome, Tone] = {
    Outcome.ACCEPT: "ok",
    Outcome.CANNOT_CONFIRM: "unsure",
    Outcome.REJECT: "stop",
    Outcome.NOT_SHOWN: "none",
}
_HOURS_A_DAY = 24

# What staff read first of a type, before the table: quotes of the client, then facts.
_FIRST: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "self_assessment_result": (
        ("own_goals",),
        ("work_ability_score", "support_needs", "recommended_next_step", "assessment_date"),
    ),
    "statement_feedback": (
        (),
        (
            "work_ability_conclusion",
            "employment_impact",
            "recommended_services",
            "restriction_valid_until",
        ),
    ),
    "authority_decision": (
        (),
        ("benefit_or_service", "decision_outcome", "valid_from", "valid_until"),
    ),
}


class OutcomeWriter:
    """Turns a result into the page's words, in one language."""

    def __init__(self, *, catalogue: Catalogue, words: Words, lang: Lang) -> None:
        self._catalogue = catalogue
        self._t = words
        self._lang = lang

    def person(self, cards: Sequence[ShownCard] | None) -> Person | None:
        """Return who the first card is about, None when it does not show that."""
        for card in cards or ():
            names = [card.claims.get(name) for name in ("given_name", "family_name")]
            told = " ".join(name for name in names if isinstance(name, str))
            day = parse_date(card.claims.get("birthdate"))
            if told:
                return Person(told, None if day is None else format_date(day, self._lang))
        return None

    def outcome(self, result: Result, *, left: timedelta | None) -> OutcomeView:
        """Return the outcome page.

        Args:
            result: the verification and what may be seen of it.
            left: how long the values stay; None when there are none.
        """
        verification = result.verification
        profile = self._catalogue.profiles[verification.profile]
        outcome = verification.outcome
        cards = result.cards or ()
        expects = outcome in {Outcome.ACCEPT, Outcome.CANNOT_CONFIRM} and verification.cards > 0
        until = verification.erase_at
        return OutcomeView(
            tone="none" if outcome is None else _TONE[outcome],
            title=self._t("outcome.over" if outcome is None else f"outcome.{outcome.value}"),
            lead=self._lead(verification, cards),
            person=self.person(cards),
            identity=self._identity(verification),
            first=self._first(cards[0]) if cards else None,
            rows=self._rows(profile, cards, unconfirmed=outcome is Outcome.CANNOT_CONFIRM),
            steps=self._steps(verification),
            checks=tuple(self._check(one, verification) for one in verification.checks),
            checks_title=self._checks_title(verification.checks),
            technical=self._technical(verification, cards),
            profile=profile.id,
            clears_at=None if until is None or not cards else format_time(until, self._lang),
            seconds_left=None if left is None or not cards else int(left.total_seconds()) + 1,
            erased=expects and not cards,
            self_initiated=verification.code == SelfInitiated.code,
        )

    def labels(self, type_id: str, paths: Sequence[Path]) -> tuple[str, ...]:
        """Return what paths of a type are called."""
        kind = self._catalogue.types[type_id]
        return tuple(label_for_path(self._catalogue, kind, path, self._lang) for path in paths)

    def _lead(self, verification: Verification, cards: Sequence[ShownCard]) -> str:
        if verification.outcome is Outcome.ACCEPT:
            names = dict.fromkeys(self._issuer_name(card.issuer) for card in cards)
            issuer = join_list(list(names), self._lang) or self._issuer_name(verification.issuer)
            return self._t("outcome.accept_lead", issuer=issuer)
        why = self._t(f"why.{group_of(verification.code)}")
        if verification.outcome is Outcome.REJECT:
            return f"{why} {self._t('outcome.no_values')}"
        return why

    def _issuer_name(self, issuer: str | None) -> str:
        organisation = self._catalogue.organisations.get(issuer or "")
        if organisation is None:
            return issuer or self._t("mark.none")
        return organisation.names[self._lang]

    def _identity(self, verification: Verification) -> str | None:
        if verification.identity in {Identity.COMPARED, Identity.NOT_NEEDED}:
            return self._t(f"identity.{verification.identity.value}")
        return None

    def _first(self, card: ShownCard) -> FirstView | None:
        kind = self._catalogue.types.get(card.type_id)
        if kind is None:
            return None
        known = card.type_id in _FIRST
        quoted, told = _FIRST.get(card.type_id, ((), tuple(card.claims)))
        quotes = [text for name in quoted for text in self._values(kind, (name,), card)]
        return FirstView(
            title=self._t(f"view.{card.type_id}" if known else "view.other"),
            quotes=tuple(self._t("view.quote", text=text.rstrip(".")) for text in quotes),
            facts=tuple(
                Fact(kind.claims[name].label[self._lang], values)
                for name in told
                if name in kind.claims and (values := self._values(kind, (name,), card))
            ),
            note=self._t(f"note.{card.type_id}" if known else "note.other"),
        )

    def _rows(
        self, profile: RequestProfile, cards: Sequence[ShownCard], *, unconfirmed: bool
    ) -> tuple[Row, ...]:
        card = next((one for one in cards if one.type_id == profile.credential_type), None)
        if card is None:
            return ()
        kind = self._catalogue.types[profile.credential_type]
        remarks: dict[Path, str | None] = dict.fromkeys(
            profile.identity_claims + profile.required_claims
        )
        for paths, remark in (
            (profile.required_if_held, self._t("shown.if_held")),
            (profile.optional_claims, self._t("shown.optional")),
        ):
            remarks |= {path: remark for path in paths if path not in remarks}
        return tuple(
            self._row(kind, path, card, remark=remark, unconfirmed=unconfirmed)
            for path, remark in remarks.items()
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
        values = self._values(kind, path, card)
        if not values:
            return Row(label, (self._t("mark.none"),), "none", self._t("mark.not_shown"), remark)
        in_part = any(place[: len(path)] == path for place in card.partial)
        if unconfirmed:
            mark = self._t("mark.unconfirmed_part" if in_part else "mark.unconfirmed")
            return Row(label, values, "unsure", mark, remark)
        return Row(label, values, "ok", self._t("mark.part" if in_part else "mark.shown"), remark)

    def _values(self, kind: CredentialType, path: Path, card: ShownCard) -> tuple[str, ...]:
        told: list[str] = []
        for place, value in select(card.claims, path):
            words = value_text(self._catalogue, kind, place, value, self._lang)
            told.extend([words] if isinstance(words, str) else words)
        return tuple(told)

    def _steps(self, verification: Verification) -> tuple[str, ...]:
        if verification.outcome is Outcome.ACCEPT:
            return ()
        group = group_of(verification.code)
        steps: list[str] = []
        while (told := self._step(f"next.{group}.{len(steps) + 1}")) is not None:
            steps.append(told)
        organisation = self._catalogue.organisations.get(verification.issuer or "")
        if organisation is not None:
            issuer, contact = organisation.names[self._lang], organisation.contact[self._lang]
            steps.append(self._t("next.issuer", issuer=issuer, contact=contact))
        return tuple(steps)

    def _step(self, key: str) -> str | None:
        try:
            return self._t(key)
        except KeyError:
            return None

    def _check(self, one: CheckResult, verification: Verification) -> CheckLine:
        tone: Tone = "ok"
        if one.mark is Mark.FAILED:
            tone = "none" if verification.outcome is None else _TONE[verification.outcome]
        elif one.mark is Mark.NOT_RUN:
            tone = "none"
        result = f"result.{one.mark.value}"
        if one.check is Check.ACROSS_CARDS and one.mark is Mark.PASSED and verification.cards == 1:
            result = "result.one_card"
        label = f"check.{one.check.value}"
        if one.check is Check.ANSWERS_REQUEST and verification.code == SelfInitiated.code:
            label = "check.answers_self_initiated"
        return CheckLine(self._t(label), tone, self._t(result))

    def _checks_title(self, checks: Sequence[CheckResult]) -> str:
        if all(one.mark is Mark.PASSED for one in checks):
            return self._t("checks.all")
        skipped = sum(one.mark is Mark.NOT_RUN for one in checks)
        if skipped == 0:
            return self._t("checks.failed_last")
        return self._t("checks.failed", n=skipped)

    def _technical(
        self, verification: Verification, cards: Sequence[ShownCard]
    ) -> tuple[tuple[str, str], ...]:
        lines = [("profile", verification.profile)]
        if verification.code is not None:
            lines.append(("code", verification.code))
        for card in cards:
            lines.append(("type", card.vct))
            if card.valid_until is not None:
                lines.append(("until", format_datetime(card.valid_until, self._lang)))
        if verification.trust_sequence is not None:
            age = self._age(verification.trust_age)
            number = verification.trust_sequence
            lines.append(("trust", self._t("tech.trust_value", number=number, age=age)))
        if verification.status_age is not None:
            lines.append(("status", self._age(verification.status_age)))
        return tuple((self._t(f"tech.{name}"), value) for name, value in lines)

    def _age(self, age: timedelta | None) -> str:
        hours = started_hours(age) or 1
        if hours <= _HOURS_A_DAY:
            return self._t("age.hours", n=hours)
        return self._t("age.days", n=hours // _HOURS_A_DAY)
