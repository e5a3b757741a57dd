"""Take the code of a response: who asked or is asked here is the one whose wallet answered.

A request can be photographed and answered from elsewhere; the code that staff type cannot be known
there and here. On the client's own device a browser brings back another: a link that somebody sent
to another person's wallet leads no browser back into the session that began it.
"""

from dataclasses import replace
from datetime import datetime

from credential_schemas.model import Catalogue
from verifier.model import (
    Change,
    Confirmation,
    NotAllowed,
    Outcome,
    State,
    Step,
    Verdict,
    Verification,
)
from verifier.ports import Clock, Verifications
from verifier.usecases.code_book import CodeBook, brought_back, read_typed
from verifier.usecases.conclude import concluding_step
from verifier.usecases.evidence import evidence_of_end
from verifier.usecases.failures import (
    ConfirmationCodeWrong,
    NotConfirmed,
    ResponseCodeWrong,
    VerificationUnknown,
)

_WAITING = frozenset({State.CODE_PENDING})


class ConfirmCode:
    """See the module text."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        verifications: Verifications,
        book: CodeBook,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._verifications = verifications
        self._book = book
        self._clock = clock

    async def __call__(self, verification_id: str, *, owner: str, typed: str) -> None:
        """Compare it with the code that the answering wallet was given, and move on if it is that.

        The values' time runs from the answer, not from here. After the last wrong try everything
        that was shown is erased.

        Args:
            verification_id: which.
            owner: public id of the caller's key.
            typed: what the client read out, with or without spaces.

        Raises:
            VerificationUnknown: no such verification of this owner.
            NotAllowed: no code is waited for, or not any more.
            ConfirmationCodeMalformed: it is no code; no try is used up.
            ConfirmationCodeWrong: it is another code; there are tries left.
            NotConfirmed: it is another code, and that was the last try.
        """
        verification, held = await self._waiting(verification_id, owner)
        await self._compare(verification, held, read_typed(typed), failed=NotConfirmed)

    async def returned(self, verification_id: str, *, owner: str, code: str, session: str) -> None:
        """Compare what a browser brought back with what the answering wallet was given, once.

        Args:
            verification_id: which one the session that it came back in has begun.
            owner: public id of the caller's key.
            code: the `response_code` in the address.
            session: what that session is known by, as it was told when the request began.

        Raises:
            VerificationUnknown: no such verification of this owner.
            NotAllowed: no code is waited for, or not any more.
            ResponseCodeWrong: another code, or another session; everything is erased.
        """
        verification, held = await self._waiting(verification_id, owner)
        brought = brought_back(code, session=session)
        await self._compare(verification, held, brought, failed=ResponseCodeWrong)

    async def _waiting(self, verification_id: str, owner: str) -> tuple[Verification, Verdict]:
        verification = await self._verifications.find(verification_id)
        if verification is None or verification.owner != owner:
            raise VerificationUnknown
        if verification.held is None:
            raise NotAllowed
        return verification, verification.held

    async def _compare(
        self,
        verification: Verification,
        held: Verdict,
        code: str,
        *,
        failed: type[NotConfirmed | ResponseCodeWrong],
    ) -> None:
        now = self._clock.now()

        # 1. The try counts before anything is compared, whoever else is typing.
        left = await self._book.use_try(verification.id, at=now)
        if left is None:
            raise NotAllowed

        # 2. It is the code that the answering wallet was given.
        if await self._book.is_right(verification.id, code):
            await self._take(self._confirmed(verification, held, now), verification)
        elif left:
            await self._still_waits(verification)
            raise ConfirmationCodeWrong(f"tries left: {left}")
        else:
            await self._take(_failed(verification, now, failed.code), verification)
            raise failed

    async def _still_waits(self, verification: Verification) -> None:
        """Check that nobody else typed the right code meanwhile: then there is none any more."""
        now = await self._verifications.find(verification.id)
        if now is None or now.state not in _WAITING:
            raise NotAllowed

    async def _take(self, step: Step, verification: Verification) -> None:
        if not await self._verifications.move(verification.id, step):
            raise NotAllowed

    def _confirmed(self, verification: Verification, held: Verdict, now: datetime) -> Step:
        profile = self._catalogue.profiles[verification.profile]
        step = concluding_step(
            verification,
            held,
            compare=profile.identity_check == "compare",
            at=now,
            until=verification.erase_at,
            confirmation=Confirmation.CONFIRMED,
        )
        return replace(step, only_from=_WAITING, in_time_at=now)


def _failed(verification: Verification, now: datetime, code: str) -> Step:
    outcome = Outcome.REJECT
    return Step(
        to=State.DECIDED,
        only_from=_WAITING,
        change=Change(
            outcome=outcome,
            code=code,
            confirmation=Confirmation.FAILED,
            decided_at=now,
            erase_values=True,
        ),
        evidence=evidence_of_end(verification, State.DECIDED, at=now, outcome=outcome, code=code),
    )
