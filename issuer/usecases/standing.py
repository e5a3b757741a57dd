"""The one way in which a credential's standing changes: conditionally, and told at once."""

from collections.abc import Collection
from datetime import datetime

from issuer.model import Credential, Standing
from issuer.ports import Event, Records


def set_standing(
    records: Records,
    credential: Credential,
    target: Standing,
    *,
    at: datetime,
    only_from: Collection[Standing] | None = None,
) -> bool:
    """Let a credential stand otherwise, show it on its status list, and tell its organisation.

    Args:
        records: the transaction.
        credential: which credential.
        target: how it shall stand.
        at: now.
        only_from: where it must come from; whatever the transition table allows when left out.

    Returns:
        Whether it was allowed; if not, nothing is changed. Of an organisation that has closed
        nothing changes any more: its status lists have had their last word.
    """
    if records.closings.get(credential.organisation) is not None:
        return False
    if not records.credentials.stand(credential.id, target, only_from=only_from):
        return False
    records.events.tell(
        credential.organisation,
        Event.CREDENTIAL_STATUS_CHANGED,
        credential.id,
        at,
        state=target,
    )
    return True
