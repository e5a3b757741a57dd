"""The browser's way back to the wallet, knocked at by whatever runs on the same computer."""

import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from wallet_sim.adding.loopback import HOST, ClosingPage, LoopbackDoor
from wallet_sim.adding_failures import CannotListen, SignInNotFinished

pytestmark = pytest.mark.enable_socket

PAGE = ClosingPage("sv", "Gå tillbaka <till> plånboken", "Du kan stänga sidan.")
GOOD = "?code=c&state=ours"


def awaits(url: str) -> bool:
    return url.endswith("state=ours")


@pytest.fixture
def door() -> Iterator[LoopbackDoor]:
    with LoopbackDoor(PAGE) as door:
        yield door


class Knocking(threading.Thread):
    """Sends requests one after the other while the wallet waits."""

    def __init__(self, door: LoopbackDoor, *lines: str, host: str | None = None) -> None:
        super().__init__()
        self.port = urlsplit(door.redirect_uri).port or 0
        self.host = host or f"{HOST}:{self.port}"
        self.lines, self.answers = lines, list[str]()
        self.start()

    def run(self) -> None:
        for line in self.lines:
            text = f"{line} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"
            with socket.create_connection((HOST, self.port), timeout=5) as knocking:
                knocking.sendall(text.encode())
                answer = b""
                while some := knocking.recv(4_096):
                    answer += some
            self.answers.append(answer.decode())


def test_the_awaited_way_back_is_taken_and_the_person_reads_where_to_go_on(
    door: LoopbackDoor,
) -> None:
    knocking = Knocking(door, f"GET /callback{GOOD}")
    assert door.wait(awaits, seconds=5) == f"{door.redirect_uri}{GOOD}"
    knocking.join()
    (answer,) = knocking.answers
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.0 200")
    assert "Content-Security-Policy: default-src 'none'" in head
    assert "Cache-Control: no-store" in head
    assert '<html lang="sv">' in body
    assert "<h1>Gå tillbaka &lt;till&gt; plånboken</h1>" in body
    assert "code" not in body


def test_whoever_else_knocks_changes_nothing(door: LoopbackDoor) -> None:
    lines = [
        "GET /callback?code=stolen&state=another",
        "GET /?code=c&state=ours",
        f"GET /callback/{GOOD}",
        "GET /favicon.ico",
        f"POST /callback{GOOD}",
        "NONSENSE",
    ]
    knocking = Knocking(door, *lines, f"GET /callback{GOOD}")
    assert door.wait(awaits, seconds=5) == f"{door.redirect_uri}{GOOD}"
    knocking.join()
    assert not any("200" in answer.partition("\r\n")[0] for answer in knocking.answers[:-1])


def test_a_name_that_leads_to_this_computer_is_not_answered(door: LoopbackDoor) -> None:
    knocking = Knocking(door, f"GET /callback{GOOD}", host="rebound.example")
    with pytest.raises(SignInNotFinished):
        door.wait(awaits, seconds=0.5)
    knocking.join()
    assert "404" in knocking.answers[0]


def test_a_browser_that_does_not_come_is_not_waited_for_forever(door: LoopbackDoor) -> None:
    with pytest.raises(SignInNotFinished):
        door.wait(awaits, seconds=0.1)


def test_each_door_is_its_own_and_closes_behind(door: LoopbackDoor) -> None:
    with LoopbackDoor(PAGE) as other:
        assert other.redirect_uri != door.redirect_uri
        port = urlsplit(other.redirect_uri).port or 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=5)


def test_a_computer_that_lets_nobody_listen_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_address: object) -> None:
        raise PermissionError

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(CannotListen):
        LoopbackDoor(PAGE)
