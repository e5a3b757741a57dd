"""The worked examples of docs/interop.md, command by command, as they stand there."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from demo.services import RunningServices, path_of
from tests.interop.asking import AskedIssuer, agreed
from tests.interop.story import SELF_ASSESSMENT
from tools.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "interop.md"
SECONDS = 120
OFFERED = "Ten minutes: a wallet of other people's libraries"
ASKED = "Ten minutes: a wallet that asks by itself"


def commands_under(heading: str) -> list[str]:
    """The commands of one of the page's chapters."""
    chapter = PAGE.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)


def with_this_run(commands: list[str], instead: Mapping[str, str]) -> str:
    """Commands with this run's keys, addresses and programs."""
    text = "set -eo pipefail\n" + "\n".join(commands)
    for printed, real in instead.items():
        assert printed in text, printed
        text = text.replace(printed, real)
    return text


def done_in(folder: Path, script: str) -> list[str]:
    """Run commands, which have nothing to complain of; return the lines that they print."""
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.req("VCI-34", "VCI-68", "VP-25")
def test_it_does_what_it_says(services: RunningServices, needs_node: Node, tmp_path: Path) -> None:
    first, *commands = commands_under(OFFERED)
    assert first == "make serve\n"
    system = services.issuer_key(SELF_ASSESSMENT.org, SELF_ASSESSMENT.type)
    instead = {
        "SYSTEM=kyky_…": f"SYSTEM={system}",
        "DESK=kyky_…": f"DESK={services.verifier_key('te_office')}",
        "http://127.0.0.1:8001": services.issuer.url,
        "http://127.0.0.1:8002": services.verifier.url,
        ".venv/bin/python": sys.executable,
        "node tests/": f"{needs_node.node} {ROOT}/tests/",
    }
    notified, disclosed, outcome = done_in(tmp_path, with_this_run(commands, instead))
    assert (notified, outcome) == ("204", "accept")
    assert "'work_ability_score'" in disclosed
    assert "'personal_administrative_number'" not in disclosed


@pytest.mark.req("HAIP-01", "HAIP-02", "ABCA-16")
def test_a_wallet_asks_as_it_says(issuer: AskedIssuer, needs_node: Node, tmp_path: Path) -> None:
    """Between its steps the issuer reads the new list, and a browser signs in."""
    helpers = commands_under(OFFERED)[1].split("\n", 2)[2]
    provider, listing, asking, way_back, taking = commands_under(ASKED)
    services = issuer.services
    instead = {
        "KYKY_KEYS_PASSPHRASE=…": (
            f"KYKY_KEYS_PASSPHRASE={services.environment['KYKY_KEYS_PASSPHRASE']}"
        ),
        ".venv/bin/kyky-keys": path_of("kyky-keys"),
        "run/keys": str(services.keys_directory),
    }
    assert done_in(tmp_path, with_this_run([provider, listing], instead)) == []
    services.issuer.restart()
    programs = {
        ".venv/bin/python": sys.executable,
        "node tests/": f"{needs_node.node} {ROOT}/tests/",
    }
    at = {"http://127.0.0.1:8001": services.issuer.url}
    (link,) = done_in(tmp_path, with_this_run([helpers, asking], {**programs, **at}))
    back = {"http://127.0.0.1:43210/callback?code=…": agreed(link)}
    script = with_this_run([helpers, way_back, taking], {**programs, **back})
    assert done_in(tmp_path, script) == ["204"]
