"""What comes before a request's body is bounded: its size, its fields, its time."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service_kit.server import MAX_FIELDS, MAX_HEAD_BYTES, BoundedHttp, how_served

pytestmark = pytest.mark.enable_socket

SECONDS = 0.5
GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


class Hasty(BoundedHttp):
    head_seconds = SECONDS


async def who(request: Request) -> Response:
    assert request.client is not None
    return PlainTextResponse(request.client.host)


async def echo(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {len(await request.body())}")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served({"http": Hasty}) as port:
        yield port


@contextlib.contextmanager
def served(options: dict[str, Any]) -> Iterator[int]:
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"]), Route("/who", who)])
    config = uvicorn.Config(app, port=0, log_level="critical", **how_served() | options)
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def ask(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send pieces, then read until the server ends the connection."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        with contextlib.suppress(ConnectionError):
            while got := connection.recv(65_536):
                answer += got
    return answer


def test_ordinary_requests_share_a_connection(port: int) -> None:
    post = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
    answer = ask(port, GET + b"\r\n", GET[:9], GET[9:] + b"\r\n", post, pause=SECONDS / 4)
    assert answer.count(b"200 OK") == 3
    assert answer.endswith(b"POST 3")


def test_a_body_may_take_longer_than_a_head(port: int) -> None:
    post = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"
    assert ask(port, post, b"a", b"b", b"c", pause=SECONDS).endswith(b"POST 3")


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"\r\n",),
        (GET,),
        (GET, b"X: a\r\n", b"Y: b\r\n"),
        (GET + b"\r\n", b"\r\n"),
        (GET + b"\r\n", GET),
    ],
    ids=["nothing", "an empty line", "no end", "slowly", "between two", "the second"],
)
def test_a_head_that_does_not_come_in_time_ends_the_connection(
    port: int, pieces: tuple[bytes, ...]
) -> None:
    began = time.monotonic()
    answer = ask(port, *pieces, pause=SECONDS / 3)
    assert time.monotonic() - began < 4 * SECONDS
    assert answer.count(b"200 OK") == sum(piece.endswith(b"a\r\n\r\n") for piece in pieces)


@pytest.mark.parametrize(
    "begin",
    [GET + b"X: ", b"GET /", GET + b"\r\n" + GET + b"X: ", GET[:-2], CHUNKED + b"0\r\nX: "],
    ids=["a field", "the address", "of the second request", "a name", "a trailer"],
)
def test_a_head_without_end_is_not_taken_in(port: int, begin: bytes) -> None:
    sent = 0
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        contextlib.suppress(ConnectionError),
    ):
        connection.sendall(begin)
        while sent < 400 * MAX_HEAD_BYTES:
            connection.sendall(b"a" * 16_384)
            sent += 16_384
    assert sent < 400 * MAX_HEAD_BYTES


def test_too_many_fields_are_refused(port: int) -> None:
    fields = [b"X-%d: a\r\n" % number for number in range(MAX_FIELDS)]
    close = b"Connection: close\r\n"
    assert b"200 OK" in ask(port, GET + close + b"".join(fields[2:]) + b"\r\n")
    assert b"400 Bad Request" in ask(port, GET + close + b"".join(fields) + b"\r\n")


@pytest.mark.parametrize(
    ("proxies", "named"),
    [
        ((), "127.0.0.1"),
        (("192.0.2.1",), "127.0.0.1"),
        (("127.0.0.1/32",), "198.51.100.9"),
        (("127.0.0.0/8", "198.51.100.0/24"), "203.0.113.5"),
    ],
)
def test_only_our_own_proxies_say_who_calls(proxies: tuple[str, ...], named: str) -> None:
    head = b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    forwarded = b"X-Forwarded-For: 203.0.113.5, 198.51.100.9\r\n\r\n"
    with served(how_served(proxies)) as port:
        assert ask(port, head + forwarded).endswith(f"\r\n\r\n{named}".encode())
