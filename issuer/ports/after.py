"""What is kept of a card's life after it was issued: by client, by end, and of who has closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from issuer.model import Credential, Offer, StatusPlace


@dataclass(frozen=True, slots=True)
class SubjectCall:
    """A call about one client, remembered under its Idempotency-Key.

    Attributes:
        key_mac: stands for the key.
        body_mac: stands for what was asked.
        revoked: ids of the credentials that the call revoked.
        withdrawn: ids of the offers that it took back.
        letters: ids of the letters that it took back.
        awaiting: ids of the credentials that it suspended, whose revocation needs another system.
        out_of_scope: how many live things it had to leave to a caller for other types.
    """

    key_mac: bytes
    organisation: str
    subject_mac: bytes
    body_mac: bytes
    revoked: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    awaiting: tuple[str, ...] = ()
    out_of_scope: int = 0


@dataclass(frozen=True, slots=True)
class Severed:
    """What stands in the records for a card whose client was erased: nothing that others share."""

    credential_id: str
    subject_mac: bytes
    notification_mac: bytes
    stub: Offer
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """What one call erases of a client.

    Attributes:
        types: of which types; rows of other types are left.
        severed: the cards that stay, by what stands in their place.
    """

    organisation: str
    subject_mac: bytes
    types: frozenset[str]
    severed: Sequence[Severed]


class Subjects(Protocol):
    """What is kept of a client, found by the keyed MAC of their reference."""

    def offers_of(self, organisation: str, subject_mac: bytes) -> Sequence[Offer]:
        """Return every offer made to a client, oldest first."""

    def credentials_of(self, organisation: str, subject_mac: bytes) -> Sequence[Credential]:
        """Return every copy made for a client, oldest first."""

    def remember(self, call: SubjectCall, *, keep_until: datetime) -> bool:
        """Keep a call in one conditional insert; False when its key is in use."""

    def remembered(self, key_mac: bytes) -> SubjectCall | None:
        """Return the call made under a key."""

    def forget(self, now: datetime) -> int:
        """Drop calls past their time; returns how many."""

    def erase(self, erasure: Erasure) -> Mapping[str, int]:
        """Cut the severed cards loose, and drop every other row that belongs to the client.

        Status entries and the audit record are not touched.

        Returns:
            How many rows went, by table.
        """


@dataclass(frozen=True, slots=True)
class ExpiryQuery:
    """Which cards are looked for, by their end.

    Attributes:
        after: the id of the last card of the page before; None for the first page.
    """

    organisation: str
    types: frozenset[str]
    now: datetime
    until: datetime
    after: str | None
    limit: int


class Expiries(Protocol):
    """Cards by their end, whom was reminded of it, and what follows them."""

    def expiring(self, query: ExpiryQuery) -> Sequence[Credential]:
        """Return valid cards that wallets have, the first to end first."""

    def unreminded(self, now: datetime, *, until: datetime, limit: int) -> Sequence[Credential]:
        """Return valid cards that end by then and of which nobody was reminded."""

    def reminded(self, credential_id: str, *, at: datetime) -> bool:
        """Note a reminder in one conditional insert; False when there was one before."""

    def follow(self, offer_id: str, credential_id: str) -> None:
        """Note that what is offered takes the place of an earlier card."""

    def followed_by(self, offer_id: str) -> str | None:
        """Return the id of the card whose place the offered one takes."""

    def at_place(self, place: StatusPlace) -> Credential | None:
        """Return the card whose status is kept there."""


@dataclass(frozen=True, slots=True)
class Closing:
    """That an organisation stopped issuing, and until when its last status lists are good."""

    organisation: str
    closed_at: datetime
    lists_until: datetime


class Closings(Protocol):
    """Organisations that have closed."""

    def add(self, closing: Closing) -> bool:
        """Keep a closing in one conditional insert; False when it was closed before.

        Every status list of the organisation counts as changed, so that it is signed once more.
        """

    def get(self, organisation: str) -> Closing | None:
        """Return when an organisation closed; None while it has not."""

    def open_offers(self, organisation: str, *, limit: int) -> Sequence[str]:
        """Return ids of its offers that still lead to a card."""

    def open_letters(self, organisation: str, *, limit: int) -> Sequence[str]:
        """Return ids of its letters that still lead to an offer."""

    def last_end(self, organisation: str) -> datetime | None:
        """Return when the last of its cards ends that is not revoked."""


class Archive(Protocol):
    """Where the public remains of an organisation are put."""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files by their relative names.

        Raises:
            ArchiveNotEmpty: something is there already.
        """
