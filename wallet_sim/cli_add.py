"""``kyky-wallet add``: a card that the person asks for, by signing in at its issuer."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

import click

from wallet_sim.adding.flow import host_of
from wallet_sim.adding.loopback import ClosingPage
from wallet_sim.adding_failures import TypeNotChosen, TypeNotThere
from wallet_sim.cli_receive import comes_later, decide, result
from wallet_sim.flow_failures import CardComesLater
from wallet_sim.model import Kind, Outcome
from wallet_sim.offers import Fetched, OpenOffer
from wallet_sim.running import run
from wallet_sim.session import Session
from wallet_sim.surroundings import Door
from wallet_sim.talk import Talk
from wallet_sim.views import View, offer_view
from wallet_sim.wallet import Wallet
from wallet_sim.words import INDENT, Words

MINUTES = 10
LONGEST_WAIT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class HowToAdd:
    """What the command line says of it.

    Attributes:
        type_id: which card; None to be asked.
        approve: yes to every question.
        minutes: how long the wallet waits for the browser.
        open_door: opens the browser's way back.
    """

    open_door: Callable[[ClosingPage], Door]
    type_id: str | None = None
    approve: bool = False
    minutes: int = MINUTES


@click.command("add")
@click.argument("issuer")
@click.option("--type", "type_id", metavar="TYPE", help="Which of the issuer's cards.")
@click.option("--approve", is_flag=True, help="Begin, and keep the card, without asking.")
@click.option(
    "--wait",
    "minutes",
    type=click.IntRange(1, LONGEST_WAIT),
    default=MINUTES,
    help="How many minutes to wait for the browser.",
)
@click.pass_obj
def add_command(
    session: Session, issuer: str, type_id: str | None, *, approve: bool, minutes: int
) -> None:
    """Add a card from ISSUER, an address: sign in there in a browser, then see and keep the card.

    With --json the first line is an object with ``link``; another follows at the end.
    """
    how = HowToAdd(
        type_id=type_id, approve=approve, minutes=minutes, open_door=session.around.open_door
    )

    def work(session: Session, talk: Talk) -> View:
        wallet = session.wallet()
        return add_card(wallet, talk, asyncio.run(wallet.adding.open(issuer.strip())), how)

    run(session, work, Kind.RECEIVE)


def add_card(wallet: Wallet, talk: Talk, offer: OpenOffer, how: HowToAdd) -> View:
    """Add one card by signing in.

    Args:
        wallet: whose wallet.
        talk: the conversation.
        offer: what the issuer has, or offers.
        how: what the command line says.

    Returns:
        The result for ``--json``.

    Raises:
        CheckFailed: as ``Adding.start``, ``Adding.finish`` and ``Wallet.keep``.
        KeyboardInterrupt: the person stopped; what was fetched by then is not lost.
    """
    # 1. Who it is, and which card: nothing is sent before the person agrees.
    talk.page(issuer_page(talk.words, offer))
    one = offer.only(_chosen(talk, offer, how.type_id))
    shown = offer_view(talk.words, one)
    try:
        if wallet.has_unfinished(one):
            talk.say("add.resumed")
            fetched = asyncio.run(wallet.fetch(one))
        elif how.approve or talk.yes("add.ask"):
            fetched = _sign_in(wallet, talk, one, how)
        else:
            wallet.leave_offer(one)
            talk.say("add.not_begun")
            return result(talk, Outcome.NOT_FETCHED, shown, ())
    except CardComesLater:
        return comes_later(talk, shown)
    # 3. The person has seen the content and decides.
    cards = asyncio.run(decide(wallet, talk, fetched, approve=how.approve))
    return result(talk, Outcome.RECEIVED if cards else Outcome.NOT_KEPT, shown, cards)


def issuer_page(words: Words, offer: OpenOffer) -> list[str]:
    """Who the issuer is, as far as it is known, and what it can add."""
    types = [one.title[words.lang] for one in offer.types]
    numbered = [f"{INDENT}{number:>2}  {title}" for number, title in enumerate(types, start=1)]
    several, name = len(types) > 1, words.name(offer.issuer_names)
    signer = offer.signer
    checked = (
        words.say("add.name_unchecked")
        if signer is None
        else words.say("add.listed", name=words.name(signer.names))
    )
    return [
        words.say("add.titles", name=name) if several else words.say("add.title", name=name),
        *(numbered if several else [f"{INDENT}{title}" for title in types]),
        words.say("add.address", host=offer.host),
        checked,
    ]


def _chosen(talk: Talk, offer: OpenOffer, type_id: str | None) -> str:
    """Return the configuration id of the card that the person wants."""
    if type_id is not None:
        named = [name for name, one in offer.wanted.items() if type_id in (name, one.id)]
        if len(named) != 1:
            raise TypeNotThere
        return named[0]
    names = list(offer.wanted)
    if len(names) == 1:
        return names[0]
    answer = talk.one_of("add.which", [str(number + 1) for number in range(len(names))])
    if answer is None:
        raise TypeNotChosen
    return names[int(answer) - 1]


def _sign_in(wallet: Wallet, talk: Talk, offer: OpenOffer, how: HowToAdd) -> Fetched:
    # 2. In the browser; the wallet waits where the browser comes back to.
    words = talk.words
    page = ClosingPage(words.lang, words.say("add.page_title"), words.say("add.page_text"))
    with how.open_door(page) as door:
        start = wallet.adding.start(offer, redirect_uri=door.redirect_uri)
        link = asyncio.run(start).link
        if talk.machine:
            click.echo(json.dumps({"link": link}))
        talk.say("add.open", host=host_of(offer))
        talk.page(["", link, ""])
        talk.say("add.waits", number=how.minutes)
        url = door.wait(wallet.adding.awaits, seconds=how.minutes * 60)
    talk.say("add.back")
    return asyncio.run(wallet.adding.finish(url))
