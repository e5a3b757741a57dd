"""The evidence log: read, check, take away."""

import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from cryptography import x509

from credential_schemas.i18n import HELSINKI, format_datetime
from keys.checks import CheckFailed
from verifier.cli.context import Context, with_parts
from verifier.model import Evidence
from verifier.parts import Parts
from verifier.usecases.evidence_audit import Sound, VerifyEvidence, verify_export
from verifier.usecases.evidence_head import HeadNotTrusted
from verifier.usecases.evidence_record import EvidenceUnreadable
from verifier.usecases.evidence_walk import ChainBroken, HeadTooOld

T = TypeVar("T")

_BROKEN = 1
_NOT_CHECKED = 2
_WRONG = (ChainBroken, HeadNotTrusted, EvidenceUnreadable)
_FILE = click.Path(path_type=Path, dir_okay=False)
_DAY = click.DateTime(["%Y-%m-%d"])


class NotChecked(click.ClickException):
    """Ends the command with 2: whether the log is sound is left open."""

    exit_code = _NOT_CHECKED


@click.group(invoke_without_command=True)
@click.pass_context
def evidence(click_context: click.Context) -> None:
    """Print the evidence log as JSON lines: what was asked and found, never about whom."""
    if click_context.invoked_subcommand is not None:
        return

    async def work(parts: Parts) -> list[Evidence]:
        return list(await parts.verifications.evidence())

    for record in with_parts(click_context.obj, work):
        click.echo(json.dumps(_evidence_json(record)))


@evidence.command()
@click.option("--head", "heads", type=_FILE, multiple=True, help="a signed head kept elsewhere")
@click.option("--certificate", "pems", type=_FILE, multiple=True, help="the organisation's, PEM")
@click.option("--file", "exported", type=_FILE, help="check an exported part, no database")
@click.pass_obj
def verify(
    context: Context, heads: tuple[Path, ...], pems: tuple[Path, ...], exported: Path | None
) -> None:
    """Check that nothing was changed. Ends with 0: sound, 1: broken, 2: could not be checked."""
    try:
        trusted = [one for pem in pems for one in _certificates(pem)]
        texts = [head.read_text("ascii") for head in heads]
        if exported is None:
            sound = _verify_database(context, texts, trusted)
        else:
            sound = _verify_file(context, exported, texts, trusted)
    except _WRONG as failure:
        _say_broken(context, failure)
    except (CheckFailed, OSError, ValueError) as failure:
        _not_checked(context, failure)
    _say_sound(context, sound)


@evidence.command()
@click.option("--out", type=_FILE, help="file to write; printed when left out")
@click.pass_obj
def head(context: Context, out: Path | None) -> None:
    """Sign where the log stands now, to be kept elsewhere."""

    async def work(parts: Parts) -> str:
        await parts.evidence.keep()
        return await parts.evidence.keep.signed_head()

    try:
        signed = _with_parts(context, work)
        if out is None:
            click.echo(signed)
            return
        out.write_text(f"{signed}\n", "ascii")
    except (CheckFailed, OSError) as failure:
        _not_checked(context, failure)
    context.say("evidence.head_written", file=out)


@evidence.command()
@click.option("--from", "first_day", type=_DAY, required=True, help="first day, in Finland")
@click.option("--to", "last_day", type=_DAY, required=True, help="last day, included")
@click.option("--out", type=_FILE, required=True, help="file to write; not there yet")
@click.pass_obj
def export(context: Context, first_day: datetime, last_day: datetime, out: Path) -> None:
    """Write the sealed records of some days, with a signed head, for somebody to take away."""
    begins = first_day.replace(tzinfo=HELSINKI)
    ends = (last_day + timedelta(days=1)).replace(tzinfo=HELSINKI)

    async def work(parts: Parts) -> list[str]:
        await parts.evidence.keep()
        return [line async for line in parts.evidence.export(begins, ends)]

    try:
        lines = _with_parts(context, work)
        if lines:
            with out.open("x", encoding="ascii") as file:
                file.writelines(f"{line}\n" for line in lines)
    except (CheckFailed, OSError) as failure:
        _not_checked(context, failure)
    if not lines:
        context.say("evidence.nothing")
        return
    context.say("evidence.exported", count=len(lines) - 1, file=out)


