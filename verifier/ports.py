"""The few things a use case needs from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from openid4vc.status_list.forms import ListToken
from verifier.model import (
    ApiKey,
    Asking,
    Evidence,
    HeldList,
    ListPlace,
    OnBehalf,
    Once,
    Renewal,
    Step,
    StoredChallenge,
    StoredCode,
    Verification,
)


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""


class Random(Protocol):
    """Where randomness comes from."""

    def bytes(self, count: int) -> bytes:
        """Return `count` random bytes."""

    def token(self, count: int = 32) -> str:
        """Return `count` random bytes as unpadded base64url text."""

    def digits(self, count: int) -> str:
        """Return `count` random decimal digits, leading zeros kept."""


class Verifications(Protocol):
    """The stored verifications and the evidence of those that ended."""

    async def add(self, verification: Verification, *, secrets: bytes, box_public: bytes) -> None:
        """Store a new verification with its sealed secrets and the creator's public box key."""

    async def find(self, verification_id: str) -> Verification | None:
        """Return the verification of that id, or None."""

    async def find_by_ref(self, ref: str) -> Verification | None:
        """Return the verification behind a wallet URL, or None."""

    async def secrets(self, verification_id: str) -> bytes | None:
        """Return the sealed secrets, None once they are erased."""

    async def box_public(self, verification_id: str) -> bytes | None:
        """Return the public key to which values are boxed."""

    async def boxed(self, verification_id: str) -> bytes | None:
        """Return the boxed values, None when there are none."""

    async def move(self, verification_id: str, step: Step) -> bool:
        """Take one step by one conditional write; return whether this call took it.

        The evidence is stored in the same transaction.
        """

    async def due(self, at: datetime) -> Sequence[Verification]:
        """Return the verifications whose time to answer, or to show, is over."""

    async def hold_until(self, verification_id: str, until: datetime) -> None:
        """Change when the boxed values are erased, if there are any."""

    async def say_on_behalf(self, verification_id: str, on_behalf: OnBehalf | None) -> bool:
        """Write down who acts for the client, while there is no outcome; say whether it was."""

    async def erase_values(self, verification_id: str) -> None:
        """Erase the boxed values and the key they were boxed to."""

    async def purge(self, before: datetime) -> int:
        """Delete ended verifications that were made before `before`; return how many."""

    async def record_replay(self, verification_id: str, evidence: Evidence) -> bool:
        """Store evidence of a refused second response, once for each verification."""

    async def wipe_traces(self) -> bool:
        """Make what was erased unreadable in the engine's own log, too; says whether it is."""


class ConfirmationCodes(Protocol):
    """Codes that staff are to type, and the pages that show them to the wallets that answered."""

    async def add(self, code: StoredCode) -> None:
        """Keep a code for the page that shows it."""

    async def find(self, key: bytes, *, at: datetime) -> StoredCode | None:
        """Return the code behind an address if its time is not over, or None."""

    async def forget(self, at: datetime) -> int:
        """Delete the codes whose time is over; return how many."""

    async def use_try(self, verification_id: str, *, at: datetime) -> int | None:
        """Use up one try by one conditional write.

        Returns:
            How many are left after it; None when no try was left or no code is waited for.
        """

    async def mac(self, verification_id: str) -> bytes | None:
        """Return the keyed MAC of the code that is waited for, None when there is none."""


class Askings(Protocol):
    """How the desks ask, while they do; gone with the verifications."""

    async def begin(self, asking: Asking, *, at: datetime) -> None:
        """Remember how a new verification is asked."""

    async def find(self, verification_id: str) -> Asking | None:
        """Return how it is asked, None when no desk asks it."""

    async def change(self, asking: Asking) -> None:
        """Replace how it is asked."""

    async def renew(self, before: Verification, renewal: Renewal) -> bool:
        """Let an open request go on, unless it has changed since; say whether this call did."""

    async def ref_of(self, code: str) -> str | None:
        """Return the ref of the request that has that typed code, or None."""


