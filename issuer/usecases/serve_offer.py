"""Show a wallet the offer behind a link, as often as it asks."""

from issuer.model import CLAIMS_KEPT_IN
from issuer.ports import Clock, Store, Vault
from issuer.usecases import secrets_of_offer as secret
from issuer.usecases.failures import OfferNotFound
from issuer.usecases.offer_links import OfferLinks
from openid4vc.openid4vci.offer import CredentialOffer


class ServeOffer:
    """Finds the offer by its link's last part; reading it changes nothing."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, links: OfferLinks) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._links = links

    async def __call__(self, organisation: str, reference: str) -> CredentialOffer:
        """Return the offer while it lives: until it is confirmed, withdrawn or expired.

        Raises:
            OfferNotFound: no such offer, or not any more.
        """
        mac = secret.reference_mac(self._vault, reference)
        offer = await self._store.read(
            lambda records: records.offers.by_reference(organisation, mac)
        )
        if offer is None or offer.state_at(self._clock.now()) not in CLAIMS_KEPT_IN:
            raise OfferNotFound("no such open offer")
        return self._links.content(offer)
