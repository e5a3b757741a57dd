"""The lock files: hashes for everything, no registry address, in step with pyproject.toml."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NPM_FOLDERS = ["tests/interop/npm", "tests/interop/oidc", "tests/browser"]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9_.\-]+)==(\S+)", text, re.MULTILINE))


def direct(*groups: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for group in groups:
        wanted += project["optional-dependencies"][group]
    return {re.split(r"[\[<>=;! ]", line)[0].lower() for line in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links", text.split("\n", 6)[-1])
    blocks = re.split(r"^(?=[a-z0-9_.\-]+==)", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert [b.split()[0] for b in blocks if "--hash=sha256:" not in b] == []


def test_the_locks_hold_what_pyproject_asks_for() -> None:
    assert direct("build") <= set(pinned("requirements.lock"))
    assert direct("build", "dev") <= set(pinned("requirements-dev.lock"))


def test_both_locks_agree() -> None:
    runtime, dev = (pinned(lock) for lock in LOCKS)
    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_direct_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    named = set(re.findall(r"^\| `([^`]+)`", reasons, re.MULTILINE))
    asked = {
        name
        for folder in NPM_FOLDERS
        for name in json.loads((ROOT / folder / "package.json").read_text())["dependencies"]
    }
    assert named == direct("build", "dev") | asked


@pytest.mark.parametrize("folder", NPM_FOLDERS)
def test_the_npm_lock_has_hashes_and_no_address(folder: str) -> None:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
