"""`kyky-issuer`: serve, migrate, check; keys, clients and webhooks of issuing systems."""

import asyncio
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from issuer.cli.claims_source import claims_source
from issuer.cli.close import close
from issuer.cli.running import opened, settings_or_exit
from issuer.parts.administration import make_administration
from issuer.parts.base import migrate
from issuer.parts.webhooks import make_administer_webhooks
from issuer.usecases.addresses import Addresses
from issuer.usecases.clients.add_client import ClientWish
from issuer.usecases.clients.scopes import Act
from issuer.web.requests import log_json_lines
from keys import strict_json
from service_kit.server import run_server

_DAYS_MAX = 400
_CLIENT_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def _client_name(_context: click.Context, _option: click.Parameter, name: str) -> str:
    if _CLIENT_NAME.fullmatch(name) is None:
        raise click.BadParameter("1 to 64 small letters, digits, dots, dashes and underscores")
    return name


@click.group()
def main() -> None:
    """Issue credentials: offers, tokens, credentials, status lists. Settings: KYKY_ISSUER_*."""
    os.umask(0o077)  # the database is nobody else's to read


@main.command()
def serve() -> None:
    """Bring the tables up to date and serve."""
    settings = settings_or_exit()
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
    migrate(settings_or_exit())
    click.echo("The tables are up to date.")


@main.command()
def check() -> None:
    """Check settings, keys and tables without serving."""
    settings = settings_or_exit()
    with opened(settings) as parts:
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
    with opened(settings_or_exit()) as parts:
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
    with opened(settings_or_exit()) as parts:
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
    with opened(settings_or_exit()) as parts:
        asyncio.run(make_administration(parts).revoke_api_key(key_id))
    click.echo("The key is revoked.")


@main.group()
def clients() -> None:
    """Public keys of issuing systems that get access tokens: two live ones for each system."""


@clients.command("add")
@click.option("--org", required=True, help="The organisation, for example mallimaa.")
@click.option("--system", required=True, callback=_client_name, help="Its client_id.")
@click.option(
    "--jwk",
    "jwk_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its public P-256 key, as a JWK in a file.",
)
@click.option(
    "--type", "types", multiple=True, required=True, help="A credential type; may be repeated."
)
@click.option(
    "--may",
    "acts",
    multiple=True,
    type=click.Choice([act.value for act in Act]),
    default=[act.value for act in Act],
    show_default=True,
    help="What it may do with these types; may be repeated.",
)
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(1, _DAYS_MAX), help="Its life."
)
def add_client(jwk_file: Path, acts: tuple[str, ...], days: int, **named: Any) -> None:  # noqa: ANN401  click's
    """Register a public key and print its id."""
    with opened(settings_or_exit()) as parts:
        key = asyncio.run(
            make_administration(parts).add_client(
                ClientWish(
                    organisation=named["org"],
                    client=named["system"],
                    jwk=strict_json.loads_object(jwk_file.read_bytes()),
                    types=named["types"],
                    acts=[Act(act) for act in acts],
                    lifetime=timedelta(days=days),
                )
            )
        )
        token_endpoint = Addresses(parts.settings.base_url).system_token(key.organisation)
    click.echo(key.id)
    click.echo(f"client_id {key.client}, token endpoint {token_endpoint}", err=True)
    click.echo(f"ends {key.expires_at.date().isoformat()}", err=True)


@clients.command("list")
@click.option("--org", help="Only this organisation's.")
def list_clients(org: str | None) -> None:
    """List registered keys: id, organisation, client_id, state, end, thumbprint, scopes."""
    with opened(settings_or_exit()) as parts:
        now = parts.clock.now()
        for key in asyncio.run(make_administration(parts).list_clients(organisation=org)):
            state = "live" if key.is_live(now) else "ended"
            until = key.expires_at.date().isoformat()
            who = [key.id, key.organisation, key.client, state, until, key.thumbprint]
            click.echo("\t".join([*who, *sorted(key.scopes)]))


@clients.command("revoke")
@click.argument("key_id")
def revoke_client(key_id: str) -> None:
    """End a registered key and its access tokens at once."""
    with opened(settings_or_exit()) as parts:
        asyncio.run(make_administration(parts).revoke_client(key_id))
    click.echo("The key is revoked, and with it every access token given for it.")


@main.group()
def webhooks() -> None:
    """Where organisations' systems are told what happened to their offers and credentials."""


@webhooks.command("set")
@click.option("--org", required=True, help="The organisation, for example mallimaa.")
@click.option("--url", required=True, help="An https address that takes POST.")
@click.option("--new-secret", is_flag=True, help="Draw another secret; both sign for 24 hours.")
def set_webhook(org: str, url: str, *, new_secret: bool) -> None:
    """Tell an organisation at this address, and print the secret that signs."""
    with opened(settings_or_exit()) as parts:
        is_set = asyncio.run(
            make_administer_webhooks(parts).set(
                org, url, new_secret=new_secret, allow_loopback=parts.settings.unsafe_plain_http
            )
        )
    click.echo(is_set.secret)


@webhooks.command("show")
def show_webhooks() -> None:
    """List organisation, address, state, messages on their way, and dead letters."""
    with opened(settings_or_exit()) as parts:
        for one in asyncio.run(make_administer_webhooks(parts).show()):
            state = "live" if one.endpoint.stopped_at is None else "gone"
            counts = (str(one.waiting), str(one.dead))
            click.echo("\t".join([one.endpoint.organisation, one.endpoint.url, state, *counts]))


@webhooks.command("remove")
@click.option("--org", required=True, help="The organisation.")
def remove_webhook(org: str) -> None:
    """Tell an organisation nothing more, and drop what was on its way."""
    with opened(settings_or_exit()) as parts:
        asyncio.run(make_administer_webhooks(parts).remove(org))
    click.echo("The address is removed.")


@webhooks.command("dead-letters")
@click.option("--org", help="Only this organisation's.")
@click.option("--retry", is_flag=True, help="Send them again; needs --org.")
def dead_letters(org: str | None, *, retry: bool) -> None:
    """List what was given up: id, organisation, event, object, when it happened, why."""
    if retry and org is None:
        raise click.UsageError("--retry needs --org")
    with opened(settings_or_exit()) as parts:
        administer = make_administer_webhooks(parts)
        for letter in asyncio.run(administer.dead_letters(org)):
            told = letter.message
            at = told.at.isoformat(timespec="seconds")
            row = [letter.id, told.organisation, told.event, told.object_id, at]
            click.echo("\t".join([*row, told.fault or ""]))
        if retry and org is not None:
            again = asyncio.run(administer.retry(org))
            click.echo(f"{again} are sent again.", err=True)


main.add_command(close)
main.add_command(claims_source)
