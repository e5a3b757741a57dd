"""What the flows need from the outside: network, clock, randomness, store, trust list source.

``keys.fetch.Fetcher`` behind ``edges.GuardedNetwork``, the file store and the tests' simulated
peers all fit these protocols.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from wallet_sim.model import Contents


class Reply(Protocol):
    """An HTTP answer; ``content_type`` is lower case without parameters, as header names are."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def content_type(self) -> str:
        """The media type."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by name in small letters."""
        ...

    @property
    def body(self) -> bytes:
        """The whole body."""
        ...


class Network(Protocol):
    """Outgoing HTTP. Follows no redirect.

    Raises ``ConnectionLost`` when no whole answer came, and a ``CheckFailed`` when the address may
    not be called at all.
    """

    async def get(self, url: str, *, accept: str) -> Reply:
        """Fetch."""
        ...

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a form, or JSON, or nothing."""
        ...


class PostJwt(Protocol):
    """Sends a JWT; otherwise as ``Network.post``."""

    async def __call__(self, url: str, text: str, headers: Mapping[str, str]) -> Reply:
        """Send ``text`` as ``application/jwt``."""
        ...


class Clock(Protocol):
    """The time now, UTC."""

    def now(self) -> datetime:
        """Return the time, with its zone."""
        ...


class Random(Protocol):
    """Unpredictable bytes."""

    def bytes(self, count: int) -> bytes:
        """Return ``count`` fresh random bytes."""
        ...


class Store(Protocol):
    """Where the wallet's contents live."""

    def load(self) -> Contents:
        """Read everything."""
        ...

    def change(self, work: Callable[[Contents], Contents]) -> Contents:
        """Read, let ``work`` make the new contents, and write, as one step.

        Nothing changes when ``work`` raises.
        """
        ...


class WalletProvider(Protocol):
    """Whoever made the wallet, and vouches for it and for its keys (OpenID4VCI 1.0, D and E).

    Raises ``CheckFailed`` when there is no attestation to be had now.
    """

    @property
    def client_id(self) -> str:
        """What every wallet of this provider is called; it names no single one (HAIP 4.4.1)."""
        ...

    async def attest_instance(self, jwk: Mapping[str, str]) -> str:
        """Return a wallet attestation of the key by which one server knows this wallet."""
        ...

    async def attest_keys(self, jwks: Sequence[Mapping[str, str]], *, nonce: str | None) -> str:
        """Return one attestation of all these holder keys."""
        ...


class TrustSource(Protocol):
    """Where the newest trust list comes from."""

    async def read(self, location: str) -> str:
        """Return the trust list's text; raises ``CheckFailed`` when it cannot be had."""
        ...
