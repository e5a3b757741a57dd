"""The page is enough: a reader in another language, written from it, restores its vectors."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.openid4vc.qr.vectors import PAGE, kept
from tools.node import Node

READER = Path(__file__).parent / "other_reader.mjs"


@pytest.mark.slow
def test_a_reader_made_from_the_page_restores_the_vectors(needs_node: Node) -> None:
    done = subprocess.run(
        [needs_node.node, READER, PAGE], capture_output=True, text=True, timeout=60, check=True
    )
    vectors = kept()
    assert json.loads(done.stdout) == {
        "bound": vectors["bound_answer"]["presentation"],
        "selfInitiated": vectors["self_initiated_answer"]["presentation"],
    }
