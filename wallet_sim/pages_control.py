"""The pages about what was shown: permissions, taking back, erasure, reports; and the inbox.

Each statement is one line that reads well aloud. Names of data, never values.
"""

from collections.abc import Sequence
from dataclasses import replace

from wallet_sim.deeds import Deed, DeedKind, Reason
from wallet_sim.inbox import Item, Matter
from wallet_sim.model import LogEntry
from wallet_sim.pages_log import deeds, kept
from wallet_sim.permissions import Permission, State, active
from wallet_sim.standing import Asked
from wallet_sim.words import INDENT, Words

STATES = {
    State.ACTIVE: "perm.active",
    State.ENDED: "perm.ended",
    State.WITHDRAWN: "perm.withdrawn",
}
REASONS = {
    Reason.OVER_ASKED: "report.over_asked",
    Reason.PRESSED: "report.pressed",
    Reason.KEPT_TOO_LONG: "report.kept_too_long",
    Reason.OTHER: "report.other",
}


def count_said(words: Words, found: Sequence[Permission]) -> str:
    """How many permissions count now."""
    count = len(active(found))
    return words.say("perm.count", n=count) if count else words.say("perm.none")


def permissions_page(words: Words, found: Sequence[Permission]) -> list[str]:
    """Everything that was shown, the count of what still counts on top."""
    if not found:
        return [words.say("perm.empty")]
    lines = [words.say("perm.title"), "", count_said(words, found)]
    if active(found):
        lines.append(words.say("perm.any_time"))
    for one in found:
        lines += ["", *permission_lines(words, one)]
    return [*lines, "", words.say("log.names_only"), words.say("perm.how_to")]


def permission_lines(words: Words, one: Permission) -> list[str]:
    """One showing: who, whether it counts, when, why, what, how long, what since."""
    lines = [receiver(words, one), INDENT + state_said(words, one)]
    for label, said in facts(words, one):
        lines += words.row(label, said)
    return [*lines, INDENT + words.say("perm.id", id=one.id)]


def receiver(words: Words, one: Permission) -> str:
    """Who was shown the data, in words."""
    return words.name(one.names) if one.names else words.say("party.who_read_it")


def state_said(words: Words, one: Permission) -> str:
    """Whether the permission counts, and until when."""
    if one.state is State.ACTIVE and one.ends_on is not None:
        return words.say("perm.active_until", date=words.day(one.ends_on))
    return words.say(STATES[one.state])


def facts(words: Words, one: Permission) -> list[tuple[str, str]]:
    """The facts of a showing as pairs of a label and a sentence or a list of names."""
    terms = one.terms
    rows = [("label.when", words.moment(one.at))]
    if terms is not None and terms.task:
        rows.append(("label.task", terms.task[words.lang]))
    if terms is not None and terms.purpose:
        rows.append(("label.why", terms.purpose[words.lang]))
    rows += [("label.shown", names) for names in shown_names(words, one)]
    rows.append(("label.kept", kept_said(words, one)))
    kind = f"kind.{terms.approval}" if terms is not None else "kind.unasked"
    rows.append(("label.kind", words.say(kind)))
    rows.append(("label.receipt", " ".join(receipt_said(words, one))))
    if one.entry is not None and one.entry.deeds:
        rows.append(("label.after", " ".join(deeds(words, one.entry))))
    return [(words.say(label), said) for label, said in rows]


def shown_names(words: Words, one: Permission) -> list[str]:
    """The names of what was shown, one line for each card."""
    return [
        f"{words.type_title(card.type_id)}: "
        + words.join([words.label_of(card.type_id, name) for name in card.shown])
        for card in one.cards
    ]


def kept_said(words: Words, one: Permission) -> str:
    """For how long the receiver keeps it; the receipt's word before the request's."""
    terms = one.terms
    until = terms.kept_until if terms else None
    if one.receipt is not None:
        until = one.receipt.kept_until or until
    if terms is None:
        return words.say("kept.unknown")
    return kept(words, replace(terms, kept_until=until))


