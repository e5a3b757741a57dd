"""The way back from the browser: one address on this computer, for as long as a sign-in takes.

It listens on 127.0.0.1 only, on a port of its own, and takes what the wallet awaits and nothing
else (RFC 8252 7.3). Whoever else knocks, such as a web page, gets no answer and changes nothing.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final, Self

from wallet_sim.adding_failures import CannotListen, SignInNotFinished

HOST: Final = "127.0.0.1"
PATH: Final = "/callback"
SECONDS: Final = 15
LOOK_EVERY: Final = 0.2
HEADERS: Final = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)

Awaits = Callable[[str], bool]
"""Says whether an address is the way back from a sign-in that was begun."""


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """What the person reads in the browser at the end; nothing of the card is on it."""

    lang: str
    title: str
    text: str

    def html(self) -> bytes:
        """Return the page."""
        title, text = html.escape(self.title), html.escape(self.text)
        return (
            f'<!doctype html>\n<html lang="{self.lang}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
            f"<p>{text}</p>\n</main>\n</body>\n</html>\n"
        ).encode()


class LoopbackDoor:
    """The address, open from the beginning; a context manager that closes it."""

    def __init__(self, page: ClosingPage) -> None:
        """Open it; raises ``CannotListen``."""
        try:
            self._server = _Server(page)
        except OSError as trouble:
            raise CannotListen(type(trouble).__name__) from None

    def __enter__(self) -> Self:
        """Return the door."""
        return self

    def __exit__(self, *_problem: object) -> None:
        """Close it."""
        self._server.server_close()

    @property
    def redirect_uri(self) -> str:
        """Where the browser comes back to."""
        return self._server.address

    def wait(self, awaits: Awaits, *, seconds: float) -> str:
        """Return the address that the browser came back to.

        Raises:
            SignInNotFinished: it did not come in time.
            KeyboardInterrupt: the person stopped.
        """
        self._server.awaits = awaits
        self._server.timeout = LOOK_EVERY
        ends = monotonic() + seconds
        while monotonic() < ends:
            self._server.handle_request()
            try:
                return self._server.found.get_nowait()
            except Empty:
                continue
        raise SignInNotFinished


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, page: ClosingPage) -> None:
        super().__init__((HOST, 0), _Handler)
        self.address = f"http://{HOST}:{self.server_address[1]}{PATH}"
        self.page = page
        self.awaits: Awaits = lambda _url: False
        self.found: SimpleQueue[str] = SimpleQueue()

    def handle_error(self, request: object, client_address: object) -> None:
        """Close the connection without a word: the address holds a code."""
        del request, client_address


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = SECONDS
    server_version = "kyky-wallet"
    sys_version = ""

    def do_GET(self) -> None:
        """Take the way back, and tell the person to go on in the wallet."""
        found = f"http://{self.headers.get('Host')}{self.path}"
        is_ours = found.partition("?")[0] == self.server.address
        if not is_ours or not self.server.awaits(found):
            self._send(HTTPStatus.NOT_FOUND, b"")
            return
        self._send(HTTPStatus.OK, self.server.page.html())
        self.server.found.put(found)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Write no log: the address holds a code."""

    def _send(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        for name, value in HEADERS:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
