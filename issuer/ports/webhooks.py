"""What is told to the organisations' own systems: the outbox, and where it is posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Event(StrEnum):
    """What is told. The word before the full stop says what the id beside it is an id of."""

    OFFER_CLAIMED = "offer.claimed"
    OFFER_COMPLETED = "offer.completed"
    OFFER_LAPSED = "offer.lapsed"
    OFFER_WITHDRAWN = "offer.withdrawn"
    OFFER_EXPIRED = "offer.expired"
    OFFER_BLOCKED = "offer.blocked"
    CREDENTIAL_STATUS_CHANGED = "credential.status_changed"
    CREDENTIAL_REVOCATION_ASKED = "credential.revocation_asked"
    CREDENTIAL_TAKEN_IN = "credential.taken_in"
    CREDENTIAL_EXPIRING = "credential.expiring"
    LETTER_LOCKED = "letter.locked"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one organisation is told.

    Attributes:
        url: an https address.
        secret_id: what the signing secret is derived from; another id is another secret.
        earlier_secret_id: the secret before, which signs too until `earlier_until`.
        stopped_at: when the address said that it is gone; nothing is sent until it is set anew.
    """

    organisation: str
    url: str
    secret_id: str
    set_at: datetime
    earlier_secret_id: str | None = None
    earlier_until: datetime | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way: ids and a state, nothing personal.

    Attributes:
        number: counts up; within an organisation the order of the events.
        at: when it happened.
        since: from when on it is being sent.
        failures: how often it was sent in vain.
        fault: why it was not taken the last time: a code, such as `fetch_failed` or `status_500`.
        dead_at: when it was given up; None while it is on its way.
    """

    number: int
    organisation: str
    event: str
    object_id: str
    state: str | None
    at: datetime
    since: datetime
    failures: int
    next_at: datetime
    fault: str | None
    dead_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address said: a status, and after how many seconds to come again, if it said so."""

    status: int
    retry_after: int | None = None


class Events(Protocol):
    """Tells an organisation's systems what happened, if the change itself is kept."""

    def tell(
        self,
        organisation: str,
        event: str,
        object_id: str,
        at: datetime,
        *,
        state: str | None = None,
    ) -> None:
        """Put an event into the outbox, in this transaction; nothing when nobody listens.

        Args:
            organisation: whose object it is.
            event: one of `Event`.
            object_id: an id of ours, never a name or a reference of somebody else's.
            at: when it happened.
            state: a state of the object, as the API names it.
        """


class Webhooks(Protocol):
    """The organisations' addresses, and the events on their way there."""

    def endpoint(self, organisation: str) -> Endpoint | None:
        """Return where an organisation is told."""

    def endpoints(self) -> Sequence[Endpoint]:
        """Return every organisation's address, by organisation."""

    def set(self, endpoint: Endpoint) -> None:
        """Keep an address in place of the organisation's earlier one."""

    def remove(self, organisation: str) -> bool:
        """Forget an address and what was on its way there; False when there was none."""

    def stop(self, endpoint: Endpoint, *, at: datetime) -> None:
        """Send nothing more to this address, unless another one was set meanwhile."""

    def any(self) -> bool:
        """Whether there is any message, on its way or given up."""

    def claim(self, *, at: datetime, until: datetime, limit: int) -> Sequence[Message]:
        """Take what is due, oldest first, for this process alone until then."""

    def delivered(self, number: int) -> None:
        """Drop a message that has arrived."""

    def put_off(self, number: int, *, next_at: datetime, fault: str) -> None:
        """Count a failure and send it again later."""

    def release(self, numbers: Sequence[int], *, next_at: datetime) -> None:
        """Send later what was claimed and not tried."""

    def bury(self, before: datetime, *, at: datetime) -> int:
        """Give up what is on its way since `before` or earlier; returns how many."""

    def dead(self, organisation: str | None, *, limit: int) -> Sequence[Message]:
        """Return what was given up, oldest first."""

    def waiting(self, organisation: str) -> int:
        """Return how many messages are on their way."""

    def revive(self, organisation: str, *, at: datetime) -> int:
        """Send again from now on what was given up; returns how many."""

    def forget(self, before: datetime) -> int:
        """Drop what was given up by then; returns how many."""


class WebhookSender(Protocol):
    """Posts JSON to an address that an organisation named."""

    async def send(
        self, url: str, message: Mapping[str, object], *, headers: Mapping[str, str]
    ) -> Answer:
        """Post `keys.strict_json.dumps(message)`, once, following nothing.

        Raises:
            CheckFailed: it could not be sent, or was not answered.
        """
