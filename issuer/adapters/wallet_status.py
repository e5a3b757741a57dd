"""Fetches status lists of wallet providers through the guarded fetcher."""

from typing import Protocol

from issuer.usecases.proving.failures import WalletStatusUnknown
from keys.fetch import Reply
from openid4vc import limits
from openid4vc.status_list.token import MEDIA_TYPE

_OK = 200


class Fetching(Protocol):
    """The part of `keys.fetch.Fetcher` used here."""

    async def get(self, url: str, *, accept: str, max_bytes: int | None = ...) -> Reply:
        """Return the answer to a GET."""


class FetchedWalletStatus:
    """`ports.proving.WalletStatusSource` over HTTP."""

    def __init__(self, fetcher: Fetching) -> None:
        self._fetcher = fetcher

    async def fetch(self, uri: str) -> str:
        """Return the status list token at an address, still to be checked.

        Raises:
            WalletStatusUnknown: there is none at that address now.
            FetchRefused, FetchFailed: see `keys.fetch`.
        """
        reply = await self._fetcher.get(
            uri, accept=MEDIA_TYPE, max_bytes=limits.MAX_STATUS_TOKEN_CHARS
        )
        if reply.status != _OK or reply.content_type != MEDIA_TYPE:
            raise WalletStatusUnknown(f"HTTP {reply.status}")
        return reply.body.decode("ascii", "replace")
