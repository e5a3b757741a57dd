"""What a showing was agreed on, and what the person did about it afterwards. Kept with the log.

``showing_only`` and ``gdpr_consent`` are two different things and never mixed: the first approves a
showing whose later use rests on law; the second is the ground of the use, and can be withdrawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

VIEW_ONLY: Final = "view_only"
KEPT: Final = "store_with_stated_date"


class Approval(StrEnum):
    """What a yes is."""

    SHOWING_ONLY = "showing_only"
    GDPR_CONSENT = "gdpr_consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the person was told before deciding, in the words of that day.

    Attributes:
        task: the task's title by language.
        purpose: why the data were asked, by language.
        basis: the law behind the processing, by language.
        retention: how the receiver keeps them, as the request profile says it.
        kept_until: the last day that they are kept; None when they are not stored.
    """

    approval: Approval
    task: Mapping[str, str]
    purpose: Mapping[str, str]
    basis: Mapping[str, str]
    retention: str
    kept_until: date | None = None


class DeedKind(StrEnum):
    """What the person may do about a showing or a request."""

    WITHDRAWAL = "withdrawal"
    ERASURE = "erasure"
    REPORT = "report"


class Reason(StrEnum):
    """Why a receiver is reported."""

    OVER_ASKED = "over_asked"  # it asked for more than it may
    PRESSED = "pressed"  # it pressed, or asked why
    KEPT_TOO_LONG = "kept_too_long"
    OTHER = "other"


class Told(StrEnum):
    """How far a deed came."""

    NOT_DELIVERED = "not_delivered"  # nobody heard it yet; it can be sent again
    HERE_ONLY = "here_only"  # written down here; there is nobody to send it to
    SENT = "sent"  # a supervisor took the report
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    NOTHING_KEPT = "nothing_kept"
    ASKED = "asked"  # somebody at the receiver decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that the person did about one log entry.

    Attributes:
        ref: random, the same when it is sent again; "" for what needs none.
        reason: of a report; None otherwise.
    """

    at: datetime
    kind: DeedKind
    told: Told
    ref: str = ""
    reason: Reason | None = None
