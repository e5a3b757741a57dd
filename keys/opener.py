"""The door to private keys: chooses where they are kept, and nobody else does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from keys.backends.file import STORE_FILE, FileKeys, chain_in, names_in
from keys.backends.passphrase import ScryptCost
from keys.checks import KeyStoreMissing, PassphraseUnfit
from keys.ports import KeyStore
from keys.software_signer import SoftwareSigner

__all__ = [
    "KEYS_DIRECTORY",
    "STORE_FILE",
    "KeyEntry",
    "KeyStore",
    "ScryptCost",
    "create_keys",
    "list_keys",
    "open_keys",
]

KEYS_DIRECTORY: Final = "keys"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What may be known of a key without the passphrase: whose, for what, its certificates."""

    org: str
    purpose: str
    chain: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate | None:
        """The key's own certificate, if it has one."""
        return self.chain[0] if self.chain else None


def open_keys(directory: Path, *, passphrase: str | None) -> KeyStore:
    """Open the keys in a directory made by `kyky-keys init` (or in its `keys` subdirectory).

    Raises:
        KeyStoreMissing: no keys here.
        PassphraseUnfit: no passphrase was given.
        PassphraseWrong: another passphrase.
        KeyStoreUnsafe: others may read or replace a file.
        KeyStoreDamaged: a file cannot be read.
    """
    place = _store_directory(directory)
    if passphrase is None:
        raise PassphraseUnfit("missing")
    return FileKeys.open(place, passphrase=passphrase)


def list_keys(directory: Path) -> list[KeyEntry]:
    """Return every key in a directory, without opening any.

    Raises:
        KeyStoreMissing: no keys here.
        KeyStoreUnsafe, KeyStoreDamaged: a chain is open to others or cannot be read.
    """
    place = _store_directory(directory)
    return [
        KeyEntry(org, purpose, tuple(chain_in(place, org, purpose)))
        for org, purpose in names_in(place)
    ]


def create_keys(
    place: Path,
    *,
    passphrase: str,
    signers: Mapping[tuple[str, str], SoftwareSigner],
    secrets: Mapping[str, bytes],
    cost: ScryptCost | None = None,
) -> None:
    """Write a new store of encrypted files.

    Args:
        place: a directory without a store.
        passphrase: at least eight characters.
        signers: by (organisation, purpose).
        secrets: 32 bytes by name.
        cost: work for one guess at the passphrase.

    Raises:
        PassphraseUnfit: the passphrase is too short.
    """
    store = FileKeys.create(place, passphrase=passphrase, cost=cost)
    for (org, purpose), signer in signers.items():
        store.add_signer(org, purpose, signer)
    for name, secret in secrets.items():
        store.add_secret(name, secret)


def _store_directory(directory: Path) -> Path:
    for place in (directory / KEYS_DIRECTORY, directory):
        if (place / STORE_FILE).is_file():
            return place
    raise KeyStoreMissing("no store")
