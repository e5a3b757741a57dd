"""Compile both lock files: hashes, and no registry address. `make lock` runs it."""

import subprocess
import sys

COMMON = [
    "--quiet",
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
]


def compile_lock(output: str, *arguments: str) -> None:
    """Run pip-compile on pyproject.toml."""
    command = [sys.executable, "-m", "piptools", "compile", *COMMON, *arguments]
    subprocess.run([*command, "-o", output, "pyproject.toml"], check=True)


if __name__ == "__main__":
    compile_lock("requirements-dev.lock", "--extra", "dev", "--extra", "build")
    compile_lock("requirements.lock", "--extra", "build", "-c", "requirements-dev.lock")
