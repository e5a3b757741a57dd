"""Tell an issuing system how its offer is doing."""

from dataclasses import dataclass

from issuer.model import CLAIMS_KEPT_IN, Caller, Credential, Offer, OfferState
from issuer.ports import Clock, Records, Store
from issuer.usecases.finding import offer_of


@dataclass(frozen=True, slots=True)
class OfferReport:
    """An offer, its state at this moment, and the copies made of it, oldest first.

    `awaits_claims` is whether it was made without claims and they have not come yet.
    """

    offer: Offer
    state: OfferState
    credentials: tuple[Credential, ...]
    awaits_claims: bool


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
            state = offer.state_at(now)
            return OfferReport(
                offer=offer,
                state=state,
                credentials=tuple(records.credentials.of_offer(offer.id)),
                awaits_claims=state in CLAIMS_KEPT_IN
                and records.offers.sealed_claims(offer.id) is None,
            )

        return await self._store.read(read)
