"""`kyky-verifier`: one module for each group of commands."""

import os

import click

from credential_schemas.model import LANGS, Lang
from verifier.cli.access_log import access_log
from verifier.cli.api_keys import api_key
from verifier.cli.bundle import bundle
from verifier.cli.context import Context
from verifier.cli.counts import counts
from verifier.cli.evidence import evidence
from verifier.cli.privacy import privacy
from verifier.cli.service import check, migrate, serve
from verifier.cli.staff import staff


@click.group()
@click.option("--lang", type=click.Choice(LANGS), default="fi", help="fi, sv or en")
@click.option("--json", "as_json", is_flag=True, help="answers as JSON")
@click.pass_context
def main(context: click.Context, lang: Lang, *, as_json: bool) -> None:
    """Tarkistuspalvelu: pyynnöt, vastaukset, virkailijan tiski. Kontroll. Verifier."""
    os.umask(0o077)  # the database is nobody else's to read
    context.obj = Context(lang, as_json=as_json)


for _command in (serve, migrate, check, api_key, staff, access_log, evidence, bundle, privacy):
    main.add_command(_command)
evidence.add_command(counts)
