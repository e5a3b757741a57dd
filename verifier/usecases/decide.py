"""From a response that was taken to what staff see: the checks, the outcome, the record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from credential_schemas.model import Catalogue
from verifier.model import (
    Change,
    Check,
    CheckResult,
    Identity,
    Mark,
    Once,
    Outcome,
    State,
    Step,
    Verdict,
    Verification,
)
from verifier.ports import Verifications
from verifier.usecases.certificate_book import CertificateBook
from verifier.usecases.check_presentation import (
    CheckPresentation,
    ExpectedResponse,
    marks_until,
)
from verifier.usecases.evidence import evidence_of_end, evidence_of_verdict
from verifier.usecases.failures import Replayed
from verifier.usecases.shown_values import box_values

TIME_TO_CHECK = timedelta(minutes=1)
"""An answer of the last second is checked in full; one whose checking broke off ends soon."""


@dataclass(frozen=True, slots=True)
class HoldTimes:
    """How long staff have: to compare the person, and to look at the values."""

    identity: timedelta = timedelta(minutes=10)
    values: timedelta = timedelta(minutes=10)


def unchanged(verdict: Verdict) -> Verdict:
    """Return the verdict that the checks came to."""
    return verdict


def replayed() -> Verdict:
    """Return the verdict on what has been shown before."""
    return Verdict(
        checks=marks_until(Check.ANSWERS_REQUEST, Replayed.code),
        outcome=Outcome.REJECT,
        code=Replayed.code,
    )


class Decide:
    """Decides a verification whose response has just been taken; see the module text."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        verifications: Verifications,
        check: CheckPresentation,
        certificates: CertificateBook,
        hold: HoldTimes,
    ) -> None:
        self._catalogue = catalogue
        self._verifications = verifications
        self._check = check
        self._certificates = certificates
        self._hold = hold

    async def __call__(
        self,
        verification: Verification,
        vp_token: Mapping[str, Sequence[str]],
        expected: ExpectedResponse,
        *,
        once: Once | None = None,
        judge: Callable[[Verdict], Verdict] = unchanged,
    ) -> None:
        """Make checks 2 to 9, and store what they came to.

        Args:
            verification: as it was before its response was taken.
            vp_token: query ids to presentations.
            expected: the request's side.
            once: refuse it as replayed when this answer has been shown before. It is remembered
                only when its holder's key binding holds: nobody uses up another's answer.
            judge: what the verdict becomes, for a response that can confirm less.
        """
        try:
            verdict = judge(await self._check(vp_token, expected))
            if has_passed(verdict, Check.ISSUER_SIGNATURE):
                texts = [text for texts in vp_token.values() for text in texts]
                await self._certificates.remember(texts, at=expected.at)
            if not has_passed(verdict, Check.HOLDER_BINDING):
                once = None
            if not await self._conclude(verification, verdict, expected.at, once) and once:
                await self.as_replayed(verification, expected.at)
        except Exception:
            # A mistake of ours: staff are not left waiting for a verdict that never comes.
            await self._give_up(verification, expected.at)
            raise

    async def as_replayed(self, verification: Verification, at: datetime) -> None:
        """Decide it without checks: the answer has been shown before."""
        await self._conclude(verification, replayed(), at, None)

    async def refuse_replay(self, verification: Verification, at: datetime) -> NoReturn:
        """Put on record that a second response was refused.

        Raises:
            Replayed: always.
        """
        evidence = evidence_of_verdict(verification, replayed(), outcome=Outcome.REJECT, at=at)
        await self._verifications.record_replay(verification.id, evidence)
        raise Replayed

    async def _give_up(self, verification: Verification, at: datetime) -> None:
        await self._verifications.move(
            verification.id,
            Step(
                to=State.EXPIRED,
                only_from=frozenset({State.ANSWERED}),
                change=Change(erase_secrets=True, erase_values=True),
                evidence=evidence_of_end(verification, State.EXPIRED, at=at),
            ),
        )

    async def _conclude(
        self, verification: Verification, verdict: Verdict, at: datetime, once: Once | None
    ) -> bool:
        profile = self._catalogue.profiles[verification.profile]
        boxed = await self._boxed(verification, verdict)
        if verdict.outcome is None and profile.identity_check == "compare":
            until = at + self._hold.identity
            change = Change(
                verdict=verdict,
                boxed=boxed,
                cards=len(verdict.shown),
                expires_at=until,
                erase_at=until,
            )
            step = Step(to=State.IDENTITY_PENDING, change=change, once=once)
            return await self._verifications.move(verification.id, step)
        outcome = verdict.outcome or Outcome.ACCEPT
        change = Change(
            verdict=verdict,
            outcome=outcome,
            code=verdict.code,
            identity=Identity.NOT_NEEDED if outcome is Outcome.ACCEPT else None,
            boxed=boxed,
            cards=len(verdict.shown),
            erase_at=None if boxed is None else at + self._hold.values,
            erase_values=boxed is None,
        )
        evidence = evidence_of_verdict(verification, verdict, outcome=outcome, at=at)
        step = Step(to=State.DECIDED, change=change, evidence=evidence, once=once)
        return await self._verifications.move(verification.id, step)

    async def _boxed(self, verification: Verification, verdict: Verdict) -> bytes | None:
        public = await self._verifications.box_public(verification.id)
        if public is None or not verdict.shown:
            return None
        return box_values(verdict.shown, public=public, verification_id=verification.id)


def has_passed(verdict: Verdict, check: Check) -> bool:
    """Return whether that check was made and held."""
    return CheckResult(check, Mark.PASSED) in verdict.checks
