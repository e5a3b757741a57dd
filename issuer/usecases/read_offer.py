"""Tell an issuing system how its offer is doing."""

from dataclasses import dataclass

from issuer.model import Caller, Credential, Offer, OfferState
from issuer.ports import Clock, Records, Store
from issuer.usecases.finding import offer_of


@dataclass(frozen=True, slots=True)
class OfferReport:
    """An offer, its state at this moment, and the copies made of it, oldest first."""

    offer: Offer
    state: OfferState
    credentials: tuple[Credential, ...]


class ReadOffer:
    """Reads offers; never a claim or a PIN."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, caller: Caller, offer_id: str) -> OfferReport:
        """Return what is known of an offer.

        Raises:
            OfferNotFound: the organisation has no such offer.
            TypeNotInScope: it has, but the key is not for its type.
        """
        now = self._clock.now()

        def read(records: Records) -> OfferReport:
            offer = offer_of(records, caller, offer_id)
            return OfferReport(
                offer=offer,
                state=offer.state_at(now),
                credentials=tuple(records.credentials.of_offer(offer.id)),
            )

        return await self._store.read(read)
