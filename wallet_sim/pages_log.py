"""The page of past transactions: with whom, when, why, names of data. Never a value (ARF-18)."""

from collections.abc import Sequence

from wallet_sim.deeds import VIEW_ONLY, Terms
from wallet_sim.errors import sentence
from wallet_sim.model import Kind, LogEntry, LoggedCard, Outcome
from wallet_sim.words import INDENT, Words


def log_page(words: Words, entries: Sequence[LogEntry]) -> list[str]:
    """All transactions, newest first."""
    if not entries:
        return [words.say("log.empty")]
    lines = [words.say("log.title"), ""]
    for entry in reversed(entries):
        lines += [*_entry(words, entry), ""]
    return [*lines, words.say("log.names_only")]


def _entry(words: Words, entry: LogEntry) -> list[str]:
    lines = [
        f"{words.moment(entry.at)}  {_who(words, entry)}",
        INDENT + words.say(f"outcome.{entry.kind}.{entry.outcome}"),
    ]
    if entry.reason is not None:
        lines.append(
            INDENT + words.say("log.reason", text=sentence(words, entry.reason, entry.kind))
        )
    lines += [INDENT + said for said in _why(words, entry)]
    for card in entry.cards:
        lines += _card(words, card, entry)
    lines += [INDENT + said for said in deeds(words, entry)]
    if entry.kind is Kind.PRESENT:
        lines.append(INDENT + words.say("perm.id", id=entry.id))
    return lines


def _why(words: Words, entry: LogEntry) -> list[str]:
    """Which task it was for, why, and for how long what was shown is kept."""
    profile = words.catalogue.profiles.get(entry.profile_id or "")
    terms = entry.terms
    if terms is None:
        return [words.say("log.why", text=profile.title[words.lang])] if profile else []
    told = (terms.task.get(words.lang), terms.purpose.get(words.lang))
    said = [words.say("log.why", text=". ".join(one for one in told if one))]
    if not any(card.shown for card in entry.cards):
        return said
    return [*said, words.say(f"kind.{terms.approval}"), kept(words, terms)]


def kept(words: Words, terms: Terms) -> str:
    """For how long the receiver keeps what it was shown, as it was told."""
    if terms.kept_until is not None:
        return words.say("kept.until", date=words.day(terms.kept_until))
    return words.say("kept.view_only" if terms.retention == VIEW_ONLY else "kept.unknown")


def deeds(words: Words, entry: LogEntry) -> list[str]:
    """What the person did about a showing or a request afterwards."""
    return [
        words.say(f"deed.{one.kind}.{one.told}", date=words.date(one.at)) for one in entry.deeds
    ]


def _who(words: Words, entry: LogEntry) -> str:
    if entry.party_names:
        return words.name(entry.party_names)
    asked = entry.outcome is not Outcome.SHOWN_ON_SCREEN
    return words.say("party.unknown" if asked else "party.who_read_it")


def _card(words: Words, card: LoggedCard, entry: LogEntry) -> list[str]:
    lines = [INDENT + words.say("log.card", title=words.type_title(card.type_id))]
    if card.asked:
        lines.append(
            INDENT + words.say("log.asked", names=_labels(words, card.type_id, card.asked))
        )
    if card.shown:
        names = _labels(words, card.type_id, card.shown)
        lines.append(INDENT + words.say(_names_key(entry), names=names))
    return lines


def _names_key(entry: LogEntry) -> str:
    if entry.kind is Kind.RECEIVE:
        return "log.contains"
    return "log.sent" if entry.outcome is Outcome.UNCLEAR else "log.shown"


def _labels(words: Words, type_id: str, names: Sequence[str]) -> str:
    return words.join([words.label_of(type_id, name) for name in names])
