"""Make a virtual environment where `python3 -m venv` alone failed: Debian splits it off."""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Install python3-venv with apt where that is allowed, then make the environment."""
    target = Path(sys.argv[1])
    shutil.rmtree(target, ignore_errors=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        for command in (["update", "-qq"], ["install", "-y", "-qq", package]):
            subprocess.run(["apt-get", *command], env=quiet, check=False, stdout=sys.stderr)
    made = subprocess.run([sys.executable, "-m", "venv", str(target)], check=False)
    if made.returncode:
        sys.stderr.write(
            "Python cannot make a virtual environment here. On Debian or Ubuntu, run\n"
            "  sudo apt-get install python3-venv\nand then the same make command again.\n"
        )
    return made.returncode


if __name__ == "__main__":
    sys.exit(main())