class Challenges(Protocol):
    """The challenges that are open. Answering, closing or ending a verification drops its own."""

    async def shown(self, verification_id: str, *, at: datetime) -> StoredChallenge | None:
        """Return the newest challenge that may still be shown, or None."""

    async def add(self, challenge: StoredChallenge, *, at: datetime) -> bool:
        """Store a challenge if its verification is open at that time; say whether it was.

        The verification then stays open for as long as the challenge can be answered.
        """

    async def named(self, verification_id: str, *, tag: bytes) -> StoredChallenge | None:
        """Return the verification's challenge of that tag, or None."""

    async def forget(self, at: datetime) -> int:
        """Delete what can no longer be answered, and the answers remembered long enough."""

    async def was_taken(self, once: Once) -> bool:
        """Return whether that answer has been taken."""


class Certificates(Protocol):
    """The issuers' certificates that this desk has met."""

    async def add(self, digest: bytes, der: bytes, *, at: datetime) -> None:
        """Keep a certificate under its SHA-256, or note that it was met again."""

    async def newest(self, count: int) -> Mapping[bytes, bytes]:
        """Return those met last: SHA-256 to DER."""


class PictureReader(Protocol):
    """Reads QR codes from pictures."""

    async def read(self, picture: bytes) -> Sequence[str]:
        """Return the texts of the QR codes in a PNG or JPEG picture.

        Raises:
            PictureTooLarge, PictureUnreadable: see their classes.
        """


class TrustListSource(Protocol):
    """Where new trust lists come from: a file or a URL."""

    async def read(self) -> str:
        """Return the signed list as text.

        Raises:
            TrustListUnavailable: it cannot be read now.
        """


class TrustListStore(Protocol):
    """The last good trust list, over restarts."""

    async def load(self) -> str | None:
        """Return the last good list as text, None when there is none."""

    async def save(self, text: str, *, sequence: int) -> None:
        """Keep a list, unless one of a higher sequence is held already."""

    async def highest_sequence(self) -> int:
        """Return the highest sequence ever kept, 0 when none."""


class StatusListSource(Protocol):
    """Where status lists come from."""

    async def fetch(self, uri: str) -> ListToken:
        """Return the signed status list at `uri`, in the form in which it came.

        Raises:
            CheckFailed: it cannot be had now.
        """


class ListNames(Protocol):
    """Where an issuer's status lists are, so that they can be fetched before they are needed."""

    async def names(self, uri: str) -> Sequence[str]:
        """Return the addresses in the aggregation document at `uri`.

        Raises:
            CheckFailed: it cannot be had now.
        """


class KeptLists(Protocol):
    """Status lists over restarts, as they were signed; and when the last bundle was made."""

    async def find(self, uri: str, *, issuer: str) -> HeldList | None:
        """Return the list that was kept for that address and issuer, or None."""

    async def save(self, held: HeldList) -> None:
        """Keep a list, unless one is held that was signed later."""

    async def all(self) -> Sequence[HeldList]:
        """Return every list that is kept."""

    async def places(self) -> Sequence[ListPlace]:
        """Return of which issuer lists are kept, and where they came from."""

    async def forget(self, before: datetime) -> int:
        """Delete what was signed before that time; return how many."""

    async def bundle_made_at(self) -> datetime | None:
        """Return when the newest bundle was made that this desk has loaded, or None."""

    async def note_bundle(self, made_at: datetime) -> None:
        """Note that a bundle of that time was loaded, unless a newer one was."""


class ApiKeys(Protocol):
    """The stored API keys."""

    async def add(self, key: ApiKey) -> None:
        """Store a new key."""

    async def find(self, key_id: str) -> ApiKey | None:
        """Return the key of that public id, or None."""

    async def all(self) -> Sequence[ApiKey]:
        """Return every key, oldest first."""

    async def revoke(self, key_id: str, *, at: datetime) -> bool:
        """End a key now; False when there is no live key of that id."""


class KeyTexts(Protocol):
    """How API keys look and are compared."""

    def make(self) -> tuple[str, str]:
        """Return a new key's public id and its text."""

    def id_of(self, text: str) -> str | None:
        """Return the public id inside a key's text, None when it is no key."""

    def mac(self, text: str) -> bytes:
        """Return what is stored of a key."""

    def is_same(self, text: str, mac: bytes) -> bool:
        """Compare a key's text with what is stored, in constant time."""
