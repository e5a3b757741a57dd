"""How a letter comes to its end: what is sealed in it goes, and the offer made of it with it."""

from datetime import datetime

from issuer.model import UNDELIVERED, OfferState
from issuer.ports import Letter, LetterState, Records
from issuer.usecases.ending import end_offer, revoke_copies


def end_letter(records: Records, letter: Letter, target: LetterState, *, at: datetime) -> bool:
    """Pass a letter into an end state, erase it, and take back the offer made of it.

    Returns:
        Whether the transition table allowed it; if not, nothing is changed.
    """
    if not records.letters.move(letter.id, target):
        return False
    records.letters.erase(letter.id)
    # Whoever was opening it at that moment has made an offer since it was read.
    present = records.letters.get(letter.organisation, letter.id)
    take_back_offer(records, present or letter, at=at)
    return True


def take_back_offer(records: Records, letter: Letter, *, at: datetime) -> None:
    """End the newest offer made of a letter, unless it has ended; copies under way are revoked."""
    if letter.offer_id is not None and end_offer(
        records, letter.offer_id, OfferState.WITHDRAWN, at=at
    ):
        revoke_copies(records, letter.offer_id, in_delivery=UNDELIVERED, at=at)
