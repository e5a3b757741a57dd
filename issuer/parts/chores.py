"""What a running service does by itself, and how often."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from issuer.parts.after import make_remind_expiring
from issuer.parts.base import Parts
from issuer.parts.letters import make_expire_letters
from issuer.parts.lives import make_sweep_expired
from issuer.parts.webhooks import make_deliver_events

_LOG = logging.getLogger("issuer")
_WEBHOOK_SECONDS = 5.0
_REMINDER_SECONDS = 3_600.0
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Chore:
    """Work that is done again and again; several processes may do it at once."""

    name: str
    work: Callable[[], Awaitable[object]]
    seconds: float

    async def keep_doing(self) -> None:
        """Do it until cancelled; what goes wrong is logged by its kind and tried again."""
        while True:
            try:
                await self.work()
            except Exception as failure:
                _LOG.error("%s failed: %s", self.name, type(failure).__name__)
            await asyncio.sleep(self.seconds)


def make_chores(parts: Parts) -> tuple[Chore, ...]:
    """Return the service's chores."""
    return (
        Chore("sweep", make_sweep_expired(parts), parts.settings.sweep_seconds),
        Chore("reminders", make_remind_expiring(parts), _REMINDER_SECONDS),
        Chore("letters", make_expire_letters(parts), parts.settings.sweep_seconds),
        Chore("webhooks", make_deliver_events(parts), _WEBHOOK_SECONDS),
        *_reading_lists(parts),
    )


def _reading_lists(parts: Parts) -> tuple[Chore, ...]:
    if not parts.takes_attestations:
        return ()
    seconds = parts.settings.wallet_providers_minutes * _MINUTE
    return (Chore("wallet providers", parts.wallet_providers.refresh, seconds),)
