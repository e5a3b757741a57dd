"""``kyky-wallet permissions``, ``withdraw``, ``erase``, ``report`` and ``inbox``."""

import asyncio

import click

from keys.checks import CheckFailed
from openid4vc.dcql.errors import OverAsked
from wallet_sim import pages_control, views, views_control
from wallet_sim.control import Control
from wallet_sim.deeds import DeedKind, Reason
from wallet_sim.flow_failures import PurposeUnknown
from wallet_sim.model import LogEntry
from wallet_sim.running import run, said_of
from wallet_sim.session import Session
from wallet_sim.talk import Talk

ONE_KEY = "i"


@click.command()
@click.pass_obj
def permissions(session: Session) -> None:
    """List what you have shown to whom, and what of it still counts."""

    def work(session: Session, talk: Talk) -> views.View:
        found = session.control().permissions()
        talk.page(pages_control.permissions_page(talk.words, found))
        return views_control.permissions_view(talk.words, found)

    run(session, work)


@click.command()
@click.argument("showing")
@click.option("--approve", is_flag=True, help="Withdraw without asking.")
@click.pass_obj
def withdraw(session: Session, showing: str, *, approve: bool) -> None:
    """Withdraw a permission. SHOWING is its id, or the beginning of it."""
    _ask_receiver(session, showing, DeedKind.WITHDRAWAL, approve=approve)


@click.command()
@click.argument("showing")
@click.option("--approve", is_flag=True, help="Send without asking.")
@click.pass_obj
def erase(session: Session, showing: str, *, approve: bool) -> None:
    """Ask a receiver to erase what it was shown. SHOWING is an id, or the beginning of it."""
    _ask_receiver(session, showing, DeedKind.ERASURE, approve=approve)


@click.command()
@click.argument("entry")
@click.option("--reason", type=click.Choice([one.value for one in Reason]), help="Why.")
@click.option("--approve", is_flag=True, help="Report without asking.")
@click.pass_obj
def report(session: Session, entry: str, *, reason: str | None, approve: bool) -> None:
    """Report a receiver. ENTRY is the id of a showing or a request, or the beginning of it."""

    def work(session: Session, talk: Talk) -> views.View:
        control = session.control()
        found = control.entry(entry)
        talk.page(pages_control.report_page(talk.words, found, supervised=control.has_supervisor()))
        why = Reason(reason) if reason else _reason(talk)
        if why is None or not (approve or talk.yes("report.ask")):
            talk.say("report.not_done")
            return views_control.deed_view(None)
        deed = asyncio.run(control.report(found, why))
        talk.page([pages_control.done_said(talk.words, None, deed)])
        return views_control.deed_view(deed)

    run(session, work)


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask the issuers how the cards stand.")
@click.pass_obj
def inbox(session: Session, *, offline: bool) -> None:
    """List what awaits you, after asking the issuers how the cards stand."""

    def work(session: Session, talk: Talk) -> views.View:
        control = session.control()
        asked = None if offline else asyncio.run(control.ask_issuers())
        items = control.inbox()
        talk.page(pages_control.inbox_page(talk.words, items, asked))
        return views_control.inbox_view(talk.words, items, asked)

    run(session, work)


def offer_report(session: Session, talk: Talk, failure: CheckFailed) -> None:
    """After a request that asked too much: one key reports whoever asked.

    The wallet has refused and logged it; the newest entry is the one.
    """
    if not isinstance(failure, OverAsked | PurposeUnknown):
        return
    control = session.control()
    entry = control.newest()
    if entry is None or not (entry.party_id or entry.client_id):
        return
    if talk.line("report.one_key") != ONE_KEY:
        return
    try:
        _report_over_asking(talk, control, entry)
    except CheckFailed as trouble:
        talk.problem(trouble.code, said_of(talk.words, trouble, None))


def _report_over_asking(talk: Talk, control: Control, entry: LogEntry) -> None:
    talk.page(pages_control.report_page(talk.words, entry, supervised=control.has_supervisor()))
    deed = asyncio.run(control.report(entry, Reason.OVER_ASKED))
    talk.page([pages_control.done_said(talk.words, None, deed)])


def _ask_receiver(session: Session, showing: str, kind: DeedKind, *, approve: bool) -> None:
    withdrawing = kind is DeedKind.WITHDRAWAL
    page = pages_control.withdraw_page if withdrawing else pages_control.erase_page
    verb = "withdraw" if withdrawing else "erase"

    def work(session: Session, talk: Talk) -> views.View:
        control = session.control()
        permission = control.permission(showing)
        control.check_can(permission, kind)
        talk.page(page(talk.words, permission))
        if not (approve or talk.yes(f"{verb}.ask")):
            talk.say(f"{verb}.not_done")
            return views_control.deed_view(None)
        deed = asyncio.run(control.ask(permission, kind))
        talk.page([pages_control.done_said(talk.words, permission, deed)])
        return views_control.deed_view(deed)

    run(session, work)


def _reason(talk: Talk) -> Reason | None:
    """Let the person choose why, by number."""
    reasons = list(Reason)
    talk.say("report.why")
    talk.page(
        [
            f"  {number}  {talk.words.say(pages_control.REASONS[reason])}"
            for number, reason in enumerate(reasons, start=1)
        ]
    )
    said = talk.one_of("report.choose", {str(number) for number in range(1, len(reasons) + 1)})
    return None if said is None else reasons[int(said) - 1]
