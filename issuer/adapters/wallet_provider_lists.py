"""Where the list of wallet providers is read: a file, or a URL through the guarded fetcher."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from issuer.usecases.proving.failures import WalletProvidersUnavailable
from keys.checks import CheckFailed
from keys.fetch import Fetcher

_MEDIA_TYPE = "application/jose"
_MAX_BYTES = 4 * 1_048_576
_OK = 200


class WalletProviderListAt:
    """`ports.proving.WalletProviderSource` for an address.

    Args:
        where: an https URL, or the path of a file.
        operator: PEM file of the list operator's certificate.
        fetcher: the guarded client.
    """

    def __init__(self, where: str, *, operator: Path, fetcher: Fetcher) -> None:
        self._where = where
        self._operator = operator
        self._fetcher = fetcher

    async def read(self) -> str:
        """Return the list's text, still to be checked.

        Raises:
            WalletProvidersUnavailable: it could not be read.
        """
        if self._where.startswith(("https://", "http://")):
            return _text(await self._fetched())
        return _text(await asyncio.to_thread(_read, Path(self._where)))

    def operator_anchors(self) -> Sequence[x509.Certificate]:
        """Return who may sign it.

        Raises:
            WalletProvidersUnavailable: there is no such certificate.
        """
        try:
            return (x509.load_pem_x509_certificate(_read(self._operator)),)
        except ValueError:
            raise WalletProvidersUnavailable("the operator's certificate") from None

    async def _fetched(self) -> bytes:
        try:
            reply = await self._fetcher.get(self._where, accept=_MEDIA_TYPE, max_bytes=_MAX_BYTES)
        except CheckFailed as failure:
            raise WalletProvidersUnavailable(failure.code) from failure
        if reply.status != _OK:
            raise WalletProvidersUnavailable(f"HTTP {reply.status}")
        return reply.body


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise WalletProvidersUnavailable("file") from error


def _text(data: bytes) -> str:
    if len(data) > _MAX_BYTES:
        raise WalletProvidersUnavailable("too large")
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise WalletProvidersUnavailable("not ASCII") from error