def receipt_said(words: Words, one: Permission) -> list[str]:
    """Whether there is a receipt, and what in it differs from the log."""
    if one.receipt is None:
        return [words.say("receipt.none")]
    said = [words.say("receipt.have", id=one.receipt.held.card.id)]
    if surplus := one.surplus():
        names = words.join([words.label_of(*name.split(".", 1)) for name in surplus])
        said.append(words.say("receipt.surplus", names=names))
    if one.receipt.on_behalf:
        said.append(words.say("receipt.on_behalf"))
    return said


def which_said(words: Words, one: Permission) -> str:
    """Which showing it is: its task, when it is known, and its time."""
    task = one.terms.task.get(words.lang, "") if one.terms else ""
    said = words.say("perm.which", date=words.moment(one.at))
    return f"{task}. {said}" if task else said


def withdraw_page(words: Words, one: Permission) -> list[str]:
    """What withdrawing does and does not do, before it is done."""
    kind = one.terms.approval if one.terms else "showing_only"
    return [
        words.say("withdraw.title", name=receiver(words, one)),
        "",
        which_said(words, one),
        words.say(f"withdraw.does.{kind}"),
        words.say("withdraw.sends"),
        words.say("withdraw.free"),
    ]


def erase_page(words: Words, one: Permission) -> list[str]:
    """What asking for erasure does, before it is done."""
    return [
        words.say("erase.title", name=receiver(words, one)),
        "",
        which_said(words, one),
        kept_said(words, one),
        words.say("erase.does"),
        words.say("withdraw.sends"),
        words.say("withdraw.free"),
    ]


def report_page(words: Words, entry: LogEntry, *, supervised: bool) -> list[str]:
    """What a report tells whom, before it is made."""
    return [
        words.say("report.title", name=words.name(entry.party_names)),
        "",
        words.say("report.what"),
        words.say("report.to_supervisor" if supervised else "report.here_only"),
    ]


def done_said(words: Words, one: Permission | None, deed: Deed) -> str:
    """What became of a deed."""
    if deed.kind is DeedKind.REPORT:
        return words.say(f"report.done.{deed.told}")
    if deed.kind is DeedKind.ERASURE:
        return words.say(f"erase.done.{deed.told}")
    kind = one.terms.approval if one is not None and one.terms else "showing_only"
    return words.say(f"withdraw.done.{kind if deed.told != 'asked' else 'asked'}")


def inbox_page(words: Words, items: Sequence[Item], asked: Asked | None) -> list[str]:
    """What awaits the person, and whether issuers were asked just now."""
    lines = [words.say("inbox.count", n=len(items)) if items else words.say("inbox.empty")]
    for item in items:
        lines += ["", *item_lines(words, item)]
    if asked is not None and asked.checked:
        lines += ["", words.say("inbox.asked")]
    if asked is not None and asked.unknown:
        lines += ["", words.say("inbox.not_asked", names=words.join(asked.unknown))]
    return lines


def item_lines(words: Words, item: Item) -> list[str]:
    """One thing that awaits the person: what happened, and what to do."""
    lines = [item_said(words, item)]
    if item.newer is not None and item.matter is not Matter.REPLACED:
        lines.append(words.say("inbox.newer"))
    if item.entry is not None:
        lines.append(words.say("perm.id", id=item.entry.id))
    if item.matter is Matter.COMES_LATER:
        lines.append(words.say("later.how"))
    if item.step is not None and item.step.link is not None:
        link = item.step.link
        lines.append(words.say("step.link", text=link.text[words.lang], address=link.address))
    return lines


def item_said(words: Words, item: Item) -> str:
    """One thing that awaits the person, in a sentence or two."""
    date = words.day(item.on) if item.on else ""
    if item.entry is not None and item.deed is not None:
        name = words.name(item.entry.party_names)
        return words.say(f"inbox.not_delivered.{item.deed.kind}", name=name)
    if item.type_id:
        return words.say("inbox.comes_later", title=words.type_title(item.type_id))
    if item.card is None:
        return words.say("inbox.pending", date=date)
    if item.step is not None:
        return item.step.says[words.lang]
    title = words.type_title(item.card.type_id)
    label = words.label_of(item.card.type_id, item.claim) if item.claim else ""
    values = {"title": title, "date": date, "text": label, "id": item.card.id}
    if item.matter is Matter.EXPIRING and item.card.renewal is not None:
        return words.say("inbox.renewable", **values)
    return words.say(f"inbox.{item.matter}", **values)
