"""``kyky-wallet``: the simulated wallet at the command line. Pages are plain text.

With ``--json`` every command prints one JSON object (keys: ``wallet_sim.views``) and asks nothing:

- ``init``: ``home``, ``sequence``, ``issuers``, ``receivers``, ``unsafe_loopback_http``
- ``receive``: ``outcome`` (``received``, ``comes_later``, ``not_fetched``, ``not_kept``),
  ``offer``, ``cards``; with ``--pending``: ``outcome``, ``waiting`` (how many), ``cards``
- ``add``: first an object with the ``link`` to open in a browser, unless the card is fetched at
  once; then as ``receive``, ``outcome`` may also be ``comes_later``
- ``renew``: ``outcome`` (``received``, ``comes_later``, ``not_kept``, ``not_fetched`` when nothing
  was due), ``cards``, ``failed`` [{``card``, ``error``, ``message``}]
- ``list``: ``cards``; ``show``: one card with ``claims``; ``situation``: ``cards``, ``coming``
- ``present``: ``outcome`` (``shown``, ``declined``, ``not_answered``), ``request``,
  ``redirect_uri``, ``confirmation_code`` (digits to read out at the desk)
- ``challenge``: ``outcome`` (``shown_on_screen``, ``declined``, ``not_answered``), ``request``, and
  what was drawn
- ``qr``: ``outcome`` (the same), ``showing``, and what was drawn
- ``scan``: ``pictures``, ``answer``
- ``revoke``: ``outcome`` (``revoked``, ``not_revoked``), ``card``
- ``permissions``: ``active``, ``permissions``; ``inbox``: ``items``, ``checked``, ``unknown``
- ``withdraw``, ``erase``, ``report``: ``outcome`` (``withdrawn``, ``erased``, ``nothing_kept``,
  ``asked``, ``sent``, ``here_only``, ``not_done``), and the deed (``wallet_sim.views_control``)
- ``pages``: ``address`` at the start, ``outcome`` (``stopped``) at the end
- ``log``: ``entries``; ``forget``: ``outcome`` (``forgotten``, ``not_forgotten``), ``card``

A failure prints ``error`` (a stable code) and ``message`` (one plain sentence) and exits with 1. A
wrong command line exits with 2.
"""

import asyncio
from pathlib import Path
from typing import TypedDict, Unpack, cast

import click

from credential_schemas.model import LANGS, Lang
from keys.software_signer import SoftwareSigner
from wallet_sim import edges, pages, pages_control, views
from wallet_sim.arguments import link_from
from wallet_sim.cli_add import HowToAdd, add_card, add_command
from wallet_sim.cli_control import erase, inbox, offer_report, permissions, report, withdraw
from wallet_sim.cli_offline import challenge, qr, scan
from wallet_sim.cli_pages import pages_command
from wallet_sim.cli_present import Answering, answer_request
from wallet_sim.cli_receive import take_offer, take_pending
from wallet_sim.cli_renew import renew_command
from wallet_sim.cli_revoke import revoke
from wallet_sim.cli_situation import situation_command
from wallet_sim.consent import ACTS_FOR_HOLDER, Wish
from wallet_sim.control import supervisor_address
from wallet_sim.mischief import HONEST, misbehaviours
from wallet_sim.model import Contents, Kind
from wallet_sim.pages_log import log_page
from wallet_sim.running import run
from wallet_sim.session import Session
from wallet_sim.surroundings import Surroundings
from wallet_sim.talk import Talk
from wallet_sim.trusting import first_settings

LARGEST_PEM = 65_536
MISBEHAVIOURS = tuple(misbehaviours(SoftwareSigner.generate()))


