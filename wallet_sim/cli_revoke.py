"""``kyky-wallet revoke``: the person ends an own card, after reading what that means.

With ``--json``: ``outcome`` (``revoked``, ``not_revoked``) and ``card``.
"""

import asyncio

import click

from wallet_sim import views
from wallet_sim.edges import TrustListSource
from wallet_sim.model import Kind
from wallet_sim.revoking import OpenRevocation, Revoking
from wallet_sim.running import run
from wallet_sim.session import Session
from wallet_sim.talk import Talk
from wallet_sim.words import INDENT, Words


@click.command()
@click.argument("card")
@click.option("--approve", is_flag=True, help="Revoke without asking.")
@click.pass_obj
def revoke(session: Session, card: str, *, approve: bool) -> None:
    """Have one card revoked for good. CARD is its id, or the beginning of it."""

    def work(session: Session, talk: Talk) -> views.View:
        return asyncio.run(_revoke(_revoking(session), talk, card, approve=approve))

    run(session, work, Kind.REVOKE)


def _revoking(session: Session) -> Revoking:
    store = session.store()
    tools = session.around.make_tools(store.load().unsafe_loopback_http)
    return Revoking(store=store, tools=tools, trust_source=TrustListSource(tools.network))


async def _revoke(revoking: Revoking, talk: Talk, card_id: str, *, approve: bool) -> views.View:
    opened = await revoking.open(revoking.card(card_id))
    talk.page(revoke_page(talk.words, opened))
    if not (approve or talk.yes("revoke.ask")):
        revoking.leave(opened)
        talk.say("revoke.not_done")
        return {"outcome": "not_revoked", "card": opened.held.card.id}
    card = await revoking.revoke(opened)
    talk.say("revoke.done")
    talk.say("revoke.stays", id=card.id)
    return {"outcome": "revoked", "card": card.id}


def revoke_page(words: Words, opened: OpenRevocation) -> list[str]:
    """Who does it, what it brings about in the words of the transaction, what leaves."""
    card = opened.held.card
    return [
        words.say("revoke.title", title=words.type_title(card.type_id)),
        INDENT + words.say("card.issuer", name=words.name(card.issuer_names)),
        "",
        words.say("revoke.who", name=words.name(opened.party.names)),
        words.say("revoke.means"),
        words.say("revoke.final"),
        words.say("revoke.leaves"),
        "",
    ]
