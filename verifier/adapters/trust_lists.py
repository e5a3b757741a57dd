"""Where trust lists are read: a file, or a URL through the guarded fetcher."""

import asyncio
from pathlib import Path
from typing import Protocol

from keys.checks import CheckFailed
from keys.fetch import Reply
from verifier.ports import TrustListSource
from verifier.usecases.failures import TrustListUnavailable

_MEDIA_TYPE = "application/jose"
_MAX_BYTES = 4 * 1_048_576
_OK = 200


class Fetching(Protocol):
    """The part of `keys.fetch.Fetcher` used here."""

    async def get(self, url: str, *, accept: str, max_bytes: int | None = ...) -> Reply:
        """Return the answer to a GET."""
        ...


class TrustListFile:
    """A trust list in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self) -> str:
        """Return the list's text.

        Raises:
            TrustListUnavailable: there is no such readable file, or it is too large.
        """
        return await asyncio.to_thread(self._read)

    def _read(self) -> str:
        try:
            with self._path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise TrustListUnavailable("file") from error
        return _text(data)


class TrustListUrl:
    """A trust list behind an https URL."""

    def __init__(self, url: str, fetcher: Fetching) -> None:
        self._url = url
        self._fetcher = fetcher

    async def read(self) -> str:
        """Return the list's text.

        Raises:
            TrustListUnavailable: it could not be fetched.
        """
        try:
            reply = await self._fetcher.get(self._url, accept=_MEDIA_TYPE, max_bytes=_MAX_BYTES)
        except CheckFailed as failure:
            raise TrustListUnavailable(failure.code) from failure
        if reply.status != _OK:
            raise TrustListUnavailable(f"HTTP {reply.status}")
        return _text(reply.body)


def trust_list_source(where: str, fetcher: Fetching) -> TrustListSource:
    """Return the source behind a URL or the path of a file."""
    if where.startswith(("https://", "http://")):
        return TrustListUrl(where, fetcher)
    return TrustListFile(Path(where))


def _text(data: bytes) -> str:
    if len(data) > _MAX_BYTES:
        raise TrustListUnavailable("too large")
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise TrustListUnavailable("not ASCII") from error
