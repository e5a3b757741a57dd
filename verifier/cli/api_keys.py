"""Keys of calling systems."""

import json
from datetime import timedelta

import click

from credential_schemas.i18n import format_date
from verifier.cli.context import Context, settings_of, with_parts
from verifier.model import ApiKey
from verifier.parts import Parts


@click.group("api-key")
def api_key() -> None:
    """Keys of calling systems and desks."""


@api_key.command("create")
@click.option("--role", required=True, help="such as te_office")
@click.option("--label", default="", help="such as Tiski 1")
@click.option("--days", type=click.IntRange(1, 730), default=365, show_default=True)
@click.pass_obj
def create_key(context: Context, role: str, label: str, days: int) -> None:
    """Make a key; it is shown once."""
    settings = settings_of(context)
    if role != settings.role:
        raise context.fail("wrong_role", role=settings.role)

    async def work(parts: Parts) -> tuple[ApiKey, str]:
        return await parts.create_key(role=role, label=label, life=timedelta(days=days))

    key, text = with_parts(context, work)
    if context.as_json:
        click.echo(json.dumps({"id": key.id, "key": text, "role": key.role}))
        return
    context.say("key_made", id=key.id, date=format_date(key.expires_at.date(), context.lang))
    click.echo(text)


@api_key.command("list")
@click.pass_obj
def list_keys(context: Context) -> None:
    """List the keys, without their secret part."""

    async def work(parts: Parts) -> list[ApiKey]:
        return list(await parts.api_keys.all())

    for key in with_parts(context, work):
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
def revoke_key(context: Context, key_id: str) -> None:
    """End a key now."""

    async def work(parts: Parts) -> bool:
        return await parts.api_keys.revoke(key_id, at=parts.services.clock.now())

    if not with_parts(context, work):
        raise context.fail("no_key")
    context.say("key_revoked")
