"""For the data-protection officer: what clients asked by receipt, what wallets reported."""

import json
from collections.abc import Sequence

import click

from credential_schemas.i18n import HELSINKI, format_date
from verifier.cli.context import Context, with_parts
from verifier.parts import Parts
from verifier.usecases.client_side_model import GivenReceipt, Report


@click.group()
def privacy() -> None:
    """What clients asked to be erased, and reports of receivers; no name of anybody."""


@privacy.command("waiting")
@click.pass_obj
def waiting(context: Context) -> None:
    """List the copies elsewhere that clients asked to be erased, oldest first."""

    async def work(parts: Parts) -> Sequence[GivenReceipt]:
        return await parts.client_side.given.to_see_to()

    found = with_parts(context, work)
    if not found and not context.as_json:
        context.say("privacy.nothing")
    for receipt in found:
        told = _told(receipt)
        if context.as_json:
            click.echo(json.dumps(told))
        else:
            kept = receipt.kept_until and format_date(receipt.kept_until, context.lang)
            asked = receipt.asked_at and format_date(
                receipt.asked_at.astimezone(HELSINKI), context.lang
            )
            context.say(
                "privacy.line", **{**told, "asked_on": asked or "-", "kept_until": kept or "-"}
            )


@privacy.command("erased", context_settings={"ignore_unknown_options": True})  # ids begin with any
@click.argument("verification")
@click.pass_obj
def erased(context: Context, verification: str) -> None:
    """Note that the copy of a verification was erased from the case system."""

    async def work(parts: Parts) -> bool:
        now = parts.services.clock.now()
        return await parts.client_side.given.seen_to(verification, at=now)

    if not with_parts(context, work):
        raise context.fail("privacy.unknown")
    context.say("privacy.noted")


@privacy.command("reports")
@click.pass_obj
def reports(context: Context) -> None:
    """List what wallets reported of receivers, newest day first."""

    async def work(parts: Parts) -> Sequence[Report]:
        return await parts.client_side.reports.all()

    found = with_parts(context, work)
    if not found and not context.as_json:
        context.say("privacy.nothing")
    for report in found:
        told = {
            "day": report.day.isoformat(),
            "number": report.number,
            "reason": report.reason.value,
            "profile": report.profile,
            "asked": list(report.asked),
            "about_us": report.is_about_us,
        }
        if context.as_json:
            click.echo(json.dumps(told))
        else:
            context.say("privacy.report", **{**told, "asked": " ".join(report.asked)})


def _told(receipt: GivenReceipt) -> dict[str, object]:
    return {
        "verification": receipt.verification_id,
        "profile": receipt.profile,
        "request": receipt.state.value,
        "asked_on": None if receipt.asked_at is None else receipt.asked_at.date().isoformat(),
        "kept_until": None if receipt.kept_until is None else receipt.kept_until.isoformat(),
    }
