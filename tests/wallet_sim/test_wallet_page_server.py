"""The door of the wallet's pages, knocked at by whatever runs on the same computer."""

import socket
import threading
from collections.abc import Iterator

import pytest

from wallet_sim.screens.page import Shown, Visit
from wallet_sim.screens.server import COOKIE, HOST, PageServer
from wallet_sim.screens.surface import Surface

SECRET = "5" * 48

pytestmark = pytest.mark.enable_socket


class Broken(Surface):
    """Pages that a mistake of ours ends."""

    def __init__(self) -> None:
        """Open nothing."""

    async def answer(self, visit: Visit) -> Shown:
        raise ValueError(f"Maija Mallikas at {visit.path}")


@pytest.fixture
def server() -> Iterator[PageServer]:
    with PageServer(Broken(), secret=SECRET) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


def knock(server: PageServer, first_line: str, *headers: str) -> bytes:
    port = server.server_address[1]
    lines = [first_line, f"Host: {HOST}:{port}", *headers, "", ""]
    with socket.create_connection((HOST, port), timeout=5) as knocking:
        knocking.sendall("\r\n".join(lines).encode())
        answer = b""
        while some := knocking.recv(4_096):
            answer += some
    return answer


@pytest.mark.parametrize(
    ("first_line", "headers"),
    [
        ("GET http://[ HTTP/1.1", ()),
        ("GET /card/00 HTTP/1.1", (f"Cookie: {COOKIE}={SECRET}",)),
    ],
)
def test_what_goes_wrong_is_told_to_nobody(
    server: PageServer, first_line: str, headers: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    assert knock(server, first_line, *headers) == b""
    assert capfd.readouterr() == ("", "")
