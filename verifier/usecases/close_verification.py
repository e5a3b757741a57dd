"""Close a verification: whatever was shown is erased at once."""

from verifier.model import UNDECIDED_STATES, Change, State, Step
from verifier.ports import Clock, Verifications
from verifier.usecases.evidence import evidence_of_end
from verifier.usecases.failures import VerificationUnknown

_ERASE = Change(erase_secrets=True, erase_values=True)


class CloseVerification:
    """See the module text."""

    def __init__(self, *, verifications: Verifications, clock: Clock) -> None:
        self._verifications = verifications
        self._clock = clock

    async def __call__(self, verification_id: str, *, owner: str) -> None:
        """Close it. Closing a closed one changes nothing.

        Raises:
            VerificationUnknown: no such verification of this owner.
        """
        verification = await self._verifications.find(verification_id)
        if verification is None or verification.owner != owner:
            raise VerificationUnknown
        # What ends undecided leaves a record of its own; what was decided already has one.
        undecided = Step(
            to=State.CLOSED,
            only_from=UNDECIDED_STATES,
            change=_ERASE,
            evidence=evidence_of_end(verification, State.CLOSED, at=self._clock.now()),
        )
        if not await self._verifications.move(verification.id, undecided):
            await self._verifications.move(verification.id, Step(to=State.CLOSED, change=_ERASE))
