"""The log of who saw whose data when: export, find, purge."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import click

from credential_schemas.i18n import format_datetime
from verifier.cli.context import Context, settings_of, with_parts
from verifier.parts import Parts
from verifier.usecases.staff_model import Access, StaffPerson

Entries = tuple[Sequence[Access], Mapping[str, str]]


@click.group("access-log")
def access_log() -> None:
    """Who of the staff saw whose data when; it holds no data and no name of a client."""


@access_log.command("export")
@click.pass_obj
def export(context: Context) -> None:
    """Print all entries as JSON lines, oldest first."""

    async def work(parts: Parts) -> Entries:
        return await parts.staff.log.entries(), await _viewers(parts)

    for line in _lines(*with_parts(context, work)):
        click.echo(json.dumps(line))


@access_log.command("find")
@click.option("--name", required=True, help="given names and family name, as on the card")
@click.option("--birthdate", required=True, type=click.DateTime(["%Y-%m-%d"]), help="1988-04-12")
@click.pass_obj
def find(context: Context, name: str, birthdate: datetime) -> None:
    """Answer a client who asks who has looked at their data."""

    async def work(parts: Parts) -> Entries:
        day = birthdate.date().isoformat()
        return await parts.staff.find(name=name, birthdate=day), await _viewers(parts)

    entries, viewers = with_parts(context, work)
    if not entries and not context.as_json:
        context.say("access_none")
    for access, line in zip(entries, _lines(entries, viewers), strict=True):
        if context.as_json:
            click.echo(json.dumps(line))
        else:
            told = {**line, "at": format_datetime(access.at, context.lang)}
            context.say("access_line", **told)


@access_log.command("purge")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="instead of the set time")
@click.pass_obj
def purge(context: Context, before: datetime | None) -> None:
    """Delete the entries that have been kept long enough."""
    keep = timedelta(days=settings_of(context).access_log_days)

    async def work(parts: Parts) -> int:
        until = parts.services.clock.now() - keep
        return await parts.staff.log.purge(until if before is None else before.replace(tzinfo=UTC))

    context.say("access_purged", n=with_parts(context, work))


async def _viewers(parts: Parts) -> Mapping[str, str]:
    """Return who is behind the ids: people by name, calling systems by label."""
    people = {person.id: _named(person) for person in await parts.staff.book.all()}
    return people | {key.id: key.label for key in await parts.api_keys.all()}


def _named(person: StaffPerson) -> str:
    if person.sign_in_name is None:
        return person.display_name
    return f"{person.display_name} ({person.sign_in_name})"


def _lines(entries: Sequence[Access], viewers: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {
            "at": access.at.isoformat(),
            "viewer": viewers.get(access.viewer, access.viewer),
            "viewer_id": access.viewer,
            "role": access.role,
            "profile": access.profile,
            "shown": access.shown.value,
            "verification": access.verification,
        }
        for access in entries
    ]
