"""What handing on needs from outside, and the things that it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DeliveryState(StrEnum):
    """How a copy for the case system is doing."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A copy on its way to the case system.

    Attributes:
        id: the same for every attempt; the case system takes it once.
        sealed: the copy, None once it is erased.
        attempts: how often it was sent.
        next_at: when it is sent next.
        give_up_at: when it is erased, delivered or not.
    """

    id: str
    verification_id: str
    state: DeliveryState
    sealed: bytes | None = field(repr=False)
    attempts: int
    next_at: datetime
    give_up_at: datetime


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """An offered receipt: its link sealed, and when nobody can take it any more."""

    verification_id: str
    sealed: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class OfferedReceipt:
    """What the client's wallet reads to receive a receipt."""

    link: str = field(repr=False)
    until: datetime


class Deliveries(Protocol):
    """The copies on their way."""

    async def add(self, delivery: Delivery) -> bool:
        """Store a new one; False when that verification has one already."""

    async def of(self, verification_id: str) -> Delivery | None:
        """Return a verification's delivery, or None."""

    async def claim(self, *, at: datetime, until: datetime) -> Delivery | None:
        """Take one that is due, for this process alone until then; None when none is due."""

    async def end(self, delivery_id: str, state: DeliveryState) -> None:
        """Note how it ended and erase what was to be sent."""

    async def put_off(self, delivery_id: str, *, next_at: datetime) -> None:
        """Send it again later."""

    async def forget(self, before: datetime) -> int:
        """Delete those whose time was over by then; return how many."""


class Receipts(Protocol):
    """The receipts that were offered."""

    async def add(self, receipt: StoredReceipt) -> None:
        """Store one, unless that verification has one already."""

    async def of(self, verification_id: str) -> StoredReceipt | None:
        """Return a verification's receipt, or None."""

    async def forget(self, at: datetime) -> int:
        """Delete those that nobody can take any more; return how many."""


class CaseSystem(Protocol):
    """The receiver's own system for its cases."""

    async def send(self, delivery_id: str, copy: bytes, *, at: datetime) -> None:
        """Send a copy, signed.

        Args:
            delivery_id: the same for every attempt.
            copy: JSON.
            at: now.

        Raises:
            CaseSystemRefused: it was not taken.
        """


class ReceiptIssuer(Protocol):
    """The issuing service that makes receipts."""

    @property
    def organisation(self) -> str:
        """Id of the organisation in whose name receipts are made."""

    async def offer(self, claims: Mapping[str, object], *, receipt_id: str) -> OfferedReceipt:
        """Have a receipt offered; the same id makes it once.

        Raises:
            ReceiptUnavailable: not now.
        """
