"""What every command of `kyky-issuer` stands on: its settings, and the service's parts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from pydantic import ValidationError

from issuer.parts.base import Parts, make_parts
from issuer.settings import Settings
from keys.checks import CheckFailed
from keys.cli_texts import failure_text
from service_kit.settings import faults_of


def settings_or_exit() -> Settings:
    """Return the environment's settings, or end with their faults and exit code 2."""
    try:
        return Settings()
    except ValidationError as invalid:
        for fault in faults_of(invalid, prefix="KYKY_ISSUER_"):
            click.echo(fault, err=True)
        sys.exit(2)


@contextmanager
def opened(settings: Settings) -> Iterator[Parts]:
    """Open keys and database; a failed check ends the command with a sentence."""
    try:
        parts = make_parts(settings)
    except CheckFailed as failure:
        raise click.ClickException(failure_text(failure, "en")) from failure
    try:
        yield parts
    except CheckFailed as failure:
        raise click.ClickException(failure_text(failure, "en")) from failure
    finally:
        parts.database.close()
