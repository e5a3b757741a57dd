"""What opens the store: a passphrase (scrypt) or a key that the operating system's keyring keeps.

A lock is public data that stands in the wallet file; opening it gives ``KeyMaterial``.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from wallet_sim.failures import (
    KeyringUnavailable,
    PassphraseTooShort,
    StoreCorrupted,
    WrongPassphrase,
)
from wallet_sim.ports import Random

BY_PASSPHRASE = "passphrase"  # noqa: S105 - the name of a way to lock, no secret
BY_KEYRING = "keyring"
SHORTEST_PASSPHRASE = 8
SCRYPT_N = 2**17  # 128 MiB and some tenths of a second, OWASP's first choice
LARGEST_SCRYPT_N = 2**20
SCRYPT_R = 8
SALT_BYTES = 16
MATERIAL_BYTES = 64

Lock = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """64 secret bytes: the first half encrypts, the second half only tells a wrong passphrase."""

    secret: bytes = field(repr=False)

    @property
    def key(self) -> bytes:
        """The AES-256 key."""
        return self.secret[:32]

    def mark(self) -> str:
        """Return what the file keeps to recognise the right passphrase."""
        return hashlib.sha256(b"kykylompakko store mark" + self.secret[32:]).hexdigest()

    def fits(self, lock: Lock) -> bool:
        """Say whether this material made the lock."""
        return hmac.compare_digest(self.mark(), str(lock.get("mark", "")))


class Keyring(Protocol):
    """The operating system's secret keeper."""

    def get(self, name: str) -> str | None:
        """Return the secret, or None; raises ``KeyringUnavailable``."""
        ...

    def set(self, name: str, secret: str) -> None:
        """Keep the secret; raises ``KeyringUnavailable``."""
        ...


class Opener(Protocol):
    """One way of making and opening locks."""

    def make(self, random: Random) -> tuple[Lock, KeyMaterial]:
        """Make a new lock."""
        ...

    def open(self, lock: Lock) -> KeyMaterial:
        """Open a lock; raises ``WrongPassphrase`` or ``KeyringUnavailable``."""
        ...


class PassphraseOpener:
    """Locks under a passphrase. ``n`` is scrypt's cost for new locks, a power of two."""

    def __init__(self, passphrase: str, *, n: int = SCRYPT_N) -> None:
        self._passphrase = passphrase
        self._n = n

    def make(self, random: Random) -> tuple[Lock, KeyMaterial]:
        """Make a lock with a fresh salt; raises ``PassphraseTooShort``."""
        if len(self._passphrase) < SHORTEST_PASSPHRASE:
            raise PassphraseTooShort
        salt = random.bytes(SALT_BYTES)
        material = self._derive(salt, self._n)
        lock = {
            "by": BY_PASSPHRASE,
            "kdf": "scrypt",
            "n": self._n,
            "salt": base64.b64encode(salt).decode(),
            "mark": material.mark(),
        }
        return lock, material

    def open(self, lock: Lock) -> KeyMaterial:
        """Derive the material again; raises ``WrongPassphrase``, ``StoreCorrupted``."""
        n = lock.get("n")
        if not isinstance(n, int) or not 1 < n <= LARGEST_SCRYPT_N or n & (n - 1):
            raise StoreCorrupted("scrypt cost")
        try:
            salt = base64.b64decode(str(lock.get("salt")), validate=True)
        except binascii.Error:
            raise StoreCorrupted("salt") from None
        material = self._derive(salt, n)
        if not material.fits(lock):
            raise WrongPassphrase
        return material

    def _derive(self, salt: bytes, n: int) -> KeyMaterial:
        kdf = Scrypt(salt=salt, length=MATERIAL_BYTES, n=n, r=SCRYPT_R, p=1)
        return KeyMaterial(kdf.derive(self._passphrase.encode()))


class KeyringOpener:
    """Locks whose material lies in the operating system's keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def make(self, random: Random) -> tuple[Lock, KeyMaterial]:
        """Make material and give it to the keyring; raises ``KeyringUnavailable``."""
        name = random.bytes(8).hex()
        material = KeyMaterial(random.bytes(MATERIAL_BYTES))
        self._keyring.set(name, material.secret.hex())
        return {"by": BY_KEYRING, "name": name, "mark": material.mark()}, material

    def open(self, lock: Lock) -> KeyMaterial:
        """Ask the keyring; raises ``KeyringUnavailable`` when it lacks this wallet's key."""
        kept = self._keyring.get(str(lock.get("name")))
        try:
            material = KeyMaterial(bytes.fromhex(kept or ""))
        except ValueError:
            raise KeyringUnavailable("entry unreadable") from None
        if len(material.secret) != MATERIAL_BYTES or not material.fits(lock):
            raise KeyringUnavailable("no entry for this wallet")
        return material
