"""How an offer comes to its end: claims go, the grant closes, unconfirmed copies are revoked."""

from collections.abc import Collection, Mapping
from datetime import datetime

from issuer.model import CLAIMS_KEPT_IN, Delivery, OfferState, Standing
from issuer.ports import Event, LetterState, Records
from issuer.usecases.standing import set_standing

_TOLD: Mapping[OfferState, Event] = {
    OfferState.CLAIMED: Event.OFFER_CLAIMED,
    OfferState.COMPLETED: Event.OFFER_COMPLETED,
    OfferState.LAPSED: Event.OFFER_LAPSED,
    OfferState.WITHDRAWN: Event.OFFER_WITHDRAWN,
    OfferState.EXPIRED: Event.OFFER_EXPIRED,
    OfferState.BLOCKED: Event.OFFER_BLOCKED,
}


def move_offer(records: Records, offer_id: str, target: OfferState, *, at: datetime) -> bool:
    """Pass an offer into a state and tell its organisation.

    Returns:
        Whether the transition table allowed it; if not, nothing is changed.
    """
    organisation = records.offers.move(offer_id, target)
    if organisation is None:
        return False
    records.events.tell(organisation, _TOLD[target], offer_id, at, state=target)
    return True


def end_offer(records: Records, offer_id: str, target: OfferState, *, at: datetime) -> bool:
    """Pass an offer into an end state and destroy its claims and their data key.

    Returns:
        Whether the transition table allowed it; if not, nothing is changed.
    """
    if target in CLAIMS_KEPT_IN:
        raise ValueError("not an end state")
    if not move_offer(records, offer_id, target, at=at):
        return False
    records.offers.erase_claims(offer_id)
    records.grants.end(offer_id, at=at)
    records.deferrals.end(offer_id)
    if target in {OfferState.COMPLETED, OfferState.LAPSED}:
        _finish_letter(records, offer_id, target)
    return True


def revoke_copies(
    records: Records, offer_id: str, *, in_delivery: Collection[Delivery], at: datetime
) -> None:
    """Replace and revoke the copies of an offer that are in one of the given deliveries."""
    for copy in records.credentials.of_offer(offer_id):
        if copy.delivery in in_delivery and records.credentials.deliver(copy.id, Delivery.REPLACED):
            set_standing(records, copy, Standing.REVOKED, at=at)


def _finish_letter(records: Records, offer_id: str, target: OfferState) -> None:
    """Erase the letter that an offer was made of: the wallet has the card, or may well have it.

    Lapsed without a copy that was signed, the letter can be opened again.
    """
    letter = records.letters.by_offer(offer_id)
    if letter is None:
        return
    copies = records.credentials.of_offer(offer_id)
    may_be_there = any(copy.delivery is Delivery.ISSUED for copy in copies)
    if target is OfferState.LAPSED and not may_be_there:
        return
    if records.letters.move(letter.id, LetterState.COLLECTED):
        records.letters.erase(letter.id)
