"""The page with the values was left, or is back: how much longer they are held.

A page that is closed takes its values with it within a minute. One that is reloaded, or comes back
from the print view, has them for as long as it would have had them anyway.
"""

from datetime import timedelta

from verifier.ports import Clock, Verifications
from verifier.usecases.decide import HoldTimes
from verifier.usecases.read_result import ReadResult

LEFT_FOR = timedelta(seconds=60)


class LeavePage:
    """See the module text."""

    def __init__(
        self,
        *,
        verifications: Verifications,
        read: ReadResult,
        clock: Clock,
        hold: HoldTimes,
    ) -> None:
        self._verifications = verifications
        self._read = read
        self._clock = clock
        self._hold = hold

    async def left(self, verification_id: str, *, owner: str) -> None:
        """Hold the values for a minute only.

        Raises:
            VerificationUnknown: no such verification of this owner.
        """
        found = (await self._read(verification_id, owner=owner)).verification
        soon = self._clock.now() + LEFT_FOR
        if found.decided_at is not None and found.erase_at is not None:
            until = min(soon, found.decided_at + self._hold.values)
            await self._verifications.hold_until(found.id, until)

    async def back(self, verification_id: str, *, owner: str) -> None:
        """Hold the values for as long as they would have been held.

        Raises:
            VerificationUnknown: no such verification of this owner.
        """
        found = (await self._read(verification_id, owner=owner)).verification
        if found.decided_at is not None and found.erase_at is not None:
            until = found.decided_at + self._hold.values
            await self._verifications.hold_until(found.id, until)
