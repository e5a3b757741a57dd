"""Carry out what time has decided: erase the claims of dead offers, forget what has run out."""

from dataclasses import dataclass

from issuer.model import Delivery, OfferState
from issuer.ports import Clock, Records, Store
from issuer.usecases.ending import end_offer, revoke_copies

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Swept:
    """How many offers expired, grants ran out, and remembered values were dropped."""

    expired: int
    lapsed: int
    forgotten: int


class SweepExpired:
    """Ends offers and grants that are past their time."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self) -> Swept:
        """Sweep everything that is due now, some hundred offers to a transaction."""
        expired = lapsed = 0
        while True:
            ended = await self._store.write(self._sweep_some)
            expired += ended[0]
            lapsed += ended[1]
            if not any(ended):
                break
        return Swept(expired, lapsed, await self._store.write(self._forget))

    def _sweep_some(self, records: Records) -> tuple[int, int]:
        now = self._clock.now()
        expired = lapsed = 0
        for offer_id in records.offers.expired(now, limit=_AT_ONCE):
            expired += end_offer(records, offer_id, OfferState.EXPIRED, at=now)
        for offer_id in records.grants.run_out(now, limit=_AT_ONCE):
            if end_offer(records, offer_id, OfferState.LAPSED, at=now):
                # What was signed may well be in the wallet; what was never signed is not.
                revoke_copies(records, offer_id, in_delivery={Delivery.RECORDED})
            else:
                records.grants.end(offer_id, at=now)
            lapsed += 1
        return expired, lapsed

    def _forget(self, records: Records) -> int:
        now = self._clock.now()
        return records.one_time.forget(now) + records.calls.forget(now)
