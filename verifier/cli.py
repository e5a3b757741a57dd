"""`kyky-verifier`: serve, migrate, API keys, self-check."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from credential_schemas.i18n import Texts, format_date
from credential_schemas.model import LANGS, Lang
from keys.checks import CheckFailed
from keys.cli_texts import failure_text
from service_kit.server import run_server
from service_kit.settings import faults_of
from verifier.app import HERE, MIGRATIONS, Parts, build, create_app
from verifier.model import ApiKey, Evidence
from verifier.settings import Settings

T = TypeVar("T")


class _Context:
    """The language and form of the answers."""

    def __init__(self, lang: Lang, *, as_json: bool) -> None:
        self.lang = lang
        self.as_json = as_json
        self._texts = Texts.load(HERE / "web" / "locales")

    def say(self, key: str, **values: object) -> None:
        """Print a text."""
        click.echo(self._texts.text(f"cli.{key}", self.lang, **values))

    def why(self, failure: CheckFailed | OSError) -> str:
        """Return what went wrong and what to do, as a sentence."""
        if isinstance(failure, CheckFailed):
            return failure_text(failure, self.lang)
        return f"{failure.strerror}: {failure.filename}"

    def fail(self, key: str, **values: object) -> click.ClickException:
        """Return an error that ends the command with status 1."""
        return click.ClickException(self._texts.text(f"cli.{key}", self.lang, **values))


@click.group()
@click.option("--lang", type=click.Choice(LANGS), default="fi", help="fi, sv or en")
@click.option("--json", "as_json", is_flag=True, help="answers as JSON")
@click.pass_context
def main(context: click.Context, lang: Lang, *, as_json: bool) -> None:
    """Tarkistuspalvelu: pyynnöt, vastaukset, virkailijan tiski. Kontroll. Verifier."""
    os.umask(0o077)  # the database is nobody else's to read
    context.obj = _Context(lang, as_json=as_json)


@main.command()
@click.pass_obj
def serve(context: _Context) -> None:
    """Run the service."""
    settings = _settings(context)
    if settings.unsafe_plain_http:
        context.say("unsafe")
    try:
        app = create_app(settings)
    except (CheckFailed, OSError) as failure:
        raise context.fail("cannot_start", reason=context.why(failure)) from failure
    context.say("serving", url=settings.base_url)
    run_server(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


@main.command()
@click.pass_obj
def migrate(context: _Context) -> None:
    """Bring the database to the newest schema."""
    _with_parts(context, _nothing)
    context.say("migrated")


@main.group("api-key")
def api_key() -> None:
    """Keys of calling systems and desks."""


@api_key.command("create")
@click.option("--role", required=True, help="such as te_office")
@click.option("--label", default="", help="such as Tiski 1")
@click.option("--days", type=click.IntRange(1, 730), default=365, show_default=True)
@click.pass_obj
def create_key(context: _Context, role: str, label: str, days: int) -> None:
    """Make a key; it is shown once."""
    settings = _settings(context)
    if role != settings.role:
        raise context.fail("wrong_role", role=settings.role)

    async def work(parts: Parts) -> tuple[ApiKey, str]:
        return await parts.create_key(role=role, label=label, life=timedelta(days=days))

    key, text = _with_parts(context, work)
    if context.as_json:
        click.echo(json.dumps({"id": key.id, "key": text, "role": key.role}))
        return
    context.say("key_made", id=key.id, date=format_date(key.expires_at.date(), context.lang))
    click.echo(text)


@api_key.command("list")
@click.pass_obj
def list_keys(context: _Context) -> None:
    """List the keys, without their secret part."""

    async def work(parts: Parts) -> list[ApiKey]:
        return list(await parts.api_keys.all())

    for key in _with_parts(context, work):
        if context.as_json:
            click.echo(
                json.dumps(
                    {
                        "id": key.id,
                        "role": key.role,
                        "label": key.label,
                        "expires_at": key.expires_at.isoformat(),
                        "revoked": key.revoked_at is not None,
                    }
                )
            )
        else:
            state = "key_line" if key.revoked_at is None else "key_line_revoked"
            date = format_date(key.expires_at.date(), context.lang)
            context.say(state, id=key.id, role=key.role, label=key.label, date=date)


@api_key.command("revoke")
@click.argument("key_id")
@click.pass_obj
def revoke_key(context: _Context, key_id: str) -> None:
    """End a key now."""

    async def work(parts: Parts) -> bool:
        return await parts.api_keys.revoke(key_id, at=parts.services.clock.now())

    if not _with_parts(context, work):
        raise context.fail("no_key")
    context.say("key_revoked")


@main.command()
@click.pass_obj
def evidence(context: _Context) -> None:
    """Print the evidence log as JSON lines: what was asked and found, never about whom."""

    async def work(parts: Parts) -> list[Evidence]:
        return list(await parts.verifications.evidence())

    for record in _with_parts(context, work):
        click.echo(json.dumps(_evidence_json(record)))


@main.command()
@click.pass_obj
def check(context: _Context) -> None:
    """Check settings, keys, database and trust list."""
    settings = _settings(context)

    async def work(parts: Parts) -> tuple[str | None, bool]:
        refreshed = await parts.refresh()
        if refreshed.failure is not None:
            return refreshed.failure, False
        return None, await parts.services.who_asks.is_registered(settings.role)

    failure, registered = _with_parts(context, work)
    if failure is not None:
        raise context.fail("no_trust_list", code=failure)
    if not registered:
        raise context.fail("not_registered", role=settings.role)
    context.say("all_well")


def _evidence_json(record: Evidence) -> dict[str, object]:
    return {
        "hour": record.hour.isoformat(),
        "profile": record.profile,
        "role": record.role,
        "ended": record.ended,
        "outcome": record.outcome,
        "code": record.code,
        "identity": record.identity,
        "checks": [[one.check, one.mark, one.code] for one in record.checks],
        "trust_sequence": record.trust_sequence,
        "trust_age_hours": record.trust_age_hours,
        "status_age_hours": record.status_age_hours,
    }


async def _nothing(_parts: Parts) -> None:
    return None


def _settings(context: _Context) -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        reason = "; ".join(faults_of(error, prefix="KYKY_VERIFIER_"))
        raise context.fail("cannot_start", reason=reason) from None


def _with_parts(context: _Context, work: Callable[[Parts], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with the database at its newest schema, and close it."""
    try:
        parts = build(_settings(context))
    except (CheckFailed, OSError) as failure:
        raise context.fail("cannot_start", reason=context.why(failure)) from failure
    try:
        parts.database.upgrade(Path(MIGRATIONS))
        return asyncio.run(work(parts))
    finally:
        parts.database.close()


if __name__ == "__main__":
    main()
