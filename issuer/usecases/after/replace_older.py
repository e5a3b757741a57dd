"""The end of a card whose successor has arrived.

Where revoking needs four eyes the earlier card is suspended only: one system could have offered the
successor, and taken it itself.
"""

from datetime import datetime

from issuer.model import AuditEntry, Credential, Standing
from issuer.ports import Records
from issuer.usecases.change_status import FourEyes
from issuer.usecases.standing import set_standing

REASON = "superseded"


def replace_older(
    records: Records, organisation: str, offer_id: str, *, at: datetime, four_eyes: FourEyes
) -> None:
    """End the card whose place the offered one takes, if there is one and it still counts."""
    card_id = records.expiries.followed_by(offer_id)
    card = None if card_id is None else records.credentials.get(organisation, card_id)
    if card is None:
        return
    if four_eyes.are_needed(card):
        done, action = _suspend(records, card, at), "suspend"
    else:
        done, action = _revoke(records, card, at), "revoke"
    if done:
        records.audit.add(
            AuditEntry(
                at=at,
                organisation=organisation,
                actor="wallet",
                action=action,
                object_id=card.id,
                reason=REASON,
            )
        )


def _suspend(records: Records, card: Credential, at: datetime) -> bool:
    return set_standing(records, card, Standing.SUSPENDED, at=at, only_from={Standing.VALID})


def _revoke(records: Records, card: Credential, at: datetime) -> bool:
    if not set_standing(records, card, Standing.REVOKED, at=at):
        return False
    records.credentials.end_request(card.id)
    return True


def follow_too(records: Records, offer_id: str, again: str) -> None:
    """Let an offer that is made again take the same card's place as the one before."""
    card_id = records.expiries.followed_by(offer_id)
    if card_id is not None:
        records.expiries.follow(again, card_id)
