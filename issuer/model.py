"""What the issuer keeps, and its states: each life cycle is one transition table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar


class OfferState(StrEnum):
    """Where an offer stands."""

    OFFERED = "offered"  # the wallet may fetch it and redeem its code
    CLAIMED = "claimed"  # the code was redeemed; the access token still runs
    COMPLETED = "completed"  # the wallet confirmed that it holds the credential
    LAPSED = "lapsed"  # the access token ended without a confirmation
    WITHDRAWN = "withdrawn"  # the organisation took it back
    EXPIRED = "expired"  # nobody came in time
    BLOCKED = "blocked"  # too many wrong PINs


OFFER_NEXT: Mapping[OfferState, frozenset[OfferState]] = {
    OfferState.OFFERED: frozenset(
        {OfferState.CLAIMED, OfferState.WITHDRAWN, OfferState.EXPIRED, OfferState.BLOCKED}
    ),
    OfferState.CLAIMED: frozenset({OfferState.COMPLETED, OfferState.LAPSED, OfferState.WITHDRAWN}),
    OfferState.COMPLETED: frozenset(),
    OfferState.LAPSED: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
    OfferState.EXPIRED: frozenset(),
    OfferState.BLOCKED: frozenset(),
}

CLAIMS_KEPT_IN: frozenset[OfferState] = frozenset({OfferState.OFFERED, OfferState.CLAIMED})
"""The claims of an offer, and the key that opens them, exist in these states only."""


class Delivery(StrEnum):
    """How far one signed copy got on its way to the wallet."""

    RECORDED = "recorded"  # the intent is written, the signer not yet asked
    ISSUED = "issued"  # signed and answered; the wallet has not confirmed
    ACCEPTED = "accepted"  # the wallet confirmed
    REPLACED = "replaced"  # the wallet asked again, or the grant ended before signing
    FAILED = "failed"  # the wallet could not keep it
    DELETED = "deleted"  # the holder did not want it


DELIVERY_NEXT: Mapping[Delivery, frozenset[Delivery]] = {
    Delivery.RECORDED: frozenset({Delivery.ISSUED, Delivery.REPLACED}),
    Delivery.ISSUED: frozenset(
        {Delivery.ACCEPTED, Delivery.REPLACED, Delivery.FAILED, Delivery.DELETED}
    ),
    Delivery.ACCEPTED: frozenset({Delivery.DELETED}),
    Delivery.REPLACED: frozenset(),
    Delivery.FAILED: frozenset(),
    Delivery.DELETED: frozenset(),
}

UNDELIVERED: frozenset[Delivery] = frozenset({Delivery.RECORDED, Delivery.ISSUED})
"""Copies that nobody has confirmed: a new copy, or a withdrawal, puts an end to them."""


class Standing(StrEnum):
    """What the status list says of a credential."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


STANDING_NEXT: Mapping[Standing, frozenset[Standing]] = {
    Standing.VALID: frozenset({Standing.SUSPENDED, Standing.REVOKED}),
    Standing.SUSPENDED: frozenset({Standing.VALID, Standing.REVOKED}),
    Standing.REVOKED: frozenset(),
}

State = TypeVar("State", bound=StrEnum)


def sources_of(target: State, table: Mapping[State, frozenset[State]]) -> frozenset[State]:
    """Return the states from which `table` lets a thing pass into `target`."""
    return frozenset(state for state, following in table.items() if target in following)


class Channel(StrEnum):
    """How an offer reaches the client; it decides how long the offer lives."""

    SCREEN = "screen"
    MESSAGE = "message"
    LETTER = "letter"  # made on a letter's page, for a few minutes
    WALLET = "wallet"  # a wallet asked by itself; its code goes to that wallet, for a minute


