"""Installing Debian packages quietly, where that is possible at all."""

import functools
import os
import shutil
import subprocess

QUIET = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
WAIT_FOR_LOCK = ("-o", "DPkg::Lock::Timeout=180")


class CannotInstall(Exception):
    """No package can be installed here; the text says why."""


def install(packages: tuple[str, ...]) -> None:
    """Install the packages or raise CannotInstall; package lists are fetched once per process."""
    _refresh_lists()
    _apt("install", "-y", "--no-install-recommends", *packages)


@functools.cache
def _refresh_lists() -> None:
    if shutil.which("apt-get") is None:
        raise CannotInstall("there is no apt-get on this system")
    if os.geteuid() != 0:
        raise CannotInstall("installing system packages needs root")
    _apt("update")


def _apt(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", "-qq", *WAIT_FOR_LOCK, *arguments],
        env=QUIET,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last_words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise CannotInstall(f"apt-get {arguments[0]} failed: {' '.join(last_words)}")
