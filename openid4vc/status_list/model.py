"""Whose status lists are believed, and what a believed one says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from openid4vc import limits
from openid4vc.checks import CredentialRevoked, CredentialSuspended, StatusValueUnknown
from openid4vc.status_list.bits import Status, StatusList

_STATUSES: Final = {status.value: status for status in Status}


@dataclass(frozen=True, slots=True)
class PinnedListKey:
    """Take status lists that this one key signed."""

    key: ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class VerifiedStatusList:
    """A status list whose signer, dates and URI were checked.

    `expires_at` and `ttl` are None when the token does not name them.
    """

    uri: str
    issued_at: datetime
    expires_at: datetime | None
    ttl: timedelta | None
    entries: StatusList

    def status_at(self, index: int) -> Status:
        """Return what the list says about the credential with this index.

        Raises:
            StatusIndexOutOfRange: nothing can be said; the credential is to be rejected (8.3).
            StatusValueUnknown: a value that we do not know, which is never valid (7.1).
        """
        status = _STATUSES.get(self.entries.get(index))
        if status is None:
            raise StatusValueUnknown
        return status

    def check(self, index: int) -> None:
        """Check that the credential with this index is in force.

        Raises:
            CredentialRevoked, CredentialSuspended: the list says so.
            StatusIndexOutOfRange, StatusValueUnknown: as `status_at`.
        """
        match self.status_at(index):
            case Status.VALID:
                return
            case Status.INVALID:
                raise CredentialRevoked
            case Status.SUSPENDED:
                raise CredentialSuspended

    def fresh_until(self, fetched_at: datetime, *, otherwise: timedelta) -> datetime:
        """Return when a copy fetched then should be fetched anew (8.3, 11.5).

        Args:
            fetched_at: when this copy was fetched.
            otherwise: how long a copy without `ttl` lasts. No `ttl` counts for over 7 days.
        """
        lasts = min(self.ttl or otherwise, limits.MAX_STATUS_TTL)
        until = fetched_at + lasts
        return until if self.expires_at is None else min(until, self.expires_at)
