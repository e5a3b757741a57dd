"""What is kept, one protocol for each kind of thing."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from issuer.model import (
    ApiKey,
    AuditEntry,
    Credential,
    Delivery,
    Grant,
    Offer,
    OfferState,
    PublishedList,
    RememberedCall,
    RevocationRequest,
    SealedClaims,
    Standing,
    StatusListRow,
    StatusPlace,
)


class Offers(Protocol):
    """Offers and their sealed claims."""

    def add(self, offer: Offer, sealed: SealedClaims | None) -> None:
        """Keep a new offer, with its claims if they are there."""

    def get(self, organisation: str, offer_id: str) -> Offer | None:
        """Return an offer of that organisation."""

    def by_reference(self, organisation: str, reference_mac: bytes) -> Offer | None:
        """Return the offer whose link carries this reference."""

    def by_code(self, organisation: str, code_mac: bytes) -> Offer | None:
        """Return the offer that this pre-authorized code belongs to."""

    def count_attempt(self, offer_id: str, *, now: datetime, limit: int) -> int | None:
        """Count one redemption in one conditional write.

        Returns:
            How many there have been with this one, or None when the code is used, expired or had
            `limit` attempts before; then nothing is counted.
        """

    def move(self, offer_id: str, target: OfferState) -> str | None:
        """Pass into `target` if the transition table allows.

        Returns:
            Whose offer it is, or None when it stays as it was.
        """

    def hold(self, offer_id: str) -> bool:
        """Lock an offer whose claims may be kept until the transaction ends; False for others."""

    def give_claims(self, offer_id: str, sealed: SealedClaims) -> bool:
        """Keep claims in one conditional insert; False when there are some. `hold` goes before."""

    def sealed_claims(self, offer_id: str) -> SealedClaims | None:
        """Return the sealed claims while they exist."""

    def erase_claims(self, offer_id: str) -> None:
        """Destroy the sealed claims and their data key."""

    def expired(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return ids of offers that are past their end and still marked as offered."""


class Grants(Protocol):
    """Access tokens, one to an offer."""

    def add(self, grant: Grant, *, at: datetime) -> None:
        """Keep a new grant."""

    def by_token(self, token_mac: bytes) -> Grant | None:
        """Return the grant of an access token, live or not."""

    def of_offer(self, offer_id: str) -> Grant | None:
        """Return the grant on an offer, live or not."""

    def hold(self, token_mac: bytes, *, now: datetime) -> bool:
        """Lock a live grant until the transaction ends; False when it is not live."""

    def renew(self, offer_id: str, token_mac: bytes, *, now: datetime, until: datetime) -> bool:
        """Put another access token in place of the earlier one; False when the grant has ended."""

    def token_again(
        self, offer_id: str, token_mac: bytes, *, now: datetime, until: datetime
    ) -> None:
        """Put another access token in place of the earlier one, of an ended grant, too.

        An ended grant stays ended: it gives no credential, and takes reports only.
        """

    def end(self, offer_id: str, *, at: datetime) -> None:
        """Let the grant give no more credentials."""

    def run_out(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return offer ids whose grant is past its time and was never ended.

        An offer whose wallet may still come back for its claims is not among them.
        """


class Credentials(Protocol):
    """Signed copies and their states."""

    def add(self, credential: Credential, *, more: Sequence[StatusPlace] = ()) -> None:
        """Record the intent to sign.

        Args:
            credential: the card, with the status entry of its first copy.
            more: the entries of its further copies, which stand and fall with the first.
        """

    def get(self, organisation: str, credential_id: str) -> Credential | None:
        """Return a credential of that organisation."""

    def by_notification(self, organisation: str, notification_mac: bytes) -> Credential | None:
        """Return the credential that a notification id stands for."""

    def at_place(self, place: StatusPlace) -> Credential | None:
        """Return the credential that an entry of a status list belongs to."""

    def ask_revocation(self, credential_id: str, request: RevocationRequest) -> bool:
        """Keep a first request in one conditional write; False when there is one, or no use."""

    def end_request(self, credential_id: str) -> bool:
        """Forget a request: carried out or taken back; False when there was none."""

    def asked_revocations(self, organisation: str, *, limit: int) -> Sequence[Credential]:
        """Return the credentials whose revocation waits for a second pair of eyes, oldest first."""

    def take_in(self, credential_id: str, *, by: str, at: datetime) -> bool:
        """Note who acted on it in one conditional write; False when somebody had before."""

    def of_offer(self, offer_id: str) -> Sequence[Credential]:
        """Return every copy made for an offer, oldest first."""

    def deliver(self, credential_id: str, target: Delivery) -> bool:
        """Pass into `target` if the transition table allows; says whether it did."""

    def stand(
        self, credential_id: str, target: Standing, *, only_from: Collection[Standing] | None = None
    ) -> bool:
        """Pass into `target` if the transition table allows, and show it on the status list.

        Args:
            credential_id: which credential.
            target: how it shall stand.
            only_from: narrows down where it may come from.

        Returns:
            Whether it did. Use cases go through `usecases.standing`, which tells it, too.
        """


class StatusLists(Protocol):
    """Status lists of fixed size, numbered from 1 for each organisation."""

    def newest(self, organisation: str) -> StatusListRow | None:
        """Return the list that new entries go to."""

    def get(self, organisation: str, number: int) -> StatusListRow | None:
        """Return one list."""

    def open(self, organisation: str, number: int, *, size: int) -> bool:
        """Begin a list of `size` entries unless it is there; says whether it was begun."""

    def reserve(self, place: StatusPlace) -> bool:
        """Take an entry for good; False when it is taken."""

    def fill(self, organisation: str, number: int, indexes: Collection[int]) -> None:
        """Take entries of a list just begun for good, to look as if they were revoked."""

    def changes(
        self, organisation: str, number: int, *, after: int
    ) -> Sequence[tuple[int, Standing]]:
        """Return (index, standing) of every entry that changed after that version of the list.

        A new list starts from all entries valid and `after` 0.
        """

    def published(self, organisation: str, number: int) -> PublishedList | None:
        """Return the newest signed tokens."""

    def publish(self, organisation: str, number: int, published: PublishedList) -> None:
        """Keep signed tokens unless newer ones are kept."""


class OneTimeValues(Protocol):
    """Values that count once."""

    def consume(self, purpose: str, mac: bytes, *, keep_until: datetime) -> bool:
        """Take a value in one conditional insert; False when it was taken before."""

    def forget(self, now: datetime) -> int:
        """Drop what nobody can present any more; returns how many."""


class RememberedCalls(Protocol):
    """Calls made under an Idempotency-Key."""

    def remember(self, key_mac: bytes, call: RememberedCall, *, keep_until: datetime) -> bool:
        """Keep a call in one conditional insert; False when the key is in use."""

    def get(self, key_mac: bytes) -> RememberedCall | None:
        """Return the call made under a key."""

    def forget(self, now: datetime) -> int:
        """Drop calls past their time; returns how many."""


class ApiKeys(Protocol):
    """Keys of issuing systems."""

    def add(self, key: ApiKey) -> None:
        """Keep a new key."""

    def get(self, key_id: str) -> ApiKey | None:
        """Return a key by its public id."""

    def all(self) -> Sequence[ApiKey]:
        """Return every key, oldest first."""

    def revoke(self, key_id: str, *, at: datetime) -> bool:
        """End a key; False when there is no such live key."""


class Audit(Protocol):
    """The record of who did what."""

    def add(self, entry: AuditEntry) -> None:
        """Append an entry."""
