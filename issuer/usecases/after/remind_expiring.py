"""Tell organisations' systems of cards that end soon, once for each card."""

from datetime import timedelta

from issuer.ports import Clock, Event, Records, Store

_AT_ONCE = 100


class RemindExpiring:
    """Puts `credential.expiring` into the outbox.

    Args:
        ahead: how long before its end a card is told of.
    """

    def __init__(self, *, store: Store, clock: Clock, ahead: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._ahead = ahead

    async def __call__(self) -> int:
        """Tell of every card that is due; returns how many."""
        count = 0
        while told := await self._store.write(self._tell_some):
            count += told
        return count

    def _tell_some(self, records: Records) -> int:
        now = self._clock.now()
        due = records.expiries.unreminded(now, until=now + self._ahead, limit=_AT_ONCE)
        for card in due:
            # Whichever process notes it first tells of it.
            if records.expiries.reminded(card.id, at=now):
                records.events.tell(
                    card.organisation,
                    Event.CREDENTIAL_EXPIRING,
                    card.id,
                    now,
                    state=card.standing,
                )
        return len(due)
