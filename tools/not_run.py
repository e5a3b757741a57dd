"""The list of what could not be set up on this machine, so that no test run hides it.

The set-up scripts write `.stamps/not-run.json`, a JSON array of `{"what", "why"}`; the test run
reads it, prints it at its end, and fails on it when the environment says `CI=true`.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST_FILE = ROOT / ".stamps" / "not-run.json"


@dataclass(frozen=True, slots=True)
class NotRun:
    """One thing that the tests would use and this machine does not have."""

    what: str
    why: str


def in_ci() -> bool:
    """Tell whether this run must not leave anything out."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def read(path: Path = LIST_FILE) -> tuple[NotRun, ...]:
    """Return the list; empty when nothing has been written yet."""
    if not path.exists():
        return ()
    return tuple(NotRun(**entry) for entry in json.loads(path.read_text(encoding="utf-8")))


def replace(missing: list[NotRun], path: Path = LIST_FILE) -> None:
    """Write the list anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(entry) for entry in missing], indent=2) + "\n", "utf-8")
