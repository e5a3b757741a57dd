"""What the tests use beyond Python packages: browser, fonts, Node.js, locked npm packages.

What is missing is installed where that is possible. What stays missing is written to the "not run"
list, so that the test run says it loudly; with `CI=true` it is an error here already.
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import debian, node, not_run

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NPM_FOLDERS = (
    not_run.ROOT / "tests" / "interop" / "npm",
    not_run.ROOT / "tests" / "interop" / "oidc",
    not_run.ROOT / "tests" / "browser",
)
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")


def chromium() -> Path | None:
    """Return the path of a Chromium-family browser, or None."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return Path(found) if found else None


def has_fonts() -> bool:
    """Tell whether a scalable font is installed; without one a browser draws empty boxes."""
    return any(
        next(folder.rglob(pattern), None) is not None
        for folder in FONT_FOLDERS
        for pattern in ("*.ttf", "*.otf")
    )


@dataclass(frozen=True, slots=True)
class Need:
    """One thing from the system: its name, how to see it, and the Debian packages that bring it."""

    name: str
    is_there: Callable[[], bool]
    packages: tuple[str, ...]


NEEDS = (
    Need("chromium", lambda: chromium() is not None, ("chromium",)),
    Need("fonts", has_fonts, ("fonts-dejavu-core",)),
)


def ensure(need: Need) -> not_run.NotRun | None:
    """Install what is missing; return what could not be had."""
    if need.is_there():
        return None
    try:
        debian.install(need.packages)
    except debian.CannotInstall as problem:
        return not_run.NotRun(need.name, str(problem))
    if need.is_there():
        return None
    return not_run.NotRun(need.name, f"installing {', '.join(need.packages)} did not bring it")


def ensure_node() -> not_run.NotRun | None:
    """Bring Node.js and the locked packages of every npm folder; return what could not be had."""
    try:
        found = node.ensure_node()
        for folder in NPM_FOLDERS:
            node.install_locked(found, folder)
    except node.NodeMissing as problem:
        return not_run.NotRun("node", str(problem))
    return None


def main() -> int:
    """Ensure every need, record what is missing, and return the exit status."""
    problems = [*map(ensure, NEEDS), ensure_node()]
    missing = [problem for problem in problems if problem is not None]
    not_run.replace(missing)
    for problem in missing:
        print(f"NOT HERE: {problem.what}: {problem.why}", file=sys.stderr)
    return 1 if missing and not_run.in_ci() else 0