@dataclass(frozen=True, slots=True)
class Offer:
    """One offered credential. Holds no claim, code, PIN or subject reference, only MACs of them."""

    id: str
    organisation: str
    type_id: str
    schema_version: int
    state: OfferState
    channel: Channel
    has_pin: bool
    attempts: int
    subject_mac: bytes
    reference_mac: bytes
    code_mac: bytes
    created_at: datetime
    expires_at: datetime

    def state_at(self, now: datetime) -> OfferState:
        """Return the state at `now`: an offer past its end is expired before any sweep says so."""
        if self.state is OfferState.OFFERED and now >= self.expires_at:
            return OfferState.EXPIRED
        return self.state


@dataclass(frozen=True, slots=True)
class SealedClaims:
    """Claims under a data key of their own, and that key under the service's."""

    wrapped_key: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Grant:
    """What a redeemed code allows: who has one access token may have one credential.

    Attributes:
        by_identifier: the wallet was given an identifier, and has to ask by it.
        dpop_jkt: thumbprint of the key that the token is bound to; None: it is a bearer's.
        instance_thumbprint: stands for the key of the very wallet that was attested, if it was.
    """

    token_mac: bytes
    offer_id: str
    organisation: str
    type_id: str
    schema_version: int
    expires_at: datetime
    ended_at: datetime | None
    client_id: str | None = None
    by_identifier: bool = False
    dpop_jkt: str | None = None
    instance_thumbprint: str | None = None


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """One entry of one status list."""

    organisation: str
    number: int
    index: int


@dataclass(frozen=True, slots=True)
class RevocationRequest:
    """A first pair of eyes wants a credential revoked; it is suspended meanwhile.

    Attributes:
        system: the system that asked.
        person_mac: stands for the person who decided there, if the system said who.
        reason: a code of `revocation_reason`.
    """

    system: str
    person_mac: bytes | None
    reason: str
    at: datetime

    def is_another(self, system: str, person_mac: bytes | None) -> bool:
        """Whether these are other eyes: another person if both are named, else another system."""
        if self.person_mac is not None and person_mac is not None:
            return self.person_mac != person_mac
        return self.system != system


@dataclass(frozen=True, slots=True)
class Credential:
    """One signed copy as the issuer remembers it: no claim, no holder key, no signature.

    `taken_in_by` is the organisation that acted on it, after which it counts as used up.
    """

    id: str
    organisation: str
    type_id: str
    offer_id: str
    subject_mac: bytes
    notification_mac: bytes
    delivery: Delivery
    standing: Standing
    place: StatusPlace
    recorded_at: datetime
    expires_at: datetime
    taken_in_at: datetime | None = None
    taken_in_by: str | None = None
    revocation_request: RevocationRequest | None = None


@dataclass(frozen=True, slots=True)
class StatusListRow:
    """A status list: `version` counts its changes, `size` is its number of entries."""

    organisation: str
    number: int
    size: int
    version: int


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A status list signed as JWT and as CWT, the version it shows, and until when it is good."""

    token: str
    cwt: bytes
    version: int
    signed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of one system of one organisation; `types` is what it may offer and change."""

    id: str
    organisation: str
    system: str
    types: frozenset[str]
    mac: bytes
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Whether the key opens anything at `now`."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A public key of one system of one organisation, by which it asks for access tokens.

    Attributes:
        client: the system's name, its OAuth `client_id` at this organisation.
        jwk: the public key.
        scopes: what its tokens may be for, such as `offer:statement_feedback`.
    """

    id: str
    organisation: str
    client: str
    jwk: Mapping[str, str]
    thumbprint: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Whether the key opens anything at `now`."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class SystemToken:
    """An access token of an issuing system, kept as a MAC; it ends with its key at the latest."""

    mac: bytes
    key_id: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """An issuing system that has shown a live API key, or a live access token.

    Attributes:
        key_id: the API key, or the registered public key; what the audit record names.
        types: what it may offer.
        status_types: whose cards it may read and change.
    """

    key_id: str
    organisation: str
    system: str
    types: frozenset[str]
    status_types: frozenset[str]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing when. `reason` is a code of a code list; nothing personal."""

    at: datetime
    organisation: str
    actor: str
    action: str
    object_id: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RememberedCall:
    """A call made under an Idempotency-Key: a keyed MAC of its body and the offer it made."""

    body_mac: bytes
    offer_id: str
