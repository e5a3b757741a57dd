"""`kyky-issuer close`: an organisation stops issuing, for good."""

import asyncio
from pathlib import Path

import click

from issuer.adapters.archive import DirectoryArchive
from issuer.cli.running import opened, settings_or_exit
from issuer.parts.after import make_close_organisation
from issuer.parts.authorization import make_outside
from issuer.parts.services import make_services
from issuer.usecases.after.close_organisation import Closed


@click.command()
@click.argument("org")
@click.option(
    "--archive",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A new directory for what others need to go on checking its cards.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def close(org: str, archive: Path, *, yes: bool) -> None:
    """Close an organisation: nothing is issued or changed any more, and its cards stay checkable.

    Open offers and letters are taken back, keys of its systems end, and every status list is signed
    once more, to last as long as the last card. This cannot be undone.
    """
    if not yes:
        click.confirm(f"Close {org} for good?", abort=True)
    with opened(settings_or_exit()) as parts:
        place = DirectoryArchive(archive)
        publish = make_services(parts, make_outside(parts)).publish_status_list
        closed = asyncio.run(make_close_organisation(parts, publish)(org, place))
    _say(closed, archive)


def _say(closed: Closed, archive: Path) -> None:
    closing = closed.closing
    day, until = closing.closed_at.date().isoformat(), closing.lists_until.date().isoformat()
    click.echo(f"{closing.organisation} is closed since {day}.")
    click.echo(
        f"Taken back: {closed.withdrawn} offers and letters. Ended: {closed.keys_ended} keys."
    )
    click.echo(f"{closed.lists} status lists have their last word, good until {until}.")
    if closed.last_card_ends is not None and not closed.is_covered:
        ends = closed.last_card_ends.date().isoformat()
        click.echo(
            f"The certificate of the status lists ends before the last card, on {ends}: from "
            f"{until} on desks can not confirm what is left.",
            err=True,
        )
    click.echo(f"Archive: {archive}")
    click.echo("Now have the trust list's operator run:")
    click.echo(f"  kyky-keys trust-list --dir KEYS --closed {closing.organisation} {day}")
