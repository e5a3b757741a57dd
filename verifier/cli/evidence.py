"""The evidence log."""

import json

import click

from verifier.app import Parts
from verifier.cli.context import Context, with_parts
from verifier.model import Evidence


@click.command()
@click.pass_obj
def evidence(context: Context) -> None:
    """Print the evidence log as JSON lines: what was asked and found, never about whom."""

    async def work(parts: Parts) -> list[Evidence]:
        return list(await parts.verifications.evidence())

    for record in with_parts(context, work):
        click.echo(json.dumps(_evidence_json(record)))


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
