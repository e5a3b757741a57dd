"""``kyky-wallet situation``: the cards in force on one page, for the client's own eyes."""

import click

from wallet_sim.pages import state_line
from wallet_sim.running import run
from wallet_sim.session import Session
from wallet_sim.situation import Coming, Situation, situation
from wallet_sim.talk import Talk
from wallet_sim.views import View
from wallet_sim.words import INDENT, Words, printable


@click.command("situation")
@click.pass_obj
def situation_command(session: Session) -> None:
    """Put the cards in force together on one page. Shows nobody anything."""

    def work(session: Session, talk: Talk) -> View:
        wallet = session.wallet()
        held = [wallet.card(card.id) for card in wallet.cards()]
        found = situation(held, catalogue=wallet.catalogue, at=wallet.now())
        states = [state_line(talk.words, one.held.card, wallet.now()) for one in found.told]
        talk.page(situation_page(talk.words, found, states))
        return situation_view(talk.words, found)

    run(session, work)


def situation_page(words: Words, found: Situation, states: list[str]) -> list[str]:
    """The page; without cards it says so.

    Args:
        words: the reader's.
        found: what is told.
        states: for each card whether it is in force, in words.
    """
    if not found.told:
        return [words.say("situation.empty")]
    lines = [words.say("situation.title"), words.say("notice.no_entitlement"), ""]
    for one, state in zip(found.told, states, strict=True):
        lines.append(f"{one.type.title[words.lang]} ({words.name(one.held.card.issuer_names)})")
        lines.append(f"{INDENT}{state}")
        for name in one.names:
            said = words.value(one.type, (name,), one.held.claims[name])
            lines += words.row(words.label(one.type, (name,)), said)
        lines.append("")
    if found.coming:
        lines.append(words.say("situation.coming"))
        lines += [f"{INDENT}{words.day(one.day)}  {_what(words, one)}" for one in found.coming]
    return [*lines, "", words.say("situation.only_here")]


def situation_view(words: Words, found: Situation) -> View:
    """The same for ``--json``: ``cards`` [{``id``, ``type``, ``claims``}], ``coming``."""
    return {
        "cards": [
            {
                "id": one.held.card.id,
                "type": one.type.id,
                "claims": {name: one.held.claims[name] for name in one.names},
            }
            for one in found.told
        ],
        "coming": [
            {"day": one.day.isoformat(), "what": _what(words, one), "type": one.type.id}
            for one in found.coming
        ],
    }


def _what(words: Words, one: Coming) -> str:
    label = words.label(one.type, one.path)
    return label if one.of is None else f"{label} ({printable(one.of)})"
