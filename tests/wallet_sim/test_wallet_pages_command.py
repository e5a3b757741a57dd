"""``kyky-wallet pages`` as a person starts it: an address, pages behind it, and an end."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.wallet_sim.terminal import PASSPHRASE, Terminal


@contextmanager
def started(command: list[str], around: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start a command as a terminal does: Ctrl-C reaches it, though we may be deaf to it."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=around)
    signal.signal(signal.SIGINT, before)
    with running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.slow
@pytest.mark.enable_socket
def test_the_pages_are_served_until_they_are_stopped(tmp_path):
    at = Terminal(tmp_path)
    at.init()
    command = [
        str(Path(sys.executable).with_name("kyky-wallet")),
        "--json",
        "--home",
        str(at.home),
        "pages",
    ]
    around = {**os.environ, "KYKY_WALLET_PASSPHRASE": PASSPHRASE}
    with started(command, around) as running:
        assert running.stdout is not None
        address = json.loads(running.stdout.readline())["address"]
        origin = address.partition("/?")[0]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(origin + "/", timeout=10)
        person = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with person.open(address, timeout=10) as answer:
            assert "Korttisi" in answer.read().decode()
        running.send_signal(signal.SIGINT)
        assert json.loads(running.stdout.read()) == {"outcome": "stopped"}
        assert running.wait(timeout=10) == 0
