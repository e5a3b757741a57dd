"""Break one check after another, and see that a test turns red for each: `make mutants`.

The table is tools/mutants.toml. Everything happens in scratch copies, one for each worker; the
work tree stays as it is. A mutant that its tests do not notice has survived, and fails the run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "tools" / "mutants.toml"
LEAST: Final = 60
WORKERS: Final = 2
SECONDS_EACH: Final = 180
_COPIED: Final = (
    *("keys", "credential_schemas", "openid4vc", "service_kit", "issuer", "verifier"),
    *("wallet_sim", "clients", "demo", "docs", "tools", "tests", "pyproject.toml"),
)
_LEFT: Final = ("node_modules", "__pycache__", "pictures")
_PYTEST: Final = (sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "--tb=no")
_TOGETHER: Final = ("-n", str(WORKERS), "--dist", "loadfile")
_OPTIONS: Final = ("-p", "no:cacheprovider", "--hypothesis-profile", "check")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One edit: in `file`, `old` becomes `new`; one of `tests` has to notice.

    `tests` are paths of test files, or `path::function`.
    """

    breaks: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a mutant: whether a test failed, or what went wrong instead."""

    mutant: Mutant
    exit_code: int | None
    seconds: float

    @property
    def noticed(self) -> bool:
        """Whether a test turned red; that nothing could be run is no such thing."""
        return self.exit_code == pytest.ExitCode.TESTS_FAILED

    def __str__(self) -> str:
        """Return one line for people."""
        word = "noticed" if self.noticed else "SURVIVED"
        if self.exit_code is None:
            word = "TOO SLOW"
        elif self.exit_code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            word = f"NOT RUN (pytest {self.exit_code})"
        return f"{word:<9} {self.seconds:5.1f} s  {self.mutant.breaks}  [{self.mutant.file}]"


def read(text: str) -> tuple[Mutant, ...]:
    """Read the table.

    Raises:
        ValueError: two mutants of one name, or one with a member missing or not known.
    """
    try:
        mutants = tuple(
            Mutant(**{**one, "tests": tuple(one["tests"])}) for one in tomllib.loads(text)["mutant"]
        )
    except (KeyError, TypeError) as failure:
        raise ValueError(f"a mutant of another form: {failure}") from None
    if len({one.breaks for one in mutants}) != len(mutants):
        raise ValueError("two mutants have one name")
    return mutants


def faults(mutants: Sequence[Mutant], root: Path = ROOT) -> Iterator[str]:
    """Yield what no longer fits the code: an edit that is not there once, a test that is gone."""
    if len(mutants) < LEAST:
        yield f"only {len(mutants)} mutants"
    for one in mutants:
        yield from (f"{one.breaks}: {fault}" for fault in _faults_of(one, root))


def mutated(source: str, mutant: Mutant) -> str:
    """Return the source with the check broken."""
    return source.replace(mutant.old, mutant.new, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every mutant; return 1 when one survived or could not be run."""
    parser = argparse.ArgumentParser(description="Break checks one by one; a test must notice.")
    parser.add_argument("--only", default="", help="mutants with this in their name or file")
    wanted = parser.parse_args(arguments).only
    mutants = read(TABLE.read_text("utf-8"))
    if wrong := list(faults(mutants)):
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    chosen = [one for one in mutants if wanted in one.breaks or wanted in one.file]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        places = [Path(folder) / str(number) for number in range(WORKERS)]
        for place in places:
            _copy(place)
        tests = sorted({test for one in chosen for test in one.tests})
        if _run(places[0], [*_TOGETHER, *tests], seconds=SECONDS_EACH * 5) != pytest.ExitCode.OK:
            print("The tests do not pass as things are: mend them first.", file=sys.stderr)
            return 1
        found = list(_all(chosen, places))
    survived = [one for one in found if not one.noticed]
    minutes = (time.monotonic() - began) / 60
    print(f"{len(found)} checks broken, {len(survived)} not noticed; {minutes:.1f} minutes")
    print(*survived, sep="\n")
    return 1 if survived else 0


def _all(mutants: Sequence[Mutant], places: Sequence[Path]) -> Iterator[Found]:
    """Try every mutant, as many at a time as there are copies; tell of each as it is done."""
    free: SimpleQueue[Path] = SimpleQueue()
    for place in places:
        free.put(place)

    def one(mutant: Mutant) -> Found:
        place = free.get()
        try:
            return _try(mutant, place)
        finally:
            free.put(place)

    with ThreadPoolExecutor(len(places)) as pool:
        for found in pool.map(one, mutants):
            print(found, flush=True)
            yield found


def _try(mutant: Mutant, place: Path) -> Found:
    file = place / mutant.file
    source = file.read_text("utf-8")
    began = time.monotonic()
    try:
        _write(file, mutated(source, mutant))
        code = _run(place, mutant.tests, seconds=SECONDS_EACH)
    finally:
        _write(file, source)
    return Found(mutant, code, time.monotonic() - began)


def _write(file: Path, text: str) -> None:
    """Write a module, and forget what was compiled of it: times of files are too coarse."""
    file.write_text(text, "utf-8")
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()


def _run(place: Path, tests: Sequence[str], *, seconds: int) -> int | None:
    """Run tests in a copy; returns what pytest says, None when it did not come to an end."""
    command = (*_PYTEST, *_OPTIONS, *tests)
    environment = {**os.environ, "PYTHONPATH": str(place)}
    try:
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def _copy(place: Path) -> None:
    place.mkdir()
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns(*_LEFT))
        else:
            shutil.copy(ROOT / name, place / name)


def _faults_of(one: Mutant, root: Path) -> Iterator[str]:
    file = root / one.file
    if not file.is_file():
        yield "no such file"
        return
    source = file.read_text("utf-8")
    if (count := source.count(one.old)) != 1:
        yield f"its text stands there {count} times"
        return
    if one.new == one.old:
        yield "it changes nothing"
    try:
        compile(mutated(source, one), one.file, "exec")
    except SyntaxError:
        yield "it is no Python any more"
    if not one.tests:
        yield "no tests"
    for test in one.tests:
        path, _, name = test.partition("::")
        is_there = (root / path).is_file()
        if not is_there or (name and f"def {name}(" not in (root / path).read_text("utf-8")):
            yield f"no such test: {test}"


if __name__ == "__main__":
    sys.exit(main())
