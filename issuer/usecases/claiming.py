"""How an offer is claimed: once, for one grant; without claims it waits for them."""

from datetime import datetime

from issuer.model import Grant, OfferState
from issuer.ports import Records
from issuer.ports.lives import Deferral
from issuer.usecases.deferred.waiting import WAIT_AT_MOST
from issuer.usecases.ending import move_offer

FIRST_GENERATION = 1


def claim_offer(records: Records, grant: Grant, *, at: datetime) -> bool:
    """Give a grant on its offer, and let the offer wait if it has no claims.

    Returns:
        Whether the offer could be claimed; if not, nothing is changed.
    """
    if not move_offer(records, grant.offer_id, OfferState.CLAIMED, at=at):
        return False
    records.grants.add(grant, at=at)
    if records.offers.sealed_claims(grant.offer_id) is None:
        records.deferrals.add(
            Deferral(
                offer_id=grant.offer_id,
                generation=FIRST_GENERATION,
                in_use=False,
                transaction_mac=None,
                holder=None,
                expires_at=at + WAIT_AT_MOST,
            )
        )
    return True
