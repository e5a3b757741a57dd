"""Serves the wallet's pages to one browser on this computer, and to nobody else.

It listens on 127.0.0.1 only. The first address holds a secret, which becomes a cookie; without it
nothing is served. Host and Origin are compared, so that no other page of the browser can read from
it or post to it.
"""

import asyncio
import threading
from collections.abc import Callable
from hmac import compare_digest
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

from wallet_sim.screens.page import Shown, Visit
from wallet_sim.screens.surface import Surface

HOST: Final = "127.0.0.1"
COOKIE: Final = "kyky_wallet"
LARGEST_FORM: Final = 65_536
MOST_FIELDS: Final = 200
SECONDS: Final = 15
HEADERS: Final = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy",
     "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
     "frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)  # fmt: skip
_NOTHING: Final = Shown(b"", HTTPStatus.FORBIDDEN, "text/plain; charset=utf-8")


class Door:
    """Who is let in, and to which pages.

    Args:
        surface: the pages.
        secret: what the first address holds; url-safe.
        port: where the pages are.
    """

    def __init__(self, surface: Surface, *, secret: str, port: int) -> None:
        self.surface = surface
        self.secret = secret
        self.origin = f"http://{HOST}:{port}"
        self.one_at_a_time = threading.Lock()

    @property
    def address(self) -> str:
        """Where the person begins."""
        return f"{self.origin}/?key={self.secret}"


class PageServer(ThreadingHTTPServer):
    """The pages at an address of this computer.

    Args:
        surface: the pages.
        secret: as the door's.
        port: 0 for any that is free.
    """

    daemon_threads = True

    def __init__(self, surface: Surface, *, secret: str, port: int = 0) -> None:
        super().__init__((HOST, port), PageHandler)
        self.door = Door(surface, secret=secret, port=self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Close the connection without a word: a traceback may tell what a person did."""
        del request, client_address


class PageHandler(BaseHTTPRequestHandler):
    """One connection of the browser."""

    server: PageServer
    timeout = SECONDS
    server_version = "kyky-wallet"
    sys_version = ""

    def do_GET(self) -> None:
        """Give a page, or change the secret in the first address for a cookie."""
        if not self._at_our_address():
            self._send(_NOTHING)
            return
        parts = urlsplit(self.path)
        fields = _fields(parts.query)
        if (key := fields.get("key")) is not None and _same(key[0], self._door.secret):
            self._send(Shown(status=HTTPStatus.SEE_OTHER, location="/"), cookie=True)
        elif not self._knows_secret():
            self._send(_NOTHING)
        else:
            self._answer(Visit("GET", parts.path, fields))

    def do_POST(self) -> None:
        """Take a form that one of our own pages sent."""
        own = self.headers.get("Origin") == self._door.origin
        if not (own and self._at_our_address() and self._knows_secret()):
            self._send(_NOTHING)
            return
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_FORM:
            self._send(Shown(b"", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "text/plain"))
            return
        form = self.rfile.read(int(length)).decode("utf-8", "replace")
        self._answer(Visit("POST", urlsplit(self.path).path, _fields(form)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Write no log: addresses tell what a person did."""

    @property
    def _door(self) -> Door:
        return self.server.door

    def _answer(self, visit: Visit) -> None:
        with self._door.one_at_a_time:
            shown = asyncio.run(self._door.surface.answer(visit))
        self._send(shown)

    def _at_our_address(self) -> bool:
        return self.headers.get("Host") == urlsplit(self._door.origin).netloc

    def _knows_secret(self) -> bool:
        try:
            found = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return found is not None and _same(found.value, self._door.secret)

    def _send(self, shown: Shown, *, cookie: bool = False) -> None:
        self.send_response(shown.status)
        for name, value in HEADERS:
            self.send_header(name, value)
        if shown.location is not None:
            self.send_header("Location", shown.location)
        if cookie:
            kept = f"{COOKIE}={self._door.secret}; HttpOnly; SameSite=Strict; Path=/"
            self.send_header("Set-Cookie", kept)
        self.send_header("Content-Type", shown.content_type)
        self.send_header("Content-Length", str(len(shown.body)))
        self.end_headers()
        self.wfile.write(shown.body)


def serve(server: PageServer, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; ``ready`` is told the first address."""
    ready(server.door.address)
    try:
        server.serve_forever()
    finally:
        server.server_close()


def _fields(text: str) -> dict[str, list[str]]:
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())
