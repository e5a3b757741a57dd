"""The web server, with bounds on what comes before and around a request's body.

`BodyLimit` sees a request only once its head is complete. Until then this protocol stands guard:
a head that is too long, has too many fields or does not arrive in time ends the connection, so
that nobody fills memory, or holds connections, without having asked for anything.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 65_536
MAX_FIELDS: Final = 100
MAX_MESSAGE_BYTES: Final = 4_194_304
HEAD_SECONDS: Final = 10.0


class BoundedHttp(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with bounds."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  uvicorn's own
        super().__init__(*arguments, **options)
        self._in_head = True
        self._received = 0
        self._deadline: asyncio.TimerHandle | None = None

    # uvicorn declares a transport narrower than asyncio's
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; its first request has to come soon."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a message that outgrows its bounds ends the connection."""
        # Whatever comes between two requests ends uvicorn's own wait for the next one. The first
        # wait begins with the connection, so that here a request has been made before.
        if self._deadline is None and self.cycle.response_complete:
            self._expect_head()
        self._received += len(data)
        super().data_received(data)
        if self._received > (MAX_HEAD_BYTES if self._in_head else MAX_MESSAGE_BYTES):
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head, or of a trailer.

        Raises:
            ValueError: there are too many; the parser makes a 400 of it.
        """
        if len(self.headers) >= MAX_FIELDS:
            raise ValueError("too many header fields")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request over."""
        super().on_headers_complete()
        self._stop_waiting()
        self._in_head = False
        self._received = 0

    def on_message_complete(self) -> None:
        """End a request."""
        self._in_head = True
        self._received = 0
        super().on_message_complete()

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()


def run_server(
    app: str | Callable[..., Any],
    *,
    trusted_proxies: Sequence[str] = (),
    **options: Any,  # noqa: ANN401  uvicorn's
) -> None:
    """Serve until told to stop.

    Args:
        app: the application, or where a worker process finds it.
        trusted_proxies: see `how_served`.
        options: uvicorn's own: host, port, workers, factory, logging.
    """
    uvicorn.run(app, **how_served(trusted_proxies), **options)


def how_served(trusted_proxies: Sequence[str] = ()) -> dict[str, Any]:
    """Return the options of uvicorn that hold for every service of ours.

    Nobody is told which server this is, and addresses, which may hold an offer's reference, are
    not logged.

    Args:
        trusted_proxies: addresses and networks of the proxies in front of it. Who calls is what
            these say in `X-Forwarded-For`, from the right up to the first address that is not one
            of them; nobody else is believed.
    """
    return {
        "http": BoundedHttp,
        "ws": "none",
        "proxy_headers": bool(trusted_proxies),
        "forwarded_allow_ips": list(trusted_proxies),
        "server_header": False,
        "access_log": False,
    }
