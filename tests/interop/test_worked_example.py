"""The worked example of docs/interop.md, command by command, as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from demo.services import RunningServices
from tests.interop.story import SELF_ASSESSMENT
from tools.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "interop.md"
SECONDS = 120


def script(services: RunningServices, node: Node) -> str:
    """The page's commands after `make serve`, with this run's keys, addresses and programs."""
    first, *commands = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert first == "make serve\n"
    text = "set -eo pipefail\n" + "\n".join(commands)
    for printed, real in {
        "SYSTEM=kyky_…": f"SYSTEM={services.issuer_key(SELF_ASSESSMENT.org, SELF_ASSESSMENT.type)}",
        "DESK=kyky_…": f"DESK={services.verifier_key('te_office')}",
        "http://127.0.0.1:8001": services.issuer.url,
        "http://127.0.0.1:8002": services.verifier.url,
        ".venv/bin/python": sys.executable,
        "node tests/": f"{node.node} {ROOT}/tests/",
    }.items():
        assert printed in text, printed
        text = text.replace(printed, real)
    return text


@pytest.mark.req("VCI-34", "VCI-68", "VP-25")
def test_it_does_what_it_says(services: RunningServices, needs_node: Node, tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", script(services, needs_node)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    notified, disclosed, outcome = done.stdout.splitlines()
    assert (notified, outcome) == ("204", "accept")
    assert "'work_ability_score'" in disclosed
    assert "'personal_administrative_number'" not in disclosed
