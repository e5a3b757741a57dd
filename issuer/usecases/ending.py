"""How an offer comes to its end: claims go, the grant closes, unconfirmed copies are revoked."""

from collections.abc import Collection
from datetime import datetime

from issuer.model import CLAIMS_KEPT_IN, Delivery, OfferState, Standing
from issuer.ports import Records


def end_offer(records: Records, offer_id: str, target: OfferState, *, at: datetime) -> bool:
    """Pass an offer into an end state and destroy its claims and their data key.

    Returns:
        Whether the transition table allowed it; if not, nothing is changed.
    """
    if target in CLAIMS_KEPT_IN:
        raise ValueError("not an end state")
    if not records.offers.move(offer_id, target):
        return False
    records.offers.erase_claims(offer_id)
    records.grants.end(offer_id, at=at)
    return True


def revoke_copies(records: Records, offer_id: str, *, in_delivery: Collection[Delivery]) -> None:
    """Replace and revoke the copies of an offer that are in one of the given deliveries."""
    for copy in records.credentials.of_offer(offer_id):
        if copy.delivery in in_delivery and records.credentials.deliver(copy.id, Delivery.REPLACED):
            records.credentials.stand(copy.id, Standing.REVOKED)
