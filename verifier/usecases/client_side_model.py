"""The client's side after a showing: the receipt that was given, and what its holder asked since.

Nothing here holds a value or a name: a receipt is found by a hash of its number, and leads to a
verification, a task and dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from keys.checks import CheckFailed
from openid4vc.openid4vp.withdrawal import Done, Wish
from verifier.model import Evidence, Once
from verifier.usecases.hand_on_ports import Delivery


class ReceiptRefused(CheckFailed):
    """No receipt of ours, or not in its holder's hands: which of the two is not said."""

    code: ClassVar[str] = "receipt_refused"
    spec: ClassVar[str] = "Kykylompakko withdrawing by receipt 1"


class InvitationOver(CheckFailed):
    """The nonce is not one of ours, out of time, or used already; a new one can be had."""

    code: ClassVar[str] = "invitation_over"
    spec: ClassVar[str] = "Kykylompakko withdrawing by receipt 1"


class PrivacyPageBusy(CheckFailed):
    """Too many requests for receipts are open at once; they end within minutes."""

    code: ClassVar[str] = "privacy_page_busy"
    spec: ClassVar[str] = "Kykylompakko privacy page"


class ReportMalformed(CheckFailed):
    """A report of a receiver has not the members that it should have, or is too large."""

    code: ClassVar[str] = "report_malformed"
    spec: ClassVar[str] = "Kykylompakko reports of receivers 1"


class ReceiptState(StrEnum):
    """What the client has asked with the receipt so far."""

    GIVEN = "given"
    ERASED = "erased"  # erasure was asked; what was here is gone, and nothing was passed on
    ASKED = "asked"  # erasure was asked; a copy was passed on, and a person sees to it
    WITHDRAWN = "withdrawn"


MAY_BECOME: dict[Wish, frozenset[ReceiptState]] = {
    Wish.ERASURE: frozenset({ReceiptState.GIVEN}),
    Wish.WITHDRAWAL: frozenset({ReceiptState.GIVEN, ReceiptState.ERASED, ReceiptState.ASKED}),
}
"""From where each wish changes anything; a wish that comes again changes nothing."""


@dataclass(frozen=True, slots=True)
class GivenReceipt:
    """A receipt that was offered to a client.

    Attributes:
        key: hash of the receipt's number, 32 bytes.
        client_id: this receiver, as the receipt names it.
        issuer: organisation that issued the receipt.
        kept_until: until when the task keeps what it saw; None when it keeps nothing.
        forget_at: when the receipt itself has ended, and this is deleted.
        state: what the client has asked since.
        asked_at: when.
        passed_on: whether a copy left the desk, as far as is known.
        seen_to_at: when the copies elsewhere were erased, as the data-protection officer noted.
    """

    key: bytes = field(repr=False)
    verification_id: str
    client_id: str
    issuer: str
    profile: str
    role: str
    given_at: datetime
    kept_until: date | None
    forget_at: datetime
    state: ReceiptState = ReceiptState.GIVEN
    asked_at: datetime | None = None
    passed_on: bool = False
    seen_to_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What there is of one showing now.

    Attributes:
        on_screen_until: when the values on the official's screen are erased; None: they are.
        on_its_way: a copy for the case system waits to be sent.
        passed_on: a copy was taken to the case system, as a file or sent.
    """

    on_screen_until: datetime | None
    on_its_way: bool
    passed_on: bool

    @property
    def is_here(self) -> bool:
        """Whether this service still holds any of it."""
        return self.on_screen_until is not None or self.on_its_way


@dataclass(frozen=True, slots=True)
class Act:
    """What a client asks, to be done by one conditional write.

    Attributes:
        receipt: as it was found.
        once: refuses it when that nonce has been used; None on the client's own page.
        evidence: put on record with it.
        notice: told to the case system if a copy was passed on.
    """

    receipt: GivenReceipt
    wish: Wish
    at: datetime
    evidence: Evidence
    once: Once | None = None
    notice: Delivery | None = None


class GivenReceipts(Protocol):
    """The receipts that were given, and what became of what they are about."""

    async def add(self, receipt: GivenReceipt) -> None:
        """Remember one, unless it is remembered already."""

    async def find(self, key: bytes) -> GivenReceipt | None:
        """Return the receipt of that key, or None."""

    async def knows(self, client_id: str) -> bool:
        """Return whether any receipt names that receiver."""

    async def holdings(self, verification_id: str) -> Holdings:
        """Return what there is of a showing now."""

    async def act(self, act: Act) -> Done:
        """Erase what is here, stop what is on its way, note it; all of it, and once.

        Raises:
            InvitationOver: the nonce has been used; nothing changes.
        """

    async def to_see_to(self) -> Sequence[GivenReceipt]:
        """Return those whose copies elsewhere somebody has to erase, oldest first."""

    async def seen_to(self, verification_id: str, *, at: datetime) -> bool:
        """Note that the copies elsewhere are erased; False when none are waited for."""

    async def forget(self, at: datetime) -> int:
        """Delete the receipts that have ended; return how many."""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """Something that a wallet or a browser comes back for: under a secret address, for minutes.

    Attributes:
        key: hash of the address.
        sealed: what is held, sealed.
        until: when it is deleted.
    """

    key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    until: datetime


class HeldPages(Protocol):
    """What is held under secret addresses."""

    async def add(self, page: HeldPage, *, most: int) -> bool:
        """Hold it, unless so many are held; say whether it is."""

    async def find(self, key: bytes, *, at: datetime) -> HeldPage | None:
        """Return it while its time lasts, or None."""

    async def take(self, key: bytes, *, at: datetime) -> HeldPage | None:
        """Return it while its time lasts and delete it; whoever comes second gets None."""

    async def forget(self, at: datetime) -> int:
        """Delete those whose time is over; return how many."""


class Reason(StrEnum):
    """Why somebody reports a receiver."""

    OVER_ASKED = "over_asked"
    PRESSED = "pressed"
    KEPT_TOO_LONG = "kept_too_long"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """What wallets reported on one day, counted: nothing of who reported.

    Attributes:
        day: in Finland, when it arrived.
        profile: the task, "" when it is none of ours.
        asked: names of what was asked, as `type.claim`; what is no name of ours is left out.
        is_about_us: whether this receiver was named, or another.
        number: how often the same was reported.
    """

    day: date
    reason: Reason
    profile: str
    asked: tuple[str, ...]
    is_about_us: bool
    number: int = 1


class Reports(Protocol):
    """The reports of receivers."""

    async def count(self, report: Report, *, once: Once, most: int) -> bool:
        """Count a report unless it was counted before; False when the day has too many kinds."""

    async def all(self) -> Sequence[Report]:
        """Return them, newest day first."""

    async def forget(self, before: date) -> int:
        """Delete those of days before that; return how many."""
