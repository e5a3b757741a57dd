"""What issuing systems come in by, put together."""

from issuer.parts.base import Parts
from issuer.usecases.addresses import Addresses
from issuer.usecases.batch.create_offers import CreateOffers
from issuer.usecases.check_api_key import CheckApiKey
from issuer.usecases.clients.check_caller import CheckCaller
from issuer.usecases.clients.give_system_token import GiveSystemToken
from issuer.usecases.create_offer import CreateOffer
from issuer.web.services import Systems


def make_systems(parts: Parts, addresses: Addresses, create_offer: CreateOffer) -> Systems:
    """Return the use cases by which issuing systems come in."""
    store, vault, clock = parts.store, parts.vault, parts.clock
    return Systems(
        check_caller=CheckCaller(
            store=store,
            vault=vault,
            clock=clock,
            check_api_key=CheckApiKey(store=store, form=parts.key_form, clock=clock),
        ),
        give_token=GiveSystemToken(
            store=store, vault=vault, clock=clock, random=parts.random, addresses=addresses
        ),
        create_offers=CreateOffers(create_offer=create_offer),
    )
