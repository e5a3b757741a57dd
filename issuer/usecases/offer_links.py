"""What a wallet is shown of an offer: its content, and the links that lead to it."""

from issuer.model import Offer
from issuer.ports import Vault
from issuer.usecases import secrets_of_offer as secret
from issuer.usecases.addresses import Addresses
from openid4vc.openid4vci.offer import CredentialOffer, TxCodeSpec, link_by_reference, link_by_value

_PIN_WORDS = "PIN-koodi / PIN-kod / PIN code"


class OfferLinks:
    """Makes links and content from the kept record; the same each time."""

    def __init__(self, *, vault: Vault, addresses: Addresses) -> None:
        self._vault = vault
        self._addresses = addresses

    def content(self, offer: Offer) -> CredentialOffer:
        """Return an offer as a wallet sees it (VCI 4.1.1)."""
        pin = TxCodeSpec(length=secret.PIN_DIGITS, input_mode="numeric", description=_PIN_WORDS)
        return CredentialOffer(
            issuer=self._addresses.issuer(offer.organisation),
            configuration_ids=(offer.type_id,),
            pre_authorized_code=secret.code_of(self._vault, offer.id),
            tx_code=pin if offer.has_pin else None,
        )

    def by_reference(self, offer: Offer) -> str:
        """Return the link for QR codes: a wallet fetches the content from it (VCI 4.1.3)."""
        reference = secret.reference_of(self._vault, offer.id)
        return link_by_reference(self._addresses.offer(offer.organisation, reference))

    def by_value(self, offer: Offer) -> str:
        """Return the link that holds the content itself (VCI 4.1.2)."""
        return link_by_value(self.content(offer))
