"""End sessions that are over, forget old attempts, delete what the log kept long enough."""

from datetime import datetime, timedelta

from verifier.usecases.staff_ports import AccessLog, DeskSessions, SignInAttempts


class SweepStaff:
    """See the module text.

    Args:
        sessions: who is signed in.
        attempts: failed attempts to sign in.
        log: who saw whose data when.
        keep: how long the log is kept.
    """

    def __init__(
        self,
        *,
        sessions: DeskSessions,
        attempts: SignInAttempts,
        log: AccessLog,
        keep: timedelta,
    ) -> None:
        self._sessions = sessions
        self._attempts = attempts
        self._log = log
        self._keep = keep

    async def __call__(self, at: datetime) -> None:
        """Sweep once."""
        await self._sessions.remove_ended(at)
        await self._attempts.forget(at)
        await self._log.purge(at - self._keep)