@click.group()
@click.option("--home", type=click.Path(path_type=Path), help="The wallet's folder.")
@click.option("--lang", type=click.Choice(LANGS), default="fi", help="Language of the pages.")
@click.option("--json", "machine", is_flag=True, help="Print JSON and ask nothing.")
@click.pass_context
def main(ctx: click.Context, home: Path | None, lang: str, machine: bool) -> None:
    """Simulated wallet: receive, look at, show and forget cards.

    The passphrase comes from KYKY_WALLET_PASSPHRASE, from the keyring, or is asked for.
    """
    around = ctx.obj if isinstance(ctx.obj, Surroundings) else edges.real_surroundings()
    ctx.obj = Session(around, home or Path(around.home), cast(Lang, lang), machine)


@main.command()
@click.option("--trust-list", "location", required=True, help="File or https address.")
@click.option("--operator", required=True, type=click.Path(path_type=Path), help="PEM file.")
@click.option("--keyring", is_flag=True, help="Keep the key in the system's keyring.")
@click.option("--supervisor", help="Https address that reports about receivers go to.")
@click.option("--allow-loopback-http", is_flag=True, help="UNSAFE, for demonstrations only.")
@click.pass_obj
def init(
    session: Session,
    location: str,
    operator: Path,
    *,
    keyring: bool,
    supervisor: str | None,
    allow_loopback_http: bool,
) -> None:
    """Make a wallet that trusts one trust list."""

    def work(session: Session, talk: Talk) -> views.View:
        tools = session.around.make_tools(allow_loopback_http)
        source = edges.TrustListSource(tools.network)
        where = location if edges.is_address(location) else str(Path(location).absolute())
        jws = asyncio.run(source.read(where))
        pem = edges.read_file(operator, at_most=LARGEST_PEM)
        settings, trust = first_settings(
            location=where, jws=jws, operator_pem=pem, clock=tools.clock
        )
        contents = Contents(
            trust=settings,
            unsafe_loopback_http=allow_loopback_http,
            supervisor=supervisor_address(supervisor, allow_loopback_http=allow_loopback_http),
        )
        session.create(contents, keyring=keyring)
        counts = {"issuers": len(trust.issuers), "receivers": len(trust.relying_parties)}
        talk.say("init.done", home=str(session.home))
        talk.say("init.trust", **counts)
        if allow_loopback_http:
            talk.warn(talk.words.say("init.loopback"))
        return {
            "home": str(session.home),
            "sequence": trust.sequence,
            "issuers": sorted(issuer.id for issuer in trust.issuers),
            "receivers": sorted(party.identifier for party in trust.relying_parties),
            "unsafe_loopback_http": allow_loopback_http,
        }

    run(session, work)


@main.command()
@click.argument("code", required=False)
@click.option("--pin", help="The PIN that came separately.")
@click.option("--pending", is_flag=True, help="Get the cards that were to come later.")
@click.option("--type", "type_id", metavar="TYPE", help="Which card, when signing in.")
@click.option("--approve", is_flag=True, help="Fetch and keep the card without asking.")
@click.pass_obj
def receive(
    session: Session,
    code: str | None,
    pin: str | None,
    *,
    pending: bool,
    type_id: str | None,
    approve: bool,
) -> None:
    """Take the card that CODE offers: a link, or a picture of its QR code."""
    if pending is (code is not None):
        raise click.UsageError("either a CODE or --pending")

    def work(session: Session, talk: Talk) -> views.View:
        link = None if code is None else link_from(code)
        wallet = session.wallet()
        if link is None:
            return asyncio.run(take_pending(wallet, talk, approve=approve))
        offer = asyncio.run(wallet.open_offer(link))
        if offer.sign_in is not None:
            how = HowToAdd(type_id=type_id, approve=approve, open_door=session.around.open_door)
            return add_card(wallet, talk, offer, how)
        return asyncio.run(take_offer(wallet, talk, offer, pin=pin, approve=approve))

    run(session, work, Kind.RECEIVE)


