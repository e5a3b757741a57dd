"""The wallet's pages are served to one browser on this computer and to nobody else."""

import io
from types import SimpleNamespace
from typing import Any

import pytest

from tests.wallet_sim.aftermath import Aftermath
from tests.wallet_sim.world import OsRandom
from wallet_sim.screens.desk import Desk
from wallet_sim.screens.server import COOKIE, HOST, LARGEST_FORM, Door, PageHandler
from wallet_sim.screens.surface import Surface

SECRET = "0123456789abcdef"
"""Not a secret: the key of a simulated browser."""
PORT = 8765
ORIGIN = f"http://{HOST}:{PORT}"


class Connection:
    """A connection of memory: what was sent, and room for the answer."""

    def __init__(self, sent: bytes) -> None:
        self.sent = io.BytesIO(sent)
        self.got = bytearray()

    def settimeout(self, seconds):
        assert seconds

    def makefile(self, mode, *_):
        assert "r" in mode
        return self.sent

    def sendall(self, data):
        self.got += data


@pytest.fixture
def door():
    after = Aftermath()
    return Door(
        Surface(Desk(after.world.wallet, after.control, OsRandom())), secret=SECRET, port=PORT
    )


def ask(door: Door, method: str, path: str, body: bytes = b"", **headers: str) -> str:
    sent = {"Host": f"{HOST}:{PORT}", "Cookie": f"{COOKIE}={SECRET}", "Origin": ORIGIN}
    sent |= {"Content-Length": str(len(body))} if method == "POST" else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in sent.items() if v), "", ""]
    connection = Connection("\r\n".join(lines).encode() + body)
    made: Any = PageHandler
    made(connection, (HOST, 40000), SimpleNamespace(door=door))
    return connection.got.decode()


def status(answer: str) -> int:
    return int(answer.split()[1])


def test_the_first_address_gives_a_cookie_and_hides_itself(door):
    assert door.address == f"{ORIGIN}/?key={SECRET}"
    answer = ask(door, "GET", f"/?key={SECRET}", Cookie="", Origin="")
    assert status(answer) == 303
    assert "Location: /\r\n" in answer
    assert f"Set-Cookie: {COOKIE}={SECRET}; HttpOnly; SameSite=Strict" in answer


@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=other", "kyky=1; =;", f"{COOKIE}="])
@pytest.mark.parametrize("path", ["/", "/showings", "/wallet.css", "/?key=other"])
def test_without_the_secret_nothing_is_served(door, cookie, path):
    answer = ask(door, "GET", path, Cookie=cookie)
    assert status(answer) == 403
    assert answer.endswith("\r\n\r\n")


def test_a_page_may_load_its_style_and_nothing_else(door):
    answer = ask(door, "GET", "/")
    assert status(answer) == 200
    for header in ("default-src 'none'", "Cache-Control: no-store", "nosniff", "same-origin"):
        assert header in answer
    style = ask(door, "GET", "/wallet.css")
    assert "Content-Type: text/css" in style
    assert "http" not in style.partition("\r\n\r\n")[2]


@pytest.mark.parametrize("host", ["evil.example", f"{HOST}:1", f"localhost:{PORT}", ""])
def test_another_name_for_this_machine_gets_nothing(door, host):
    """A stranger's name may be made to resolve to 127.0.0.1."""
    assert status(ask(door, "GET", "/", Host=host)) == 403
    assert status(ask(door, "GET", f"/?key={SECRET}", Host=host)) == 403
    assert status(ask(door, "POST", "/check", Host=host)) == 403


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", f"http://{HOST}:1"])
def test_another_page_cannot_post(door, origin):
    assert status(ask(door, "POST", "/read", b"code=x", Origin=origin)) == 403


def test_a_form_of_our_own_is_taken(door):
    answer = ask(door, "POST", "/read", b"code=hello")
    assert status(answer) == 200
    assert 'value="hello"' in answer


@pytest.mark.parametrize("length", ["", "x", "-1", str(LARGEST_FORM + 1), "²"])
def test_a_form_without_a_fit_length_is_not_read(door, length):
    assert status(ask(door, "POST", "/read", b"code=x", Content_Length=length)) == 413


def test_too_many_fields_are_none(door):
    body = b"&".join(b"code=x" for _ in range(500))
    assert status(ask(door, "POST", "/read", body)) == 200
