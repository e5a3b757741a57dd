"""Answering by codes on the screen: to a desk's challenge, or to nobody. There is no network here.

Trust comes from the list in the store. What is shown is recorded before it is drawn.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from credential_schemas.model import Catalogue
from keys.checks import CheckFailed
from keys.jose import b64url_encode
from keys.trust import RelyingParty
from openid4vc.dcql.profiles import query_for
from openid4vc.qr.answer import (
    MAX_AGE,
    SELF_INITIATED_AUDIENCE,
    write_bound,
    write_self_initiated,
)
from openid4vc.qr.challenge import Challenge
from openid4vc.qr.errors import ChallengeExpired, MessageTooLarge
from openid4vc.qr.frames import SINGLE_QR_DIGITS, Message, write_frames, write_frames_within
from openid4vc.qr.read_challenge import TrustedChallenge, read_challenge
from openid4vc.qr.restoring import CertificateLookup
from wallet_sim.asking import Asking
from wallet_sim.consent import Choice, Wish, parts_of
from wallet_sim.failures import CardNotFound
from wallet_sim.flow_failures import NoMatchingCard, PurposeUnknown
from wallet_sim.held import HeldCard, holder_signer, open_card, open_cards
from wallet_sim.links import require_challenge
from wallet_sim.logbook import Logbook, not_drawn
from wallet_sim.mischief import HONEST, Binding, Manners
from wallet_sim.model import Contents, LogEntry, Outcome
from wallet_sim.over_asking import profile_of
from wallet_sim.ports import Clock, Random, Store
from wallet_sim.self_initiated import Wanted, choose_to_show
from wallet_sim.trusting import stored_list

NONCE_BYTES = 16
T = TypeVar("T")
Draw = Callable[[Sequence[str]], T]
"""Draws frames of digits; raises ``CheckFailed`` when nothing could be drawn."""


@dataclass(frozen=True, slots=True)
class OpenChallenge(Asking):
    """A desk's challenge that may be shown to the person."""

    challenge: Challenge

    def open_until(self) -> datetime:
        """Return when the desk stops taking answers: reading takes some people longer."""
        return self.challenge.expires_at + MAX_AGE

    def answer_lives_until(self, at: datetime) -> datetime:
        """Return until when the desk takes an answer that is made at this time."""
        return min(at + MAX_AGE, self.open_until())


