"""Carry out what time has decided: erase the claims of dead offers, forget what has run out.

What was erased since the last sweep, for whatever reason, leaves the engine's log with it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from issuer.model import Delivery, OfferState
from issuer.ports import Clock, Records, Store
from issuer.usecases.after.replace_older import replace_older
from issuer.usecases.change_status import FourEyes
from issuer.usecases.ending import end_offer, revoke_copies

_AT_ONCE = 100

Find = Callable[[Records], Sequence[str]]
End = Callable[[Records, str], None]


@dataclass(frozen=True, slots=True)
class Swept:
    """How many offers expired, grants ran out, and remembered values were dropped."""

    expired: int
    lapsed: int
    forgotten: int


class SweepExpired:
    """Ends offers and grants that are past their time, each in a transaction of its own."""

    def __init__(self, *, store: Store, clock: Clock, four_eyes: FourEyes) -> None:
        self._store = store
        self._clock = clock
        self._four_eyes = four_eyes

    async def __call__(self) -> Swept:
        """Sweep everything that is due now."""
        now = self._clock.now()

        def expire(records: Records, offer_id: str) -> None:
            end_offer(records, offer_id, OfferState.EXPIRED, at=now)

        def lapse(records: Records, offer_id: str) -> None:
            if end_offer(records, offer_id, OfferState.LAPSED, at=now):
                # What was signed may well be in the wallet; what was never signed is not.
                revoke_copies(records, offer_id, in_delivery={Delivery.RECORDED}, at=now)
                for copy in records.credentials.of_offer(offer_id):
                    if copy.delivery is Delivery.ISSUED:
                        replace_older(
                            records, copy.organisation, offer_id, at=now, four_eyes=self._four_eyes
                        )
            records.grants.end(offer_id, at=now)

        swept = Swept(
            expired=await self._end_each(
                lambda records: records.offers.expired(now, limit=_AT_ONCE), expire
            ),
            lapsed=await self._end_each(
                lambda records: records.grants.run_out(now, limit=_AT_ONCE), lapse
            ),
            forgotten=await self._store.write(lambda records: _forget(records, now)),
        )
        await self._store.wipe_traces()
        return swept

    async def _end_each(self, find: Find, end: End) -> int:
        """End what is found, some at a time, until nothing is found; returns how many."""
        ended = 0
        while found := await self._store.read(find):
            await asyncio.gather(*(self._store.write(_one(end, each)) for each in found))
            ended += len(found)
        return ended


def _one(end: End, offer_id: str) -> Callable[[Records], None]:
    return lambda records: end(records, offer_id)


def _forget(records: Records, now: datetime) -> int:
    return (
        records.one_time.forget(now)
        + records.calls.forget(now)
        + records.clients.forget_tokens(now)
        + records.subjects.forget(now)
        + records.authorizations.forget(now)
    )
