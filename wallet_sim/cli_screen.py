"""The conversations of ``kyky-wallet challenge``, ``qr`` and ``scan``: only a yes draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openid4vc.qr.answer import MAX_AGE
from wallet_sim.cli_present import CHOICES, DECLINE, SHOW, Answering, ask
from wallet_sim.consent import Choice
from wallet_sim.drawing import Drawn
from wallet_sim.flow_failures import NoMatchingCard
from wallet_sim.model import Outcome
from wallet_sim.offline import Offline, OpenChallenge
from wallet_sim.pages_consent import consent_page, no_card_page, open_page
from wallet_sim.pages_scan import scan_page
from wallet_sim.scanning import scan_all
from wallet_sim.self_initiated import Wanted
from wallet_sim.talk import Talk
from wallet_sim.views import View, choice_view, drawn_view, request_view, scan_view


@dataclass(frozen=True, slots=True)
class Drawing:
    """How an answer is drawn: by what, and in how many frames (None: the fewest that do)."""

    draw: Callable[[Sequence[str]], Drawn]
    total: int | None = None


def answer_challenge(
    wallet: Offline, talk: Talk, link: str, answering: Answering, drawing: Drawing
) -> View:
    """Answer a desk's challenge by a code on the screen, or leave it unanswered.

    Returns:
        The result for ``--json``.

    Raises:
        NoMatchingCard: the person wanted to show, but no card fits.
        CheckFailed: as ``Offline.open_challenge`` and ``Offline.answer``.
    """
    asked = wallet.open_challenge(link)
    if not asked.can_be_answered():
        return _without_card(wallet, talk, asked, answering)
    wish, decision = answering.wish, answering.decision
    choices = asked.choices(wish)
    page = consent_page(talk.words, asked, choices, wallet.now())
    talk.page([*page, talk.words.say("challenge.no_network")])
    if decision is None:
        wish, decision = ask(talk, asked, wish)
        choices = asked.choices(wish)
    if not decision:
        return _not_shown(wallet, talk, asked, choices, decision)
    open_until = asked.answer_lives_until(wallet.now())
    drawn = wallet.answer(
        asked, wish, draw=drawing.draw, total=drawing.total, manners=answering.manners
    )
    talk.say("challenge.shown", name=talk.words.name(asked.party.names))
    _tell_pictures(talk, drawn)
    return {
        "outcome": Outcome.SHOWN_ON_SCREEN.value,
        "request": request_view(talk.words, asked, choices),
        **drawn_view(drawn, open_until),
    }


def show_unasked(
    wallet: Offline, talk: Talk, wanted: Wanted, answering: Answering, drawing: Drawing
) -> View:
    """Draw what nobody asked for, after a warning.

    Returns:
        The result for ``--json``.

    Raises:
        CheckFailed: as ``Offline.choose`` and ``Offline.show``.
    """
    choice = wallet.choose(wanted)
    talk.page(open_page(talk.words, choice))
    decision = answering.decision
    if decision is None:
        talk.page(["", *(f"  {talk.words.say(key)}" for key in CHOICES)])
        said = talk.one_of("consent.choose", {SHOW, DECLINE})
        decision = None if said is None else said == SHOW
    drawn, open_until = None, wallet.now() + MAX_AGE
    if decision:
        drawn = wallet.show(
            choice, draw=drawing.draw, total=drawing.total, manners=answering.manners
        )
        talk.say("qr.shown")
        _tell_pictures(talk, drawn)
        talk.say("qr.delete")
    else:
        talk.say("challenge.not_shown")
    return {
        "outcome": (Outcome.SHOWN_ON_SCREEN if drawn else _no(decision)).value,
        "showing": choice_view(talk.words, choice),
        **drawn_view(drawn, open_until),
    }


def tell_codes(talk: Talk, pictures: Sequence[str]) -> View:
    """Say what the codes in pictures hold.

    Returns:
        The result for ``--json``.

    Raises:
        CheckFailed: as ``scan_all``.
    """
    scanned = scan_all(pictures)
    talk.page(scan_page(talk.words, scanned))
    return scan_view(talk.words, scanned)


def _without_card(wallet: Offline, talk: Talk, asked: OpenChallenge, answering: Answering) -> View:
    talk.page(no_card_page(talk.words, asked))
    if answering.decision:
        wallet.leave(asked)
        raise NoMatchingCard
    return _not_shown(wallet, talk, asked, (), answering.decision)


def _not_shown(
    wallet: Offline,
    talk: Talk,
    asked: OpenChallenge,
    choices: Sequence[Choice],
    decision: bool | None,
) -> View:
    if decision is None:
        wallet.leave(asked)
    else:
        wallet.decline(asked)
    talk.say("challenge.not_shown")
    return {
        "outcome": _no(decision).value,
        "request": request_view(talk.words, asked, choices),
        **drawn_view(None, None),
    }


def _no(decision: bool | None) -> Outcome:
    return Outcome.NOT_ANSWERED if decision is None else Outcome.DECLINED


def _tell_pictures(talk: Talk, drawn: Drawn) -> None:
    several = drawn.animation is not None
    talk.say("screen.pictures" if several else "screen.picture")
    talk.page([f"  {path}" for path in drawn.pictures])
    if several:
        talk.say("screen.animation")
        talk.page([f"  {drawn.animation}"])
