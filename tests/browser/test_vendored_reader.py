"""The scan page's code reader is the npm package's own, byte for byte."""

import json
from pathlib import Path

import pytest

from tools.node import Node
from verifier.web.pages import HERE

BROWSER = Path(__file__).parent
PACKAGE = BROWSER / "node_modules" / "zxing-wasm"
VENDORED = HERE / "static" / "vendor" / "zxing-wasm"
FILES = {
    "zxing_reader.js": "dist/iife/reader/index.js",
    "zxing_reader.wasm": "dist/reader/zxing_reader.wasm",
    "LICENSE.txt": "LICENSE",
}


def test_the_reader_is_the_packages_own(needs_node: Node) -> None:
    for ours, theirs in FILES.items():
        assert (VENDORED / ours).read_bytes() == (PACKAGE / theirs).read_bytes(), ours
    assert {path.name for path in VENDORED.iterdir()} == {*FILES, "NOTICE.txt"}


@pytest.mark.parametrize("version_in", ["package.json", "node_modules/zxing-wasm/package.json"])
def test_the_notice_names_the_version(needs_node: Node, version_in: str) -> None:
    package = json.loads((BROWSER / version_in).read_text())
    version = package.get("dependencies", {}).get("zxing-wasm") or package["version"]
    assert f"zxing-wasm {version}," in (VENDORED / "NOTICE.txt").read_text()
