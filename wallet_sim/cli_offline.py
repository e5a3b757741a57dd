"""``kyky-wallet challenge``, ``qr`` and ``scan``: the codes of a wallet without network."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path

import click

from keys.ports import Signer
from keys.software_signer import SoftwareSigner
from openid4vc.qr.frames import MAX_FRAMES
from wallet_sim import views
from wallet_sim.arguments import link_from
from wallet_sim.cli_control import offer_report
from wallet_sim.cli_present import Answering
from wallet_sim.cli_screen import Drawing, answer_challenge, show_unasked, tell_codes
from wallet_sim.consent import Wish
from wallet_sim.drawing import draw_to
from wallet_sim.edges import own_catalogue
from wallet_sim.mischief import (
    HONEST,
    Manners,
    Misbehaviour,
    misbehaviours_at_desk,
    misbehaviours_in_the_open,
)
from wallet_sim.model import Kind
from wallet_sim.running import run
from wallet_sim.self_initiated import Wanted
from wallet_sim.session import Session
from wallet_sim.talk import Talk

PICTURE = "answer.png"
AT_DESK = tuple(misbehaviours_at_desk(SoftwareSigner.generate()))
IN_THE_OPEN = tuple(misbehaviours_in_the_open(SoftwareSigner.generate()))
OUT = "The picture; by default answer.png in the wallet's folder."
TRAINING = "TRAINING: what a desk must notice."

Listed = Callable[[Signer], Mapping[str, Misbehaviour]]


@dataclass(frozen=True, slots=True)
class How:
    """What the options say that both kinds of answer share."""

    decision: bool | None
    out: Path | None
    frames: int | None
    misbehave: str | None

    def drawing(self, session: Session) -> Drawing:
        """Return how to draw: by default into the wallet's folder, which is its owner's alone."""
        return Drawing(partial(draw_to, self.out or session.home / PICTURE), self.frames)

    def manners(self, talk: Talk, listed: Listed) -> Manners:
        """Return how to present; a misbehaviour is announced."""
        if self.misbehave is None:
            return HONEST
        talk.warn(talk.words.say("training.misbehaves", name=self.misbehave))
        manners = listed(SoftwareSigner.generate())[self.misbehave].manners
        if manners.times_sent > 1:
            talk.warn(talk.words.say("training.show_again"))
        return manners


def _png(_ctx: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() != ".png":
        raise click.BadParameter("must end in .png")
    return value


def _answers(misbehaviours: Collection[str]) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command whose shared options come to it as ``how``."""

    def decorated(work: Callable[..., None]) -> click.Command:
        @wraps(work)
        def gathered(
            *args: object,
            decision: bool | None,
            out: Path | None,
            frames: int | None,
            misbehave: str | None,
            **rest: object,
        ) -> None:
            work(*args, how=How(decision, out, frames, misbehave), **rest)

        command: Callable[..., None] = click.pass_obj(gathered)
        for option in (
            click.option("--misbehave", type=click.Choice(misbehaviours), help=TRAINING),
            click.option(
                "--frames", type=click.IntRange(1, MAX_FRAMES), help="Draw so many smaller codes."
            ),
            click.option("--out", type=click.Path(path_type=Path), callback=_png, help=OUT),
            click.option("--approve/--decline", "decision", default=None, help="Do not ask."),
        ):
            command = option(command)
        return click.command(command)

    return decorated


@click.argument("code")
@click.option("--leave-out", multiple=True, metavar="CLAIM", help="An optional claim to keep back.")
@click.option("--card", "cards", multiple=True, metavar="ID", help="The card to answer with.")
@_answers(AT_DESK)
def challenge(
    session: Session, code: str, *, leave_out: tuple[str, ...], cards: tuple[str, ...], how: How
) -> None:
    """Answer a desk without network. CODE is its challenge: a link, or a picture of its QR code.

    Draws QR codes that only this desk can open. Nothing is sent anywhere.
    """

    def work(session: Session, talk: Talk) -> views.View:
        link = link_from(code)
        wallet = session.offline()
        answering = Answering(
            wish=Wish(leave_out, wallet.card_ids(cards)),
            decision=how.decision,
            manners=how.manners(talk, misbehaviours_at_desk),
        )
        return answer_challenge(wallet, talk, link, answering, how.drawing(session))

    run(session, work, Kind.PRESENT, after=offer_report)


@click.option(
    "--type", "type_id", metavar="TYPE", help="The type of the card; the newest is shown."
)
@click.option("--card", metavar="ID", help="The card.")
@click.option("--claims", multiple=True, metavar="CLAIM,CLAIM", help="What to show of it.")
@click.option("--profile", "profile_id", metavar="ID", help="Show what this task asks for.")
@_answers(IN_THE_OPEN)
def qr(
    session: Session,
    *,
    type_id: str | None,
    card: str | None,
    claims: tuple[str, ...],
    profile_id: str | None,
    how: How,
) -> None:
    """Draw a QR code of your own accord: for one minute, unencrypted, never with health data."""
    names = tuple(name for listed in claims for name in listed.split(",") if name)
    _check_wanted(type_id, card, names, profile_id)

    def work(session: Session, talk: Talk) -> views.View:
        wallet = session.offline()
        wanted = Wanted(
            type_id=type_id or _type_of(profile_id),
            card_id=wallet.card_ids((card,))[0] if card else None,
            names=names,
            profile_id=profile_id,
        )
        manners = how.manners(talk, misbehaviours_in_the_open)
        answering = Answering(decision=how.decision, manners=manners)
        return show_unasked(wallet, talk, wanted, answering, how.drawing(session))

    run(session, work, Kind.PRESENT)


@click.command()
@click.argument("pictures", nargs=-1, required=True)
@click.pass_obj
def scan(session: Session, pictures: tuple[str, ...]) -> None:
    """Say what QR codes hold, in PICTURES or as texts. Changes nothing, and checks nobody."""
    run(session, lambda _, talk: tell_codes(talk, pictures))


def _type_of(profile_id: str | None) -> str | None:
    return own_catalogue().profiles[profile_id].credential_type if profile_id else None


def _check_wanted(
    type_id: str | None, card: str | None, names: tuple[str, ...], profile_id: str | None
) -> None:
    catalogue = own_catalogue()
    if bool(names) == bool(profile_id):
        raise click.UsageError("give either --claims or --profile")
    if names and bool(type_id) == bool(card):
        raise click.UsageError("give either --type or --card")
    if profile_id and type_id:
        raise click.UsageError("--profile names the type already")
    if profile_id and profile_id not in catalogue.profiles:
        raise click.UsageError(f"--profile is one of: {', '.join(catalogue.profiles)}")
    if type_id and type_id not in catalogue.types:
        raise click.UsageError(f"--type is one of: {', '.join(catalogue.types)}")
