"""Take an offer back before the wallet has confirmed."""

from issuer.model import UNDELIVERED, AuditEntry, Caller, OfferState
from issuer.ports import Clock, Records, Store
from issuer.usecases.ending import end_offer, revoke_copies
from issuer.usecases.failures import OfferNotOpen
from issuer.usecases.finding import offer_of


class WithdrawOffer:
    """Withdraws offers: claims are erased, copies that nobody has confirmed are revoked."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, caller: Caller, offer_id: str) -> None:
        """End the offer at once.

        Raises:
            OfferNotFound: the organisation has no such offer.
            TypeNotInScope: it has, but the key is not for its type.
            OfferNotOpen: it has ended already; its detail is the state.
        """
        now = self._clock.now()

        def withdraw(records: Records) -> None:
            offer = offer_of(records, caller, offer_id)
            if not end_offer(records, offer_id, OfferState.WITHDRAWN, at=now):
                raise OfferNotOpen(offer.state)
            revoke_copies(records, offer_id, in_delivery=UNDELIVERED, at=now)
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=caller.organisation,
                    actor=caller.key_id,
                    action="withdraw_offer",
                    object_id=offer_id,
                )
            )

        await self._store.write(withdraw)
