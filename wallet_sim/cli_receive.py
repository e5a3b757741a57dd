"""The conversation of ``kyky-wallet receive``: who offers, PIN, what the card says, keep it?"""

from collections.abc import Sequence

from keys.checks import CheckFailed
from wallet_sim.errors import sentence
from wallet_sim.flow_failures import CardComesLater, PinMalformed, PinMissing, PinNotAccepted
from wallet_sim.model import Card, Kind, Outcome
from wallet_sim.offers import Fetched, OpenOffer
from wallet_sim.pages import issued_page, offer_page
from wallet_sim.talk import Talk
from wallet_sim.views import View, card_view, offer_view
from wallet_sim.wallet import Wallet

PIN_TRIES = 3


async def take_offer(
    wallet: Wallet, talk: Talk, offer: OpenOffer, *, pin: str | None, approve: bool
) -> View:
    """Take one offer that has a code.

    Args:
        wallet: whose wallet.
        talk: the conversation.
        offer: the offer, opened.
        pin: the PIN when it was given beforehand.
        approve: yes to both questions (fetch, keep) without asking.

    Returns:
        The result for ``--json``.

    Raises:
        CheckFailed: as ``Wallet.fetch`` and ``Wallet.keep``.
    """
    shown = offer_view(talk.words, offer)
    # 1. Who offers what: nothing is fetched with the code before the person agrees.
    talk.page(offer_page(talk.words, offer))
    if not (approve or talk.yes("offer.ask")):
        wallet.leave_offer(offer)
        talk.say("offer.not_fetched")
        return result(talk, Outcome.NOT_FETCHED, shown, ())
    # 2. Fetched and verified, or to be asked for again later.
    try:
        fetched = await _fetch(wallet, talk, offer, pin)
    except CardComesLater:
        return comes_later(talk, shown)
    # 3. The person has seen the content and decides.
    cards = await decide(wallet, talk, fetched, approve=approve)
    return result(talk, Outcome.RECEIVED if cards else Outcome.NOT_KEPT, shown, cards)


async def take_pending(wallet: Wallet, talk: Talk, *, approve: bool) -> View:
    """Ask the issuers for the cards that come later; take those that are there.

    One that cannot be had now, or never, does not keep the others from coming.

    Returns:
        The result for ``--json``: ``waiting`` counts what is still to come.
    """
    pending = wallet.waiting.all()
    if not pending:
        talk.say("later.none")
    kept: list[Card] = []
    for one in pending:
        title = talk.words.type_title(one.type_id)
        try:
            fetched = await wallet.waiting.ask(one)
        except CheckFailed as failure:
            talk.warn(f"{title}: {sentence(talk.words, failure.code, Kind.RECEIVE)}")
            continue
        if fetched is None:
            talk.say("later.not_yet", title=title)
            continue
        kept += await decide(wallet, talk, fetched, approve=approve)
    outcome = Outcome.RECEIVED if kept else Outcome.COMES_LATER
    return {
        "outcome": outcome.value,
        "waiting": len(wallet.waiting.all()),
        "cards": [card_view(talk.words, card, card.received_at) for card in kept],
    }


async def decide(
    wallet: Wallet, talk: Talk, fetched: Fetched, *, approve: bool
) -> tuple[Card, ...]:
    """Show what came; keep it if the person wants it. Returns what is kept."""
    for one in fetched.cards:
        talk.page(["", *issued_page(talk.words, one.issued), ""])
    if not (approve or talk.yes("issued.ask")):
        await wallet.refuse(fetched)
        talk.say("issued.not_kept")
        return ()
    cards = await wallet.keep(fetched)
    for card in cards:
        talk.say("issued.kept", id=card.id)
    talk.say("issued.only_here")
    return cards


async def _fetch(wallet: Wallet, talk: Talk, offer: OpenOffer, pin: str | None) -> Fetched:
    """Fetch; a person who is asked for the PIN may mistype it, within reason."""
    if pin is not None or offer.pin is None or wallet.has_unfinished(offer):
        return await wallet.fetch(offer, pin)
    for _ in range(PIN_TRIES - 1):
        try:
            return await wallet.fetch(offer, _ask_pin(talk, offer))
        except (PinNotAccepted, PinMalformed) as wrong:
            talk.warn(sentence(talk.words, wrong.code, Kind.RECEIVE))
    return await wallet.fetch(offer, _ask_pin(talk, offer))


def comes_later(talk: Talk, offer: View) -> View:
    """Say that the card comes later; returns the result for ``--json``."""
    talk.say("later.waits")
    talk.say("later.how")
    return result(talk, Outcome.COMES_LATER, offer, ())


def _ask_pin(talk: Talk, offer: OpenOffer) -> str:
    spec = offer.pin
    if spec is not None and spec.length is not None and spec.input_mode == "numeric":
        typed = talk.text("offer.pin_digits", length=spec.length)
    else:
        typed = talk.text("offer.pin")
    if not typed:
        raise PinMissing
    return typed


def result(talk: Talk, outcome: Outcome, offer: View, cards: Sequence[Card]) -> View:
    """Return the result for ``--json``."""
    at = cards[0].received_at if cards else None
    listed = [card_view(talk.words, card, at) for card in cards] if at else []
    return {"outcome": outcome.value, "offer": offer, "cards": listed}
