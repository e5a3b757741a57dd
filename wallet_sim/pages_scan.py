"""The page of ``scan``: what each picture holds, and how many frames of an answer were seen."""

from wallet_sim.errors import sentence
from wallet_sim.scanning import Held, Scanned, Seen
from wallet_sim.words import Words, printable

LONGEST_NAME = 120

WHAT = {
    Held.OFFER: "scan.offer",
    Held.REQUEST: "scan.request",
    Held.CHALLENGE: "scan.challenge",
    Held.BOUND_ANSWER: "scan.bound_answer",
    Held.SELF_INITIATED_ANSWER: "scan.self_initiated_answer",
    Held.WEB_ADDRESS: "scan.web_address",
    Held.OTHER: "scan.other",
}


def scan_page(words: Words, scanned: Scanned) -> list[str]:
    """Each picture in the order given, then progress."""
    lines = [f"{_name(one.picture)}: {_what(words, one)}" for one in scanned.seen]
    progress = scanned.progress
    if progress is not None and progress.complete:
        lines += ["", words.say("scan.complete")]
    elif progress is not None:
        missing = words.join([str(number) for number in progress.missing])
        numbers = {"seen": progress.seen, "total": progress.total}
        lines += ["", words.say("scan.missing", names=missing, **numbers)]
    return [*lines, words.say("scan.unchecked")]


def _name(picture: str) -> str:
    """Return a file's name in full; the text of a code is cut short."""
    name = printable(picture)
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def _what(words: Words, one: Seen) -> str:
    if one.held is None:
        return sentence(words, one.failure.code if one.failure else "")
    said = words.say(WHAT[one.held])
    if one.number is None:
        return said
    place = words.say("scan.frame", number=one.number, total=one.total)
    return f"{said} {place}"
