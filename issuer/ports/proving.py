"""Where the list of wallet providers comes from, and where the last good one is kept."""

from collections.abc import Sequence
from typing import Protocol

from cryptography import x509


class WalletProviderSource(Protocol):
    """Where new lists come from."""

    async def read(self) -> str:
        """Return the list's text, still to be checked.

        Raises:
            WalletProvidersUnavailable: it could not be read.
        """

    def operator_anchors(self) -> Sequence[x509.Certificate]:
        """Return who may sign it.

        Raises:
            CheckFailed: the operator's certificate is missing or damaged.
        """


class WalletProviderLists(Protocol):
    """The last good list, over restarts and for all processes."""

    def highest(self) -> int:
        """Return the highest sequence number kept so far; 0 before the first list."""

    def newest(self) -> str | None:
        """Return the list kept, as its operator signed it."""

    def keep(self, text: str, *, sequence: int) -> None:
        """Keep a list in place of the one before, unless that has a higher number."""


class WalletStatusSource(Protocol):
    """Where wallet providers say which wallets and keys still count."""

    async def fetch(self, uri: str) -> str:
        """Return the status list token at an address, still to be checked.

        Raises:
            CheckFailed: there is none to be had.
        """
