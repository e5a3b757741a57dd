"""Files that only their owner may read, written whole or not at all."""

import os
import stat
from pathlib import Path
from typing import Final

from keys.checks import KeyStoreDamaged, KeyStoreMissing, KeyStoreUnsafe

MAX_FILE_BYTES: Final = 65_536
_FOR_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 in one step, making its directories with mode 0700."""
    _make_directories(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_private(path: Path) -> bytes:
    """Read a file that nobody but its owner may read or write.

    Raises:
        KeyStoreMissing: there is no such file.
        KeyStoreUnsafe: the file is open to others, belongs to somebody else, or others may
            replace it in its directory.
        KeyStoreDamaged: it cannot be read, is no file, or is larger than any key.
    """
    try:
        _check_directory(path.parent)
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if found.st_mode & _FOR_OTHERS or found.st_uid not in {os.geteuid(), 0}:
                raise KeyStoreUnsafe(path.name)
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise KeyStoreMissing(path.name) from None
    except OSError:
        raise KeyStoreDamaged(path.name) from None
    if len(data) > MAX_FILE_BYTES:
        raise KeyStoreDamaged(path.name)
    return data


def entries(directory: Path) -> list[str]:
    """Return the names in a directory, sorted; none when there is no such directory.

    Raises:
        KeyStoreDamaged: it cannot be listed.
    """
    try:
        return sorted(entry.name for entry in directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        raise KeyStoreDamaged(directory.name) from None


def _check_directory(directory: Path) -> None:
    found = directory.stat()
    if found.st_mode & _WRITABLE_BY_OTHERS or found.st_uid not in {os.geteuid(), 0}:
        raise KeyStoreUnsafe(directory.name)


def _make_directories(directory: Path) -> None:
    if not directory.exists():
        _make_directories(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)
