"""What the command line takes from its surroundings: environment and clock."""

import os
from datetime import UTC, datetime

PASSPHRASE_VARIABLE = "KYKY_KEYS_PASSPHRASE"  # noqa: S105 - the variable's name, no password


def passphrase_from_environment() -> str | None:
    """Return the passphrase of the key directory when the environment holds one."""
    return os.environ.get(PASSPHRASE_VARIABLE)


def lang_from_environment() -> str | None:
    """Return the language that the environment asks for."""
    return os.environ.get("KYKY_LANG")


def now() -> datetime:
    """Return the time, in UTC and whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
