"""Time, randomness, signers, a vault for claims, and the form of API keys."""

from datetime import datetime
from typing import Protocol

from issuer.model import SealedClaims
from keys.ports import Signer


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
