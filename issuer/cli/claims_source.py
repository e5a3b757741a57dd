"""`kyky-issuer claims-source`: the organisations' own systems that are asked for claims."""

import click

from issuer.adapters.claims_source import secret_text
from issuer.cli.running import opened, settings_or_exit
from issuer.settings import ClaimsSourceSetting, Settings


@click.group("claims-source")
def claims_source() -> None:
    """Organisations' own systems that are asked for claims: KYKY_ISSUER_CLAIMS_SOURCES."""


@claims_source.command("show")
def show() -> None:
    """List organisation, address, number of the secret, and types."""
    for organisation, source in sorted(settings_or_exit().claims_sources.items()):
        row = [organisation, source.url, str(source.secret_number), *sorted(source.types)]
        click.echo("\t".join(row))


@claims_source.command("secret")
@click.option("--org", required=True, help="The organisation, for example kela.")
@click.option("--number", type=click.IntRange(1), help="Another one than the settings say.")
def secret(org: str, number: int | None) -> None:
    """Print the secret by which the organisation's system knows us: hand it over safely."""
    settings = settings_or_exit()
    with opened(settings) as parts:
        if org not in parts.catalogue.organisations:
            raise click.ClickException("There is no such organisation.")
        click.echo(secret_text(parts.vault, org, number or _number(settings, org)))


def _number(settings: Settings, org: str) -> int:
    source: ClaimsSourceSetting | None = settings.claims_sources.get(org)
    return 1 if source is None else source.secret_number
