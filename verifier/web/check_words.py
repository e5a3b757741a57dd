"""The nine checks in words: each with its result, what went wrong, how old the lists were."""

from collections.abc import Sequence

from credential_schemas.i18n import format_datetime
from credential_schemas.model import Lang
from verifier.model import Check, CheckResult, Mark, Outcome, ShownCard, Verification
from verifier.usecases.failures import SelfInitiated
from verifier.web.ages import Words, age_text, as_of_text
from verifier.web.failure_words import sentence
from verifier.web.view_model import CheckLine, Tone

VERDICT_TONE: dict[Outcome | None, Tone] = {
    Outcome.ACCEPT: "ok",
    Outcome.CANNOT_CONFIRM: "unsure",
    Outcome.REJECT: "stop",
    Outcome.NOT_SHOWN: "none",
    None: "none",
}


class CheckWords:
    """Turns what became of the checks of one verification into words, in one language."""

    def __init__(self, verification: Verification, *, words: Words, lang: Lang) -> None:
        self._verification = verification
        self._t = words
        self._lang = lang

    def lines(self) -> tuple[CheckLine, ...]:
        """Return the checks, in the order in which they are made."""
        return tuple(self._line(one) for one in self._verification.checks)

    def title(self) -> str:
        """Return what they came to, with the ages of the lists that were used."""
        checks = self._verification.checks
        skipped = sum(one.mark is Mark.NOT_RUN for one in checks)
        if all(one.mark is Mark.PASSED for one in checks):
            told = self._t("checks.all")
        elif skipped == 0:
            told = self._t("checks.failed_last")
        else:
            told = self._t("checks.failed", n=skipped)
        ages = [
            self._t(key, age=age_text(self._t, age))
            for key, age in (
                ("checks.status_age", self._verification.status_age),
                ("checks.trust_age", self._verification.trust_age),
            )
            if age is not None
        ]
        return " ".join([told, *ages])

    def technical(self, cards: Sequence[ShownCard]) -> tuple[tuple[str, str], ...]:
        """Return what a maintainer may be asked for: labels and values."""
        found = self._verification
        lines = [("profile", found.profile)]
        if found.code is not None:
            lines.append(("code", found.code))
        for card in cards:
            lines.append(("type", card.vct))
            if card.valid_until is not None:
                lines.append(("until", format_datetime(card.valid_until, self._lang)))
        if found.trust_sequence is not None:
            known = self._trust_age() or self._t("mark.none")
            number = found.trust_sequence
            lines.append(("trust", self._t("tech.trust_value", number=number, age=known)))
        if (state := self._status_age()) is not None:
            lines.append(("status", state))
        return tuple((self._t(f"tech.{name}"), value) for name, value in lines)

    def _line(self, one: CheckResult) -> CheckLine:
        found = self._verification
        accepted = found.outcome is Outcome.ACCEPT
        tone: Tone = "ok" if accepted else "done"
        if one.mark is Mark.FAILED:
            tone = VERDICT_TONE[found.outcome]
        elif one.mark is Mark.NOT_RUN:
            tone = "skipped"
        result = f"result.{one.mark.value}"
        if one.check is Check.ACROSS_CARDS and one.mark is Mark.PASSED and found.cards == 1:
            result = "result.one_card"
        label = f"check.{one.check.value}"
        if one.check is Check.ANSWERS_REQUEST and found.code == SelfInitiated.code:
            label = "check.answers_self_initiated"
        return CheckLine(self._t(label), tone, self._t(result), self._told(one))

    def _told(self, one: CheckResult) -> str | None:
        if one.mark is Mark.FAILED:
            return sentence(self._t, one.code)
        if one.mark is Mark.NOT_RUN:
            return None
        if one.check is Check.ISSUER_TRUSTED:
            return self._trust_age()
        return self._status_age() if one.check is Check.STATUS else None

    def _trust_age(self) -> str | None:
        age, at = self._verification.trust_age, self._verification.checked_at
        if age is None or at is None:
            return None
        return as_of_text(self._t, age, at=at, lang=self._lang)

    def _status_age(self) -> str | None:
        age, at = self._verification.status_age, self._verification.checked_at
        if age is None or at is None:
            return None
        return as_of_text(self._t, age, at=at, lang=self._lang)
