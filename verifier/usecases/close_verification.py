"""Close a verification: whatever was shown is erased at once."""

from verifier.model import UNDECIDED_STATES, Change, State, Step, Verification
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
        while (verification := await self._find(verification_id, owner)).state is not State.CLOSED:
            # What ends undecided leaves a record of its own; what was decided already has one.
            # The record tells of the state that is left: if it has moved on meanwhile, look again.
            undecided = verification.state in UNDECIDED_STATES
            at = self._clock.now()
            step = Step(
                to=State.CLOSED,
                only_from=frozenset({verification.state}),
                change=_ERASE,
                evidence=evidence_of_end(verification, State.CLOSED, at=at) if undecided else None,
            )
            if await self._verifications.move(verification.id, step):
                return

    async def _find(self, verification_id: str, owner: str) -> Verification:
        verification = await self._verifications.find(verification_id)
        if verification is None or verification.owner != owner:
            raise VerificationUnknown
        return verification
