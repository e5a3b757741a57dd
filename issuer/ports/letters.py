"""Letters: what is kept of them, their states, and the press that sets them as pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from credential_schemas.model import Label
from issuer.model import SealedClaims

LetterStyle = Literal["fi", "sv", "en", "fi-plain"]
"""The language of a letter; `fi-plain` is Finnish for those who need it easier still."""


class LetterState(StrEnum):
    """Where a letter stands."""

    SENT = "sent"  # its PIN opens it
    LOCKED = "locked"  # too many wrong PINs; a new letter can still be made of it
    COLLECTED = "collected"  # a wallet has the card
    RENEWED = "renewed"  # a newer letter took its place
    WITHDRAWN = "withdrawn"  # the organisation took it back
    EXPIRED = "expired"  # nobody came in time


LETTER_NEXT: Mapping[LetterState, frozenset[LetterState]] = {
    LetterState.SENT: frozenset(LetterState) - {LetterState.SENT},
    # An offer made before the wrong PINs came may still be collected.
    LetterState.LOCKED: frozenset(LetterState) - {LetterState.SENT, LetterState.LOCKED},
    LetterState.COLLECTED: frozenset(),
    LetterState.RENEWED: frozenset(),
    LetterState.WITHDRAWN: frozenset(),
    LetterState.EXPIRED: frozenset(),
}

LETTER_KEPT_IN: frozenset[LetterState] = frozenset({LetterState.SENT, LetterState.LOCKED})
"""A letter's claims and address, and the key that opens them, exist in these states only."""


class PinMedium(StrEnum):
    """How the PIN reaches the client: never in a letter to the same household."""

    IN_PERSON = "in_person"
    TEXT_MESSAGE = "text_message"
    PHONE_CALL = "phone_call"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. Holds no claim, address, link, code or PIN, only MACs.

    Attributes:
        reference_mac: stands for the last part of the link in the QR code.
        code_mac: stands for the code that is typed instead.
        attempts: PINs tried since the last right one.
        offer_id: the newest offer made of it.
        call_mac: stands for the Idempotency-Key under which it was made.
        call_body_mac: stands for what was asked under that key.
    """

    id: str
    organisation: str
    type_id: str
    schema_version: int
    state: LetterState
    pin_medium: PinMedium
    attempts: int
    subject_mac: bytes
    reference_mac: bytes
    code_mac: bytes
    offer_id: str | None
    created_at: datetime
    expires_at: datetime
    call_mac: bytes | None = None
    call_body_mac: bytes | None = None

    def state_at(self, now: datetime) -> LetterState:
        """Return the state at `now`: a letter past its end is expired before any sweep says so."""
        if self.state in LETTER_KEPT_IN and now >= self.expires_at:
            return LetterState.EXPIRED
        return self.state


class Letters(Protocol):
    """Letters and what is sealed in them."""

    def add(self, letter: Letter, sealed: SealedClaims) -> bool:
        """Keep a new letter; False, and nothing kept, when its `call_mac` is in use."""

    def get(self, organisation: str, letter_id: str) -> Letter | None:
        """Return a letter of that organisation."""

    def by_call(self, call_mac: bytes) -> Letter | None:
        """Return the letter that a call made."""

    def by_offer(self, offer_id: str) -> Letter | None:
        """Return the letter whose newest offer this is."""

    def of_subject(self, organisation: str, subject_mac: bytes) -> Sequence[Letter]:
        """Return every letter to a client, the newest first."""

    def count_attempt(self, link_mac: bytes, *, now: datetime, limit: int) -> Letter | None:
        """Count one PIN tried, in one conditional write.

        Args:
            link_mac: of the link's last part or of the typed code.
            now: the current time.
            limit: how many may be tried.

        Returns:
            The letter, this attempt counted in it; None when there is none, or it has ended, is
            past its end, or had `limit` attempts before. Then nothing is counted.
        """

    def opened(self, letter_id: str, *, offer_id: str) -> None:
        """Note that the right PIN was given: attempts start anew, and this is the newest offer."""

    def offered_again(self, offer_id: str, again: str) -> None:
        """Note that another offer took the place of the one that was made of a letter, if any."""

    def move(self, letter_id: str, target: LetterState) -> bool:
        """Pass into `target` if the transition table allows; says whether it did."""

    def sealed(self, letter_id: str) -> SealedClaims | None:
        """Return what is sealed in the letter while it exists."""

    def erase(self, letter_id: str) -> None:
        """Destroy what is sealed in the letter, and its data key."""

    def expired(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return ids of letters that are past their end and not marked so."""

    def forget_calls(self, before: datetime) -> None:
        """Drop what stands for the Idempotency-Keys of letters made by then."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends letters: what stands at their top, and who helps.

    Attributes:
        address: the lines below the name; none where the envelope carries them.
        help: whom to call or where to go, one sentence with its full stop.
    """

    name: Label
    address: tuple[str, ...]
    help: Label


@dataclass(frozen=True, slots=True)
class LetterContent:
    """What a printed letter says.

    Attributes:
        recipient: name and address, for the envelope's window; empty to leave it free.
        card: what the card is called.
        link: what the QR code holds.
        place: what is typed in a browser instead: the link without its scheme and last part.
        typed_code: the code typed there, in its groups.
        last_day: the last whole day on which the letter can be used.
    """

    sender: Sender
    recipient: tuple[str, ...]
    card: Label
    link: str
    place: str
    typed_code: str
    pin_medium: PinMedium
    written_on: date
    last_day: date


class LetterPress(Protocol):
    """Sets letters as pages."""

    async def pdf(self, content: LetterContent, style: LetterStyle) -> bytes:
        """Return the letter as a tagged PDF.

        Raises:
            LetterNotSet: the press could not set it.
        """
