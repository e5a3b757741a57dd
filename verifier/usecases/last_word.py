"""The status lists that an organisation left behind when it closed.

A list is a snapshot: an entry may have changed since it was made, so it is held for as long as it
says (`ttl`) and not believed when it is old. Not so the last lists of an organisation that has
closed: nobody changes anything any more, and they say so, as a copy may be kept until their end.
Such a list is as good on its last day as on its first; when it is over, nothing can be said.
"""

from datetime import datetime

from keys.trust import TrustedIssuer
from openid4vc.limits import MAX_STATUS_TTL
from openid4vc.status_list.model import VerifiedStatusList


def has_closed(issuer: TrustedIssuer, *, at: datetime) -> bool:
    """Return whether the trust list says that an organisation has stopped issuing."""
    return issuer.closed_on is not None and issuer.closed_on <= at.date()


def is_last_word(status_list: VerifiedStatusList, issuer: TrustedIssuer) -> bool:
    """Return whether a list was made when its organisation closed, to stay as it is until its end.

    Args:
        status_list: the list, verified as that organisation's.
        issuer: the organisation, as the trust list has it.
    """
    ends, ttl = status_list.expires_at, status_list.ttl
    if issuer.closed_on is None or ends is None or ttl is None:
        return False
    # What is read of a `ttl` is never longer than this.
    to_its_end = min(ends - status_list.issued_at, MAX_STATUS_TTL)
    return status_list.issued_at.date() >= issuer.closed_on and ttl >= to_its_end