@main.command("list")
@click.pass_obj
def list_cards(session: Session) -> None:
    """List the cards."""

    def work(session: Session, talk: Talk) -> views.View:
        wallet, control = session.wallet_and_control()
        cards, now = wallet.cards(), wallet.now()
        talk.page(pages.list_page(talk.words, cards, now))
        if shown := control.permissions():
            talk.page(["", pages_control.count_said(talk.words, shown)])
        return {"cards": [views.card_view(talk.words, card, now) for card in cards]}

    run(session, work)


@main.command()
@click.argument("card")
@click.pass_obj
def show(session: Session, card: str) -> None:
    """Show one card to yourself. CARD is its id, or the beginning of it."""

    def work(session: Session, talk: Talk) -> views.View:
        wallet = session.wallet()
        held, now = wallet.card(card), wallet.now()
        talk.page(pages.card_page(talk.words, held, now))
        return views.content_view(talk.words, held, now)

    run(session, work)


class _Answered(TypedDict):
    """The options of ``present``."""

    leave_out: tuple[str, ...]
    cards: tuple[str, ...]
    acted_by: str | None
    decision: bool | None
    misbehave: str | None


@main.command()
@click.argument("code")
@click.option("--leave-out", multiple=True, metavar="CLAIM", help="An optional claim to keep back.")
@click.option("--card", "cards", multiple=True, metavar="ID", help="The card to answer with.")
@click.option(
    "--on-behalf",
    "acted_by",
    type=click.Choice(ACTS_FOR_HOLDER),
    help="You answer for the holder: who you are to them. The receiver is told, without a name.",
)
@click.option("--approve/--decline", "decision", default=None, help="Answer without asking.")
@click.option(
    "--misbehave", type=click.Choice(MISBEHAVIOURS), help="TRAINING: what a receiver must notice."
)
@click.pass_obj
def present(
    session: Session,
    code: str,
    **options: Unpack[_Answered],
) -> None:
    """Answer the request in CODE: a link, or a picture of its QR code. Shows nothing unasked."""

    def work(session: Session, talk: Talk) -> views.View:
        link = link_from(code)
        wallet = session.wallet()
        manners = HONEST
        if options["misbehave"] is not None:
            manners = misbehaviours(SoftwareSigner.generate())[options["misbehave"]].manners
            talk.warn(talk.words.say("training.misbehaves", name=options["misbehave"]))
        cards = tuple(wallet.card(one).card.id for one in options["cards"])
        wish = Wish(options["leave_out"], cards, options["acted_by"])
        answering = Answering(wish=wish, decision=options["decision"], manners=manners)
        return asyncio.run(answer_request(wallet, talk, link, answering))

    run(session, work, Kind.PRESENT, after=offer_report)


@main.command()
@click.pass_obj
def log(session: Session) -> None:
    """List what was received, shown and refused, without any content."""

    def work(session: Session, talk: Talk) -> views.View:
        entries = session.wallet().log()
        talk.page(log_page(talk.words, entries))
        return {"entries": [views.log_view(talk.words, entry) for entry in entries]}

    run(session, work)


@main.command()
@click.argument("card")
@click.option("--approve", is_flag=True, help="Delete without asking.")
@click.pass_obj
def forget(session: Session, card: str, *, approve: bool) -> None:
    """Delete one card and its key for good. CARD is its id, or the beginning of it."""

    def work(session: Session, talk: Talk) -> views.View:
        wallet = session.wallet()
        found = wallet.card(card).card
        talk.page(pages.forget_page(talk.words, found))
        if not (approve or talk.yes("forget.ask")):
            talk.say("forget.not_done")
            return {"outcome": "not_forgotten", "card": found.id}
        wallet.forget(found.id)
        talk.say("forget.done")
        return {"outcome": "forgotten", "card": found.id}

    run(session, work)


for command in (permissions, withdraw, erase, report, inbox, pages_command):
    main.add_command(command)
main.add_command(challenge)
main.add_command(qr)
main.add_command(scan)
main.add_command(revoke)
main.add_command(situation_command)
main.add_command(add_command)
main.add_command(renew_command)
