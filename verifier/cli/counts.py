"""How much the desk is used, counted from the evidence: tasks and outcomes, nobody in it."""

import json
from collections import Counter
from datetime import datetime, timedelta

import click

from credential_schemas.i18n import HELSINKI
from verifier.cli.context import Context, with_parts
from verifier.model import Evidence
from verifier.parts import Parts

_DAY = click.DateTime(["%Y-%m-%d"])
Kind = tuple[str, str, str]


@click.command()
@click.option("--from", "first_day", type=_DAY, help="first day, in Finland; all when left out")
@click.option("--to", "last_day", type=_DAY, help="last day, included")
@click.pass_obj
def counts(context: Context, first_day: datetime | None, last_day: datetime | None) -> None:
    """Count cases by month, task and outcome, for statistics and for looking at what helps."""

    async def work(parts: Parts) -> list[Evidence]:
        return list(await parts.verifications.evidence())

    begins = None if first_day is None else first_day.replace(tzinfo=HELSINKI)
    ends = None if last_day is None else (last_day + timedelta(days=1)).replace(tzinfo=HELSINKI)
    every = [
        one
        for one in with_parts(context, work)
        if (begins is None or one.hour >= begins) and (ends is None or one.hour < ends)
    ]
    number = Counter(map(_kind, every))
    helped = Counter(_kind(one) for one in every if one.assisted or one.on_behalf is not None)
    for kind in sorted(number):
        told = {
            **dict(zip(("month", "profile", "outcome"), kind, strict=True)),
            "number": number[kind],
            "helped": helped[kind],
        }
        if context.as_json:
            click.echo(json.dumps(told))
        else:
            context.say("evidence.count", **told)


def _kind(one: Evidence) -> Kind:
    """Return what is counted together; what clients asked afterwards is a kind of its own."""
    month = one.hour.astimezone(HELSINKI).strftime("%Y-%m")
    outcome = one.wish or one.outcome or one.ended
    return month, one.profile, outcome.value
