"""Why a call about a card's later life is refused: one class, one code, one clause for each."""

from typing import ClassVar

from issuer.usecases.failures import Rule
from keys.checks import CheckFailed


class ArchiveNotEmpty(CheckFailed):
    """The directory for the archive holds something already."""

    code: ClassVar[str] = "archive_not_empty"
    spec: ClassVar[str] = Rule.TENANTS


class RevocationNotOffered(CheckFailed):
    """Holders cannot revoke here: the service has no access certificate for it, or it closed."""

    code: ClassVar[str] = "revocation_not_offered"
    spec: ClassVar[str] = Rule.SELF_REVOCATION


class RevocationRequestUnknown(CheckFailed):
    """No request stands behind this address, or its time is over."""

    code: ClassVar[str] = "revocation_request_unknown"
    spec: ClassVar[str] = Rule.SELF_REVOCATION


class RevocationRefused(CheckFailed):
    """What was presented does not revoke: its `__cause__` says why, the holder is told no more."""

    code: ClassVar[str] = "revocation_refused"
    spec: ClassVar[str] = Rule.SELF_REVOCATION


class NotOneCard(CheckFailed):
    """To revoke, exactly one card is presented, under the one query of the request."""

    code: ClassVar[str] = "not_one_card"
    spec: ClassVar[str] = Rule.SELF_REVOCATION


class CardNotOfRequest(CheckFailed):
    """The card is of another type than the one that the request and its transaction name."""

    code: ClassVar[str] = "card_not_of_request"
    spec: ClassVar[str] = Rule.SELF_REVOCATION


class CardNotKept(CheckFailed):
    """No record says whose status entry this is: it is another organisation's, or forgotten."""

    code: ClassVar[str] = "card_not_kept"
    spec: ClassVar[str] = Rule.SELF_REVOCATION


class RevocationRequestUsed(CheckFailed):
    """The request was answered before."""

    code: ClassVar[str] = "revocation_request_used"
    spec: ClassVar[str] = Rule.ONE_TIME
