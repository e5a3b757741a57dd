"""The pages of what was shown: all of it, and taking back, erasure and reports one by one."""

from wallet_sim import pages_control
from wallet_sim.control_failures import ShowingNotFound
from wallet_sim.deeds import DeedKind, Reason
from wallet_sim.permissions import Permission, State, active
from wallet_sim.screens.desk import Desk
from wallet_sim.screens.page import Shown, Visit, draw, go
from wallet_sim.words import Words

MARKS = {State.ACTIVE: "ok", State.ENDED: "none", State.WITHDRAWN: "none"}
KINDS = {"withdraw": DeedKind.WITHDRAWAL, "erase": DeedKind.ERASURE}


def showings(desk: Desk, visit: Visit) -> Shown:
    """Whom was shown what; the count of what still counts on top."""
    words = desk.words()
    found = desk.control.permissions()
    return draw(
        desk.frame(visit.path, "showings"),
        "showings.html",
        count=pages_control.count_said(words, found),
        any_active=bool(active(found)),
        showings=[_showing(words, one) for one in found],
    )


def ask(desk: Desk, visit: Visit, showing_id: str, verb: str) -> Shown:
    """What withdrawing or asking for erasure does and does not do, before it is done.

    Raises:
        CheckFailed: as ``Control.permission`` and ``Control.check_can``.
    """
    words = desk.words()
    permission = desk.control.permission(showing_id)
    desk.control.check_can(permission, KINDS[verb])
    withdrawing = verb == "withdraw"
    page = pages_control.withdraw_page if withdrawing else pages_control.erase_page
    title, _, *lines = page(words, permission)
    return draw(
        desk.frame(visit.path, "showings"),
        "confirm.html",
        title=title,
        lines=lines,
        action=f"/showings/{permission.id}/{verb}",
        button=words.say("screen.withdraw" if withdrawing else "screen.erase"),
        back="/showings",
        choices=[],
    )


async def do(desk: Desk, visit: Visit, showing_id: str, verb: str) -> Shown:
    """Withdraw, or ask for erasure; raises as ``Control.ask``."""
    del visit
    permission = desk.control.permission(showing_id)
    deed = await desk.control.ask(permission, KINDS[verb])
    desk.said.append(pages_control.done_said(desk.words(), permission, deed))
    return go("/showings")


def ask_report(desk: Desk, visit: Visit, entry_id: str) -> Shown:
    """What a report tells whom, and why it is made."""
    words = desk.words()
    entry = desk.control.entry(entry_id)
    page = pages_control.report_page(words, entry, supervised=desk.control.has_supervisor())
    title, _, *lines = page
    chosen = visit.one("reason")
    return draw(
        desk.frame(visit.path, "showings"),
        "confirm.html",
        title=title,
        lines=lines,
        action=f"/showings/{entry.id}/report",
        button=words.say("screen.report"),
        back="/showings",
        choices=[
            (reason.value, words.say(key), reason.value == (chosen or Reason.OTHER.value))
            for reason, key in pages_control.REASONS.items()
        ],
    )


async def do_report(desk: Desk, visit: Visit, entry_id: str) -> Shown:
    """Report a receiver; raises as ``Control.report``."""
    try:
        reason = Reason(visit.one("reason") or Reason.OTHER.value)
    except ValueError:
        raise ShowingNotFound from None
    deed = await desk.control.report(desk.control.entry(entry_id), reason)
    desk.said.append(pages_control.done_said(desk.words(), None, deed))
    return go("/showings")


def _showing(words: Words, one: Permission) -> dict[str, object]:
    terms = one.terms
    kind = terms.approval if terms else None
    return {
        "id": one.id,
        "who": pages_control.receiver(words, one),
        "state": pages_control.state_said(words, one),
        "mark": MARKS[one.state],
        "facts": pages_control.facts(words, one),
        "does": words.say(f"withdraw.does.{kind}") if kind else "",
        "may_withdraw": one.state is State.ACTIVE and one.receipt is not None,
        "lacks_receipt": one.state is State.ACTIVE and one.receipt is None,
        "may_erase": one.receipt is not None,
        "may_report": one.entry is not None and bool(one.entry.party_id or one.entry.client_id),
        "receipt": one.receipt.held.card.id if one.receipt else "",
        "basis": terms.basis.get(words.lang, "") if terms else "",
    }
