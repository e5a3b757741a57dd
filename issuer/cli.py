"""`kyky-issuer`: serve, migrate, check, and the keys of issuing systems."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from pydantic import ValidationError

from issuer.parts.administration import make_administration
from issuer.parts.base import Parts, make_parts, migrate
from issuer.settings import Settings
from issuer.web.requests import log_json_lines
from keys.checks import CheckFailed
from keys.cli_texts import failure_text
from service_kit.server import run_server
from service_kit.settings import faults_of

_DAYS_MAX = 400


@click.group()
def main() -> None:
    """Issue credentials: offers, tokens, credentials, status lists. Settings: KYKY_ISSUER_*."""
    os.umask(0o077)  # the database is nobody else's to read


@main.command()
def serve() -> None:
    """Bring the tables up to date and serve."""
    settings = _settings()
    log_json_lines()
    migrate(settings)
    run_server(
        "issuer.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
    )


@main.command("migrate")
def migrate_command() -> None:
    """Bring the tables to the newest version."""
    migrate(_settings())
    click.echo("The tables are up to date.")


@main.command()
def check() -> None:
    """Check settings, keys and tables without serving."""
    settings = _settings()
    with _open(settings) as parts:
        asyncio.run(parts.store.read(lambda records: records.api_keys.all()))
        for organisation in parts.catalogue.organisations.values():
            if organisation.types:
                for purpose in ("credential", "status-list"):
                    parts.keys.signer(organisation.id, purpose)
    for choice in settings.unsafe_choices():
        click.echo(f"UNSAFE, for demos only: {choice}", err=True)
    click.echo("Settings, keys and tables are in order.")


@main.group("api-key")
def api_key() -> None:
    """Keys of issuing systems: two may be live at a time for each system."""


@api_key.command("create")
@click.option("--org", required=True, help="The organisation, for example mallimaa.")
@click.option("--system", default="default", show_default=True, help="Which of its systems.")
@click.option(
    "--type", "types", multiple=True, required=True, help="A credential type; may be repeated."
)
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(1, _DAYS_MAX), help="Its life."
)
def create(org: str, system: str, types: tuple[str, ...], days: int) -> None:
    """Make a key and print it: this once, for it is not kept."""
    with _open(_settings()) as parts:
        key, text = asyncio.run(
            make_administration(parts).create_api_key(
                organisation=org, system=system, types=types, lifetime=timedelta(days=days)
            )
        )
    click.echo(text)
    click.echo(f"{key.id} ends {key.expires_at.date().isoformat()}", err=True)


@api_key.command("list")
@click.option("--org", help="Only this organisation's.")
def list_keys(org: str | None) -> None:
    """List keys by their ids."""
    with _open(_settings()) as parts:
        now = parts.clock.now()
        for key in asyncio.run(make_administration(parts).list_api_keys(organisation=org)):
            state = "live" if key.is_live(now) else "ended"
            until = key.expires_at.date().isoformat()
            click.echo(
                "\t".join([key.id, key.organisation, key.system, state, until, *sorted(key.types)])
            )


@api_key.command("revoke")
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """End a key at once."""
    with _open(_settings()) as parts:
        asyncio.run(make_administration(parts).revoke_api_key(key_id))
    click.echo("The key is revoked.")


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as invalid:
        for fault in faults_of(invalid, prefix="KYKY_ISSUER_"):
            click.echo(fault, err=True)
        sys.exit(2)


@contextmanager
def _open(settings: Settings) -> Iterator[Parts]:
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