class Offline:
    """One wallet without a network."""

    def __init__(self, *, store: Store, clock: Clock, random: Random, catalogue: Catalogue) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._catalogue = catalogue
        self._logbook = Logbook(clock, random)

    def card_ids(self, beginnings: Iterable[str]) -> tuple[str, ...]:
        """Return the full ids of cards; raises ``CardNotFound``."""
        contents = self._store.load()
        found = [contents.card(beginning) for beginning in beginnings]
        if None in found:
            raise CardNotFound
        return tuple(card.id for card in found if card is not None)

    # --- a desk's challenge --------------------------------------------------------------------

    def open_challenge(self, link: str) -> OpenChallenge:
        """Read a challenge and find out who asks what, and whether they may. Nothing is shown.

        Raises:
            NotALink, LinkIsAnOffer, LinkIsARequest, LinkTooLong: some other link.
            CheckFailed: as ``read_challenge``; logged.
            PurposeUnknown, OverAsked: the desk may not ask for this; logged.
        """
        require_challenge(link)
        contents, now = self._store.load(), self._clock.now()
        party: RelyingParty | None = None
        try:
            # 1. Signed by a receiver on the trust list, and alive.
            trust = stored_list(contents.trust, at=now)
            trusted = read_challenge(
                link, trust=trust, at=now, certificates=_lookup(contents.desk_certificates)
            )
            party = trusted.relying_party
            # 2. One of its roles may ask this.
            asked = self._weigh(trusted, open_cards(contents, trust=trust, at=now), now)
        except CheckFailed as failure:
            self._write(self._logbook.refused_challenge(party, failure.code))
            raise
        # 3. A later challenge may leave the certificate out.
        if trusted.certificate not in contents.desk_certificates:
            self._store.change(lambda old: old.with_desk_certificate(trusted.certificate))
        return asked

    def answer(
        self,
        asked: OpenChallenge,
        wish: Wish | None = None,
        *,
        draw: Draw[T],
        total: int | None = None,
        manners: Manners = HONEST,
    ) -> T:
        """Draw what ``asked.choices(wish)`` lists, for the desk that asked and nobody else.

        Args:
            asked: from ``open_challenge``.
            wish: what the person wants differently.
            draw: draws the frames; its result is returned.
            total: how many frames, 1 to 8; the fewest that do when None.
            manners: honest, but in training.

        Raises:
            NoMatchingCard, CardDoesNotFit, CannotLeaveOut: nothing was drawn.
            ChallengeExpired: the desk takes no answer any more; logged.
            MessageTooLarge, CompactTooLarge: it does not fit the codes.
            CheckFailed: of ``draw``; logged as not answered.
        """
        choices = asked.choices(wish)
        if self._clock.now() >= asked.open_until():
            code = ChallengeExpired.code
            self._write(self._logbook.showing(asked, Outcome.NOT_ANSWERED, (), code))
            raise ChallengeExpired("while the person decided")
        challenge = asked.challenge
        presentation = self._presentation(
            choices[0], manners, audience=challenge.client_id, nonce=challenge.nonce
        )
        message = write_bound(presentation, challenge=manners.challenge(challenge))
        entry = self._logbook.showing(asked, Outcome.SHOWN_ON_SCREEN, choices)
        return self._show(entry, choices[0], frames_of(message, total), draw)

    def decline(self, asked: OpenChallenge) -> None:
        """Log that the person said no; nobody is told."""
        self._write(self._logbook.showing(asked, Outcome.DECLINED, (), _lack(asked)))

    def leave(self, asked: OpenChallenge) -> None:
        """Log that the person did not answer."""
        self._write(self._logbook.showing(asked, Outcome.NOT_ANSWERED, (), _lack(asked)))

    # --- nobody asked --------------------------------------------------------------------------

    def choose(self, wanted: Wanted) -> Choice:
        """Return what would be shown; raises as ``choose_to_show``. Nothing is shown."""
        held = [open_card(card) for card in self._store.load().cards]
        return choose_to_show(wanted, held, catalogue=self._catalogue, at=self._clock.now())

    def show(
        self,
        choice: Choice,
        *,
        draw: Draw[T],
        total: int | None = None,
        manners: Manners = HONEST,
    ) -> T:
        """Draw a choice of ``choose``, unencrypted: whoever sees the code can read it.

        Desks take it for a minute and confirm nothing by it. The arguments are those of ``answer``.

        Raises:
            MessageTooLarge, CompactTooLarge: it does not fit the codes.
            CheckFailed: of ``draw``; logged as not answered.
        """
        nonce = b64url_encode(self._random.bytes(NONCE_BYTES))
        presentation = self._presentation(
            choice, manners, audience=SELF_INITIATED_AUDIENCE, nonce=nonce
        )
        frames = frames_of(write_self_initiated(presentation), total)
        return self._show(self._logbook.self_initiated(choice), choice, frames, draw)

    def now(self) -> datetime:
        """Return the time by this wallet's clock."""
        return self._clock.now()

    # --- steps ---------------------------------------------------------------------------------

    def _weigh(
        self, trusted: TrustedChallenge, cards: Sequence[HeldCard], now: datetime
    ) -> OpenChallenge:
        party, challenge = trusted.relying_party, trusted.challenge
        known = self._catalogue.profiles.get(challenge.profile_id)
        if known is None:
            raise PurposeUnknown
        # Codes carry one card: the one that the task cannot do without.
        alone = replace(known, further=(), several=False)
        query = query_for(alone, self._catalogue)
        profile = profile_of(query, known.id, roles=party.roles, catalogue=self._catalogue)
        parts = parts_of(query, cards, catalogue=self._catalogue, at=now)
        return OpenChallenge(party, challenge.client_id, profile, query, parts, challenge)

    def _presentation(self, choice: Choice, manners: Manners, *, audience: str, nonce: str) -> str:
        signer = holder_signer(choice.held.card)
        binding = Binding(signer=signer, audience=audience, nonce=nonce, at=self._clock.now())
        return manners.presentation(choice.held.sd_jwt, choice.answer.places, binding)

    def _show(self, entry: LogEntry, choice: Choice, frames: Sequence[str], draw: Draw[T]) -> T:
        shown = {choice.held.card.id}
        self._store.change(lambda old: old.with_entry(entry).with_turned(shown))
        try:
            return draw(frames)
        except CheckFailed as failure:
            undone = not_drawn(entry, failure.code)
            self._store.change(lambda old: old.with_changed(entry, undone))
            raise

    def _write(self, entry: LogEntry) -> None:
        def added(contents: Contents) -> Contents:
            return contents.with_entry(entry)

        self._store.change(added)


def frames_of(message: Message, total: int | None) -> tuple[str, ...]:
    """Return the frames, none of which needs a larger code than version 32 at level L.

    Raises:
        MessageTooLarge: they would, or ``total`` is not 1 to 8.
    """
    if total is None:
        return write_frames_within(message)
    frames = write_frames(message, total=total)
    if max(map(len, frames)) > SINGLE_QR_DIGITS:
        raise MessageTooLarge("for so few frames")
    return frames


def _lookup(certificates: Sequence[bytes]) -> CertificateLookup:
    return {sha256(der).digest(): der for der in certificates}.get


def _lack(asked: Asking) -> str | None:
    return None if asked.can_be_answered() else NoMatchingCard.code