def _verify_database(
    context: Context, heads: Sequence[str], trusted: Sequence[x509.Certificate]
) -> Sound:
    async def work(parts: Parts) -> Sound:
        told = list(heads)
        if not told and parts.evidence.heads is not None:
            newest = await parts.evidence.heads.newest()
            told += [] if newest is None else [newest]
        audit = VerifyEvidence(
            store=parts.evidence.store, trusted=[*parts.evidence.keep.trusted, *trusted]
        )
        return await audit(told)

    return _with_parts(context, work)


def _verify_file(
    context: Context, file: Path, heads: Sequence[str], trusted: Sequence[x509.Certificate]
) -> Sound:
    if not trusted:
        raise NotChecked(context.fail("evidence.certificate_needed").message)
    with file.open(encoding="utf-8", errors="replace") as lines:
        return verify_export(lines, trusted=trusted, heads=heads)


def _certificates(pem: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem.read_bytes())


def _with_parts(context: Context, work: Callable[[Parts], Coroutine[Any, Any, T]]) -> T:
    try:
        return with_parts(context, work)
    except click.ClickException as failure:
        raise NotChecked(failure.message) from failure


def _say_sound(context: Context, sound: Sound) -> None:
    last = sound.last.sequence
    if context.as_json:
        heads = [
            {
                "sequence": one.head.sequence,
                "signed_at": one.signed_at.isoformat(),
                "certificate_sha256": one.signer,
            }
            for one in sound.heads
        ]
        told = {"records": sound.count, "last": last, "waiting": sound.waiting, "heads": heads}
        click.echo(json.dumps({"sound": True, **told}))
        return
    context.say("evidence.sound", count=sound.count, last=last)
    if sound.waiting:
        context.say("evidence.waiting", count=sound.waiting)
    for one in sound.heads:
        at = format_datetime(one.signed_at, context.lang)
        context.say("evidence.head_agrees", number=one.head.sequence, at=at, certificate=one.signer)
    if not sound.heads:
        context.say("evidence.no_head")


def _say_broken(context: Context, failure: CheckFailed) -> NoReturn:
    record = failure.sequence if isinstance(failure, ChainBroken) else None
    if context.as_json:
        click.echo(json.dumps({"sound": False, "code": failure.code, "record": record}))
    elif record is None:
        context.say(f"evidence.{failure.code}")
    else:
        context.say("evidence.broken", number=record)
        context.say(f"evidence.{failure.code}")
    sys.exit(_BROKEN)


def _not_checked(context: Context, failure: CheckFailed | OSError | ValueError) -> NoReturn:
    if isinstance(failure, HeadTooOld):
        told = context.fail(f"evidence.{failure.code}")
    else:
        reason = "PEM" if isinstance(failure, ValueError) else context.why(failure)
        told = context.fail("evidence.not_checked", reason=reason)
    raise NotChecked(told.message) from failure


def _evidence_json(record: Evidence) -> dict[str, object]:
    return {
        "hour": record.hour.astimezone(UTC).isoformat(),
        "profile": record.profile,
        "role": record.role,
        "ended": record.ended,
        "outcome": record.outcome,
        "code": record.code,
        "identity": record.identity,
        "confirmation": record.confirmation,
        "checks": [[one.check, one.mark, one.code] for one in record.checks],
        "trust_sequence": record.trust_sequence,
        "trust_age_hours": record.trust_age_hours,
        "status_age_hours": record.status_age_hours,
        "assisted": record.assisted,
        "on_behalf": record.on_behalf,
        "wish": record.wish,
    }
