"""From a response that was taken to what staff see: the checks, the outcome, the record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NoReturn

from msgspec import structs

from credential_schemas.model import Catalogue
from verifier.model import (
    AwaitedCode,
    Change,
    Check,
    CheckResult,
    Confirmation,
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
from verifier.usecases.conclude import concluding_step
from verifier.usecases.evidence import evidence_of_end, evidence_of_verdict
from verifier.usecases.failures import Replayed
from verifier.usecases.shown_values import box_values
from verifier.usecases.status_age import within_age

TIME_TO_CHECK = timedelta(minutes=1)
"""An answer of the last second is checked in full; one whose checking broke off ends soon."""


@dataclass(frozen=True, slots=True)
class HoldTimes:
    """How long staff have: to type the code, to compare the person, to look at the values.

    The second begins with the answer, whether or not a code is typed in between.
    """

    code: timedelta = timedelta(minutes=5)
    identity: timedelta = timedelta(minutes=10)
    values: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class CodeDue:
    """A code that the wallet is given.

    Attributes:
        mac: what it is compared by.
        tries: how often it may be wrong, the last time included.
        always: whether it is waited for even when nothing was shown that could be seen.
    """

    mac: bytes = field(repr=False)
    tries: int
    always: bool = False


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
        code: CodeDue | None = None,
    ) -> None:
        """Make checks 2 to 9, and store what they came to.

        Args:
            verification: as it was before its response was taken.
            vp_token: query ids to presentations.
            expected: the request's side.
            once: refuse it as replayed when this answer has been shown before. It is remembered
                only when its holder's key binding holds: nobody uses up another's answer.
            judge: what the verdict becomes, for a response that can confirm less.
            code: the code that the wallet is given, for a response over the network: then nothing
                that was shown is seen before that code is typed, or brought back.
        """
        try:
            found = await self._check(vp_token, expected)
            profile = self._catalogue.profiles[verification.profile]
            verdict = judge(within_age(found, profile))
            if has_passed(verdict, Check.ISSUER_SIGNATURE):
                texts = [text for texts in vp_token.values() for text in texts]
                await self._certificates.remember(texts, at=expected.at)
            if not has_passed(verdict, Check.HOLDER_BINDING):
                once = None
            step = await self._step(verification, verdict, expected.at, code)
            if not await self._take(verification, replace(step, once=once)) and once:
                await self.as_replayed(verification, expected.at)
        except Exception:
            # A mistake of ours: staff are not left waiting for a verdict that never comes.
            await self._give_up(verification, expected.at)
            raise

    async def as_replayed(self, verification: Verification, at: datetime) -> None:
        """Decide it without checks: the answer has been shown before."""
        await self._take(verification, await self._step(verification, replayed(), at, None))

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

    async def _take(self, verification: Verification, step: Step) -> bool:
        step = replace(step, only_from=frozenset({State.ANSWERED}))
        return await self._verifications.move(verification.id, step)

    async def _step(
        self, verification: Verification, verdict: Verdict, at: datetime, code: CodeDue | None
    ) -> Step:
        boxed = await self._boxed(verification, verdict)
        profile = self._catalogue.profiles[verification.profile]
        compare = profile.identity_check == "compare"
        looking = self._hold.identity if verdict.outcome is None and compare else self._hold.values
        until = None if boxed is None else at + looking
        if code is not None and (code.always or until is not None):
            step = self._awaiting_code(verdict, code, at=at, until=until)
        else:
            step = concluding_step(
                verification,
                verdict,
                compare=compare,
                at=at,
                until=until,
                confirmation=Confirmation.NOT_NEEDED,
            )
        change = replace(step.change, boxed=boxed, cards=len(verdict.shown), checked_at=at)
        return replace(step, change=change)

    def _awaiting_code(
        self, verdict: Verdict, code: CodeDue, *, at: datetime, until: datetime | None
    ) -> Step:
        latest = at + self._hold.code
        change = Change(
            awaited=AwaitedCode(code.mac, code.tries, structs.replace(verdict, shown=())),
            expires_at=latest if until is None else min(latest, until),
            erase_at=until,
        )
        return Step(to=State.CODE_PENDING, change=change)

    async def _boxed(self, verification: Verification, verdict: Verdict) -> bytes | None:
        public = await self._verifications.box_public(verification.id)
        if public is None or not verdict.shown:
            return None
        return box_values(verdict.shown, public=public, verification_id=verification.id)


def has_passed(verdict: Verdict, check: Check) -> bool:
    """Return whether that check was made and held."""
    return CheckResult(check, Mark.PASSED) in verdict.checks
