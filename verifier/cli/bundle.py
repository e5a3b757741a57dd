"""The bundle for a desk without network: made where there is one, loaded where there is none."""

import json
from datetime import datetime
from pathlib import Path

import click

from credential_schemas.i18n import format_datetime
from keys.checks import CheckFailed
from verifier.cli.context import Context, with_parts
from verifier.parts import Parts
from verifier.usecases.bundle_failures import (
    BundleFromFuture,
    BundleMalformed,
    BundleNotOurs,
    BundleOlder,
    BundlePartRefused,
)
from verifier.usecases.bundle_format import MAX_CHARS, Bundle

_FILE = click.Path(path_type=Path, dir_okay=False)
_OWN_WORDS = (BundleMalformed, BundleNotOurs, BundleFromFuture, BundleOlder, BundlePartRefused)


@click.group()
def bundle() -> None:
    """Take trust list, status lists and certificates to a desk that has no network."""


@bundle.command("make")
@click.option("--out", type=_FILE, required=True, help="file to write")
@click.pass_obj
def make(context: Context, out: Path) -> None:
    """Fetch what is newest, and write it as one signed file."""

    async def work(parts: Parts) -> tuple[list[str], Bundle, str]:
        refreshed = await parts.refresh()
        passed = await parts.lists.prefetch()
        missed = [*passed.failures, *([refreshed.failure] if refreshed.failure else [])]
        return sorted(set(missed)), *await parts.lists.make_bundle()

    try:
        missed, made, text = with_parts(context, work)
        out.write_text(f"{text}\n", "ascii")
    except (CheckFailed, OSError) as failure:
        raise context.fail("bundle.not_made", reason=context.why(failure)) from failure
    _tell(context, "bundle.made", made, out, missed=missed)


@bundle.command("load")
@click.argument("file", type=_FILE)
@click.pass_obj
def load(context: Context, file: Path) -> None:
    """Check a file that was made so, and go by it."""

    async def work(parts: Parts) -> Bundle:
        return await parts.lists.load_bundle(_read(file))

    try:
        loaded = with_parts(context, work)
    except _OWN_WORDS as failure:
        raise context.fail(f"refused.{failure.code}") from failure
    except (CheckFailed, OSError) as failure:
        raise context.fail("bundle.not_loaded", reason=context.why(failure)) from failure
    _tell(context, "bundle.loaded", loaded, file, missed=[])


def _read(file: Path) -> str:
    with file.open("rb") as opened:
        data = opened.read(MAX_CHARS + 2)
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise BundleMalformed("not ASCII") from None


def _tell(context: Context, key: str, told: Bundle, file: Path, *, missed: list[str]) -> None:
    oldest = min((one.fetched_at for one in told.status_lists), default=None)
    if context.as_json:
        facts = {
            "file": str(file),
            "made_at": told.made_at.isoformat(),
            "status_lists": len(told.status_lists),
            "oldest_fetched_at": None if oldest is None else oldest.isoformat(),
            "certificates": len(told.certificates),
            "missed": missed,
        }
        click.echo(json.dumps(facts))
        return
    context.say(key, file=file, count=len(told.status_lists), time=_time(context, told.made_at))
    if not told.status_lists:
        context.say("bundle.empty")
    if missed:
        context.say("bundle.missed", codes=", ".join(missed))


def _time(context: Context, moment: datetime) -> str:
    return format_datetime(moment, context.lang)
