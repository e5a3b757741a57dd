"""The conversation of ``kyky-wallet present``: consent, two equal choices, one answer or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from wallet_sim.answers import Receipt
from wallet_sim.asking import Asking
from wallet_sim.consent import Choice, Wish
from wallet_sim.flow_failures import NoMatchingCard
from wallet_sim.mischief import HONEST, Manners
from wallet_sim.model import Outcome
from wallet_sim.pages_consent import (
    consent_page,
    leaving_page,
    no_card_page,
    optional_letters,
)
from wallet_sim.present import OpenRequest
from wallet_sim.talk import Talk
from wallet_sim.views import View, request_view
from wallet_sim.wallet import Wallet

SHOW = "1"
DECLINE = "2"
LETTERS_AT_MOST = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How a request is to be answered.

    Attributes:
        wish: what the person wants left out, and which cards.
        decision: True shows, False declines, None asks.
        manners: honest, but in training.
    """

    wish: Wish = field(default_factory=Wish)
    decision: bool | None = None
    manners: Manners = HONEST


async def answer_request(wallet: Wallet, talk: Talk, link: str, answering: Answering) -> View:
    """Answer one request, or leave it unanswered.

    Returns:
        The result for ``--json``.

    Raises:
        NoMatchingCard: the person wanted to show, but no card fits; the receiver hears "not
            shown", as after a refusal.
        CheckFailed: as ``Wallet.open_request`` and ``Wallet.share``.
    """
    request = await wallet.open_request(link)
    if not request.can_be_answered():
        return await _without_card(wallet, talk, request, answering)
    choices = request.choices(answering.wish)
    talk.page(consent_page(talk.words, request, choices, wallet.now()))
    wish, decision = answering.wish, answering.decision
    if wish.acted_by is not None:
        talk.say("consent.acting")
    if decision is None:
        wish, decision = ask(talk, request, wish)
        choices = request.choices(wish)
    if decision is None:
        wallet.leave_request(request)
        talk.say("present.not_answered")
        return _result(talk, request, choices, Outcome.NOT_ANSWERED)
    if not decision:
        await wallet.decline(request)
        talk.say("present.declined")
        return _result(talk, request, choices, Outcome.DECLINED)
    sent = await wallet.share(request, wish, manners=answering.manners)
    talk.page(["", talk.words.say("present.shown", name=talk.words.name(request.party.names))])
    _say_receipt(talk, sent)
    return {
        **_result(talk, request, choices, Outcome.SHOWN),
        "redirect_uri": sent.redirect_uri,
        "confirmation_code": sent.confirmation_code,
    }


def _say_receipt(talk: Talk, receipt: Receipt) -> None:
    """Show the code to read out; without one, the page that the receiver wants opened."""
    if (code := receipt.confirmation_code) is not None:
        half = len(code) // 2
        talk.page(["", talk.words.say("present.code", code=f"{code[:half]} {code[half:]}")])
        talk.say("present.code_for_whom")
    elif receipt.redirect_uri is not None:
        talk.say("present.open_address", address=receipt.redirect_uri)


def ask(talk: Talk, request: Asking, wish: Wish) -> tuple[Wish, bool | None]:
    """Offer the two equal choices, and letters that leave single claims out or take them in."""
    for _ in range(LETTERS_AT_MOST):
        letters = optional_letters(request, request.choices(wish))
        talk.page(["", *(f"  {talk.words.say(key)}" for key in CHOICES)])
        question = "consent.choose_or_letter" if letters else "consent.choose"
        said = talk.one_of(question, {SHOW, DECLINE, *letters})
        if said is None or said in (SHOW, DECLINE):
            return wish, None if said is None else said == SHOW
        wish = _toggled(wish, letters[said].names)
        talk.page(["", *leaving_page(talk.words, request, request.choices(wish))])
    return wish, None


CHOICES = ("consent.choice_show", "consent.choice_decline")


def _toggled(wish: Wish, names: tuple[str, ...]) -> Wish:
    kept = tuple(one for one in wish.leave_out if one not in names)
    if len(kept) < len(wish.leave_out):
        return replace(wish, leave_out=kept)
    return replace(wish, leave_out=(*kept, names[-1]))


async def _without_card(
    wallet: Wallet, talk: Talk, request: OpenRequest, answering: Answering
) -> View:
    """No card fits. That, too, is told only when the person wants it (DCQL: like a refusal)."""
    talk.page(no_card_page(talk.words, request))
    wants_answer = answering.decision is not None or talk.yes("consent.tell_no_card")
    if not wants_answer:
        wallet.leave_request(request)
        talk.say("present.not_answered")
        return _result(talk, request, (), Outcome.NOT_ANSWERED)
    await wallet.decline(request)
    if answering.decision:
        raise NoMatchingCard
    talk.say("present.declined")
    return _result(talk, request, (), Outcome.DECLINED)


def _result(talk: Talk, request: OpenRequest, choices: Sequence[Choice], outcome: Outcome) -> View:
    return {
        "outcome": outcome.value,
        "request": request_view(talk.words, request, choices),
        "redirect_uri": None,
        "confirmation_code": None,
    }
