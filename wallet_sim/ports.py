"""What the flows need from the outside: network, clock, randomness, store, trust list source.

``keys.fetch.Fetcher`` behind ``edges.GuardedNetwork``, the file store and the tests' simulated
peers all fit these protocols.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from wallet_sim.model import Contents


class Reply(Protocol):
    """An HTTP answer; ``content_type`` is lower case without parameters."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def content_type(self) -> str:
        """The media type."""
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


class TrustSource(Protocol):
    """Where the newest trust list comes from."""

    async def read(self, location: str) -> str:
        """Return the trust list's text; raises ``CheckFailed`` when it cannot be had."""
        ...
