"""Carry out what time has decided about letters."""

from issuer.ports import Clock, LetterState, Records, Store

_AT_ONCE = 100


class ExpireLetters:
    """Erases what is sealed in letters that nobody came for in time."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self) -> int:
        """Expire every letter that is due now; returns how many.

        An offer made of one in its last minutes lives on for its own few.
        """
        now, ended = self._clock.now(), 0

        def expire_some(records: Records) -> int:
            found = records.letters.expired(now, limit=_AT_ONCE)
            for letter_id in found:
                if records.letters.move(letter_id, LetterState.EXPIRED):
                    records.letters.erase(letter_id)
            return len(found)

        while some := await self._store.write(expire_some):
            ended += some
        if ended:
            await self._store.wipe_traces()
        return ended
