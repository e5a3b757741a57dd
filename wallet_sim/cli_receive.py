"""The conversation of ``kyky-wallet receive``: who offers, PIN, what the card says, keep it?"""

from collections.abc import Sequence

from wallet_sim.errors import sentence
from wallet_sim.flow_failures import PinMalformed, PinMissing, PinNotAccepted
from wallet_sim.model import Card, Kind, Outcome
from wallet_sim.offers import OpenOffer
from wallet_sim.pages import issued_page, offer_page
from wallet_sim.talk import Talk
from wallet_sim.views import View, card_view, offer_view
from wallet_sim.wallet import Fetched, Wallet

PIN_TRIES = 3


async def take_offer(
    wallet: Wallet, talk: Talk, link: str, *, pin: str | None, approve: bool
) -> View:
    """Take one offer.

    Args:
        wallet: whose wallet.
        talk: the conversation.
        link: the offer's link.
        pin: the PIN when it was given beforehand.
        approve: yes to both questions (fetch, keep) without asking.

    Returns:
        The result for ``--json``.

    Raises:
        CheckFailed: as ``Wallet.open_offer``, ``Wallet.fetch`` and ``Wallet.keep``.
    """
    offer = await wallet.open_offer(link)
    shown = offer_view(talk.words, offer)
    # 1. Who offers what: nothing is fetched with the code before the person agrees.
    talk.page(offer_page(talk.words, offer))
    if not (approve or talk.yes("offer.ask")):
        wallet.leave_offer(offer)
        talk.say("offer.not_fetched")
        return _result(talk, Outcome.NOT_FETCHED, shown, ())
    # 2. Fetched and verified.
    fetched = await _fetch(wallet, talk, offer, pin)
    for one in fetched.cards:
        talk.page(["", *issued_page(talk.words, one.issued), ""])
    # 3. The person has seen the content and decides.
    if not (approve or talk.yes("issued.ask")):
        await wallet.refuse(fetched)
        talk.say("issued.not_kept")
        return _result(talk, Outcome.NOT_KEPT, shown, ())
    cards = await wallet.keep(fetched)
    for card in cards:
        talk.say("issued.kept", id=card.id)
    talk.say("issued.only_here")
    return _result(talk, Outcome.RECEIVED, shown, cards)


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


def _ask_pin(talk: Talk, offer: OpenOffer) -> str:
    spec = offer.pin
    if spec is not None and spec.length is not None and spec.input_mode == "numeric":
        typed = talk.text("offer.pin_digits", length=spec.length)
    else:
        typed = talk.text("offer.pin")
    if not typed:
        raise PinMissing
    return typed


def _result(talk: Talk, outcome: Outcome, offer: View, cards: Sequence[Card]) -> View:
    at = cards[0].received_at if cards else None
    listed = [card_view(talk.words, card, at) for card in cards] if at else []
    return {"outcome": outcome.value, "offer": offer, "cards": listed}
