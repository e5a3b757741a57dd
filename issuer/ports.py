"""What a use case needs from outside: records, a vault for claims, time, randomness, signers."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

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
    SealedClaims,
    Standing,
    StatusListRow,
    StatusPlace,
)
from keys.ports import Signer

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""


class Random(Protocol):
    """Unpredictable values."""

    def bytes(self, count: int) -> bytes:
        """Return `count` random bytes."""

    def token(self, count: int = 32) -> str:
        """Return `count` random bytes as unpadded base64url text."""

    def below(self, bound: int) -> int:
        """Return a random integer in [0, bound)."""


class Signers(Protocol):
    """The signing keys of the organisations."""

    def signer(self, org: str, purpose: str) -> Signer:
        """Return an organisation's signer for `credential` or `status-list`."""


class Vault(Protocol):
    """Seals claims and makes the keyed values that stand for secrets in the records."""

    def seal(self, claims: bytes, *, binding: bytes) -> SealedClaims:
        """Seal claims under a fresh data key; `binding` must be given again to open them."""

    def unseal(self, sealed: SealedClaims, *, binding: bytes) -> bytes:
        """Open what `seal` made. Raises SealBroken for another binding or altered bytes."""

    def mac(self, purpose: str, *parts: str) -> bytes:
        """Return a 32-byte keyed MAC over the parts, unrelated between purposes."""

    def secret_text(self, purpose: str, *parts: str) -> str:
        """Return a secret of 32 bytes as base64url text, the same each time for the same parts."""

    def digits(self, purpose: str, count: int, *parts: str) -> str:
        """Return `count` secret decimal digits, the same each time for the same parts."""


class ApiKeyForm(Protocol):
    """How API keys look and how they are kept."""

    def make(self) -> tuple[str, str]:
        """Return a new key's public id and the whole key."""

    def id_of(self, key: str) -> str | None:
        """Return the public id inside a key, or None when the text is no key."""

    def mac(self, key: str) -> bytes:
        """Return the keyed MAC under which a key is kept."""

    def is_same(self, key: str, kept: bytes) -> bool:
        """Compare a key with what is kept of it, in constant time."""


class Offers(Protocol):
    """Offers and their sealed claims."""

    def add(self, offer: Offer, sealed: SealedClaims) -> None:
        """Keep a new offer with its claims."""

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

    def move(self, offer_id: str, target: OfferState) -> bool:
        """Pass into `target` if the transition table allows; says whether it did."""

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

    def hold(self, token_mac: bytes, *, now: datetime) -> bool:
        """Lock a live grant until the transaction ends; False when it is not live."""

    def end(self, offer_id: str, *, at: datetime) -> None:
        """Let the grant give no more credentials."""

    def run_out(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return offer ids whose grant is past its time and was never ended."""


class Credentials(Protocol):
    """Signed copies and their states."""

    def add(self, credential: Credential) -> None:
        """Record the intent to sign."""

    def get(self, organisation: str, credential_id: str) -> Credential | None:
        """Return a credential of that organisation."""

    def by_notification(self, organisation: str, notification_mac: bytes) -> Credential | None:
        """Return the credential that a notification id stands for."""

    def of_offer(self, offer_id: str) -> Sequence[Credential]:
        """Return every copy made for an offer, oldest first."""

    def deliver(self, credential_id: str, target: Delivery) -> bool:
        """Pass into `target` if the transition table allows; says whether it did."""

    def stand(self, credential_id: str, target: Standing) -> bool:
        """Pass into `target` if the transition table allows, and show it on the status list."""


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


class Records(Protocol):
    """Everything kept, as seen inside one transaction."""

    @property
    def offers(self) -> Offers:
        """Offers."""

    @property
    def grants(self) -> Grants:
        """Access tokens."""

    @property
    def credentials(self) -> Credentials:
        """Signed copies."""

    @property
    def status_lists(self) -> StatusLists:
        """Status lists."""

    @property
    def one_time(self) -> OneTimeValues:
        """Values that count once."""

    @property
    def calls(self) -> RememberedCalls:
        """Calls under an Idempotency-Key."""

    @property
    def api_keys(self) -> ApiKeys:
        """Keys of issuing systems."""

    @property
    def audit(self) -> Audit:
        """Who did what."""


class Store(Protocol):
    """Runs units of work. A unit may run twice, so it touches nothing but its records."""

    async def write(self, work: Callable[[Records], T]) -> T:
        """Run `work` in a transaction; returns once it is committed, keeps nothing if it raises."""

    async def read(self, work: Callable[[Records], T]) -> T:
        """Run `work` on a consistent snapshot."""

    async def wipe_traces(self) -> bool:
        """Make what was erased unreadable in the engine's own log, too; says whether it is."""
