"""The encrypted store: one AES-256-GCM file, written whole and atomically, for its owner only.

``wallet.json`` holds ``{"head": {"format", "lock"}, "body": base64, "sum": SHA-256}``. ``sum``
tells accidental damage from a wrong passphrase; AES-GCM with the head as additional data tells
deliberate changes. A file that is not whole is never written over.
"""

import base64
import binascii
import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from keys.checks import SealBroken
from keys.seal import NONCE_BYTES, seal, unseal
from wallet_sim.contents_json import from_json, to_json
from wallet_sim.failures import (
    StoreCorrupted,
    StoreNotWritable,
    WalletExists,
    WalletNotFound,
)
from wallet_sim.file_lock import exclusive
from wallet_sim.model import Contents
from wallet_sim.ports import Random
from wallet_sim.store_locks import KeyMaterial, Lock, Opener

FILE_NAME = "wallet.json"
LOCK_NAME = "wallet.lock"
FORMAT = 1
OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700
LARGEST_FILE = 64 * 1024 * 1024


class FileStore:
    """The wallet file in ``home``. Satisfies ``ports.Store``.

    Args:
        home: the wallet's folder.
        opener: gives the key; asked once, at the first use.
        random: for nonces and a new lock's salt.
    """

    def __init__(self, home: Path, opener: Opener, random: Random) -> None:
        self._home = home
        self._opener = opener
        self._random = random
        self._opened: tuple[str, KeyMaterial] | None = None

    def create(self, contents: Contents) -> None:
        """Make the folder and the file; raises ``WalletExists``, ``StoreNotWritable``."""
        with _file_errors():
            self._home.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
            with exclusive(self._home / LOCK_NAME):
                if (self._home / FILE_NAME).exists():
                    raise WalletExists
                lock, material = self._opener.make(self._random)
                self._write(contents, lock, material)

    def load(self) -> Contents:
        """Read everything; raises ``WalletNotFound``, ``WrongPassphrase``, ``StoreCorrupted``."""
        with _file_errors():
            return self._read()[0]

    def change(self, work: Callable[[Contents], Contents]) -> Contents:
        """Read, change and write under a lock that other processes respect.

        Raises what ``load`` raises, ``StoreNotWritable``, and what ``work`` raises; the file then
        stays as it was.
        """
        if not (self._home / FILE_NAME).is_file():
            raise WalletNotFound
        with _file_errors(), exclusive(self._home / LOCK_NAME):
            contents, lock, material = self._read()
            changed = work(contents)
            self._write(changed, lock, material)
            return changed

    def _read(self) -> tuple[Contents, Lock, KeyMaterial]:
        head, sealed = read_file(self._home)
        lock = _lock_of(head)
        material = self._material(lock)
        try:
            plain = unseal(material.key, sealed, aad=_canonical(head))
        except SealBroken:
            raise StoreCorrupted("seal") from None
        return from_json(plain), lock, material

    def _material(self, lock: Lock) -> KeyMaterial:
        text = _canonical(lock).decode()
        if self._opened is None or self._opened[0] != text:
            self._opened = (text, self._opener.open(lock))
        return self._opened[1]

    def _write(self, contents: Contents, lock: Lock, material: KeyMaterial) -> None:
        head = {"format": FORMAT, "lock": dict(lock)}
        sealed = seal(
            material.key,
            to_json(contents),
            aad=_canonical(head),
            nonce=self._random.bytes(NONCE_BYTES),
        )
        whole = {"head": head, "body": base64.b64encode(sealed).decode(), "sum": _sum(head, sealed)}
        _write_atomically(self._home / FILE_NAME, json.dumps(whole).encode())


def locked_by(home: Path) -> str:
    """Say what opens the wallet in ``home``: ``passphrase`` or ``keyring``.

    Raises ``WalletNotFound``, ``StoreCorrupted``, ``StoreNotWritable``.
    """
    with _file_errors():
        return str(_lock_of(read_file(home)[0]).get("by"))


def read_file(home: Path) -> tuple[Mapping[str, object], bytes]:
    """Return head and sealed body, checked against accidental damage."""
    path = home / FILE_NAME
    if not path.is_file():
        raise WalletNotFound
    if path.stat().st_size > LARGEST_FILE:
        raise StoreCorrupted("size")
    try:
        whole = json.loads(path.read_bytes())
        head, sealed = whole["head"], base64.b64decode(whole["body"], validate=True)
        if whole["sum"] != _sum(head, sealed) or head["format"] != FORMAT:
            raise StoreCorrupted("sum or format")
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error):
        raise StoreCorrupted("not whole") from None
    return head, sealed


def _lock_of(head: Mapping[str, object]) -> Lock:
    lock = head.get("lock")
    if not isinstance(lock, dict):
        raise StoreCorrupted("lock")
    return lock


def _canonical(head: Mapping[str, object]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _sum(head: Mapping[str, object], sealed: bytes) -> str:
    return hashlib.sha256(_canonical(head) + b"\0" + sealed).hexdigest()


def _write_atomically(path: Path, data: bytes) -> None:
    """Write beside, flush to the disk, then take the old file's place in one step."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        raise StoreNotWritable(type(trouble).__name__) from None
