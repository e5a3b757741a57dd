"""End what has run out of time, and erase what has been held long enough.

What was erased since the last sweep, for whatever reason, leaves the engine's log with it.
"""

from datetime import datetime, timedelta

from verifier.model import UNDECIDED_STATES, Change, State, Step, Verification
from verifier.ports import Challenges, Clock, ConfirmationCodes, Verifications
from verifier.usecases.evidence import evidence_of_end
from verifier.usecases.staff_sweep import SweepStaff

_ROWS_KEPT = timedelta(hours=24)


class SweepExpired:
    """See the module text."""

    def __init__(
        self,
        *,
        verifications: Verifications,
        challenges: Challenges,
        codes: ConfirmationCodes,
        staff: SweepStaff,
        clock: Clock,
    ) -> None:
        self._verifications = verifications
        self._challenges = challenges
        self._codes = codes
        self._staff = staff
        self._clock = clock

    async def __call__(self) -> int:
        """Sweep once.

        Returns:
            How many verifications were ended, erased or deleted.
        """
        now = self._clock.now()
        due = await self._verifications.due(now)
        for verification in due:
            await self.end(verification, at=now)
        await self._staff(now)
        await self._challenges.forget(now)
        await self._codes.forget(now)
        purged = await self._verifications.purge(now - _ROWS_KEPT)
        await self._verifications.wipe_traces()
        return len(due) + purged

    async def end(self, verification: Verification, *, at: datetime) -> bool:
        """End one verification if its time is over; return whether anything was over."""
        if verification.state in UNDECIDED_STATES and verification.expires_at <= at:
            return await self._verifications.move(
                verification.id,
                Step(
                    to=State.EXPIRED,
                    only_from=frozenset({verification.state}),  # it may have moved on meanwhile
                    change=Change(erase_secrets=True, erase_values=True),
                    evidence=evidence_of_end(verification, State.EXPIRED, at=at),
                ),
            )
        if verification.erase_at is not None and verification.erase_at <= at:
            await self._verifications.erase_values(verification.id)
            return True
        return False
