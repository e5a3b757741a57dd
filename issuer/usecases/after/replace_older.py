"""The end of a card whose successor has arrived."""

from datetime import datetime

from issuer.model import AuditEntry, Standing
from issuer.ports import Records
from issuer.usecases.standing import set_standing

REASON = "superseded"


def replace_older(records: Records, organisation: str, offer_id: str, *, at: datetime) -> None:
    """Revoke the card whose place the offered one takes, if there is one and it still counts."""
    card_id = records.expiries.followed_by(offer_id)
    if card_id is None:
        return
    card = records.credentials.get(organisation, card_id)
    if card is not None and set_standing(records, card, Standing.REVOKED, at=at):
        records.credentials.end_request(card_id)
        records.audit.add(
            AuditEntry(
                at=at,
                organisation=organisation,
                actor="wallet",
                action="revoke",
                object_id=card_id,
                reason=REASON,
            )
        )


def follow_too(records: Records, offer_id: str, again: str) -> None:
    """Let an offer that is made again take the same card's place as the one before."""
    card_id = records.expiries.followed_by(offer_id)
    if card_id is not None:
        records.expiries.follow(again, card_id)
