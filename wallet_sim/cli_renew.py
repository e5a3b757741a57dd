"""``kyky-wallet renew``: newer cards in the place of those that end soon."""

import asyncio
from collections.abc import Sequence

import click

from keys.checks import CheckFailed
from wallet_sim.cli_receive import decide
from wallet_sim.errors import sentence
from wallet_sim.flow_failures import CardComesLater
from wallet_sim.model import Card, Kind, Outcome
from wallet_sim.running import run
from wallet_sim.session import Session
from wallet_sim.talk import Talk
from wallet_sim.views import View, card_view
from wallet_sim.wallet import Wallet


@click.command("renew")
@click.argument("card", required=False)
@click.option("--approve", is_flag=True, help="Keep the new cards without asking.")
@click.pass_obj
def renew_command(session: Session, card: str | None, *, approve: bool) -> None:
    """Renew the cards that end soon, or the one CARD: its id, or the beginning of it."""

    def work(session: Session, talk: Talk) -> View:
        wallet = session.wallet()
        if card is None:
            return asyncio.run(renew_cards(wallet, talk, wallet.renewing.due(), approve=approve))
        one = wallet.card(card).card
        return asyncio.run(renew_cards(wallet, talk, (one,), approve=approve, is_named=True))

    run(session, work, Kind.RECEIVE)


async def renew_cards(
    wallet: Wallet, talk: Talk, cards: Sequence[Card], *, approve: bool, is_named: bool = False
) -> View:
    """Renew cards; one that cannot be renewed does not keep the others from it.

    Args:
        wallet: whose wallet.
        talk: the conversation.
        cards: which ones.
        approve: keep the new ones without asking.
        is_named: the person named the one card, so that its failure is the command's.

    Returns:
        The result for ``--json``.
    """
    if not cards:
        talk.say("renew.none")
    kept: list[Card] = []
    failed: list[View] = []
    outcome = Outcome.NOT_FETCHED
    for card in cards:
        title = talk.words.type_title(card.type_id)
        talk.say("renew.fetches", title=title)
        try:
            fetched = await wallet.renewing.renew(card)
        except CardComesLater:
            talk.say("later.not_yet", title=title)
            outcome = Outcome.COMES_LATER
            continue
        except CheckFailed as failure:
            if is_named:
                raise
            said = sentence(talk.words, failure.code, Kind.RECEIVE)
            talk.warn(f"{title}: {said}")
            failed.append({"card": card.id, "error": failure.code, "message": said})
            continue
        new = await decide(wallet, talk, fetched, approve=approve)
        outcome = Outcome.RECEIVED if new else Outcome.NOT_KEPT
        kept += new
        if new:
            talk.say("renew.replaced")
    return {
        "outcome": Outcome.RECEIVED.value if kept else outcome.value,
        "cards": [card_view(talk.words, one, one.received_at) for one in kept],
        "failed": failed,
    }
