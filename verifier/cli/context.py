"""What every command stands on: language and form of the answers, settings, parts."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from credential_schemas.model import Lang
from keys.checks import CheckFailed
from keys.cli_texts import failure_text
from service_kit.settings import faults_of
from verifier.app import MIGRATIONS
from verifier.parts import Parts, build, texts
from verifier.settings import Settings

T = TypeVar("T")


class Context:
    """The language and form of the answers."""

    def __init__(self, lang: Lang, *, as_json: bool) -> None:
        self.lang = lang
        self.as_json = as_json
        self._texts = texts()

    def say(self, key: str, **values: object) -> None:
        """Print a text."""
        click.echo(self.words(key, **values))

    def words(self, key: str, **values: object) -> str:
        """Return a text."""
        return self._texts.text(f"cli.{key}", self.lang, **values)

    def why(self, failure: CheckFailed | OSError) -> str:
        """Return what went wrong and what to do, as a sentence."""
        if isinstance(failure, CheckFailed):
            return failure_text(failure, self.lang)
        return f"{failure.strerror}: {failure.filename}"

    def fail(self, key: str, **values: object) -> click.ClickException:
        """Return an error that ends the command with status 1."""
        return click.ClickException(self.words(key, **values))


def settings_of(context: Context) -> Settings:
    """Return the settings, or end the command with their faults."""
    try:
        return Settings()
    except ValidationError as error:
        reason = "; ".join(faults_of(error, prefix="KYKY_VERIFIER_"))
        raise context.fail("cannot_start", reason=reason) from None


def with_parts(context: Context, work: Callable[[Parts], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with the database at its newest schema, and close it."""
    try:
        parts = build(settings_of(context))
    except (CheckFailed, OSError) as failure:
        raise context.fail("cannot_start", reason=context.why(failure)) from failure
    try:
        parts.database.upgrade(Path(MIGRATIONS))
        return asyncio.run(work(parts))
    finally:
        parts.database.close()
