"""The cards that come later: what is kept of them, and asking when it is time."""

from dataclasses import replace

from keys.checks import CheckFailed
from openid4vc.openid4vci.deferred import Deferral
from wallet_sim.endings import bad_end
from wallet_sim.flow_failures import CardComesLater
from wallet_sim.logbook import Logbook
from wallet_sim.model import Contents, Outcome
from wallet_sim.offers import Fetched, Grant, OpenOffer
from wallet_sim.opening import OfferReader
from wallet_sim.pending import Pending
from wallet_sim.ports import Store
from wallet_sim.receive_later import LaterReceiver, asked_again
from wallet_sim.tools import Tools
from wallet_sim.trusting import TrustKeeper

PENDING_ID_BYTES = 4


class WaitingRoom:
    """Offers that were taken and whose cards are not there yet."""

    def __init__(
        self,
        *,
        store: Store,
        tools: Tools,
        trust: TrustKeeper,
        offers: OfferReader,
        later: LaterReceiver,
        logbook: Logbook,
    ) -> None:
        self._store = store
        self._tools = tools
        self._trust = trust
        self._offers = offers
        self._later = later
        self._logbook = logbook

    def all(self) -> tuple[Pending, ...]:
        """Return every card to come, in the order in which their offers were taken."""
        return self._store.load().pending

    def of(self, offer: OpenOffer) -> Pending | None:
        """Return the card to come of an offer that was taken before."""
        fingerprint = offer.fingerprint()
        return next((one for one in self.all() if one.offer == fingerprint), None)

    def is_due(self, pending: Pending) -> bool:
        """Whether the issuer may be asked by now (9.2: not before the interval is over)."""
        return self._tools.clock.now() >= pending.ask_after

    def take(
        self,
        offer: OpenOffer,
        grant: Grant,
        later: CardComesLater,
        *,
        replaces: str | None = None,
    ) -> None:
        """Keep what is needed to come back, in place of anything kept for the same offer."""
        new_id = self._tools.random.bytes(PENDING_ID_BYTES).hex()
        pending = self._later.begin(offer, grant, later, id=new_id, replaces=replaces)
        entry = self._logbook.offer(offer, Outcome.COMES_LATER)
        self._store.change(
            lambda contents: (
                contents.without_unfinished(pending.offer, at=pending.since)
                .with_pending(pending)
                .with_entry(entry)
            )
        )

    async def fetch(self, pending: Pending) -> Fetched:
        """Ask about one card; otherwise as ``ask``.

        Raises:
            CardComesLater: it is not there yet.
        """
        fetched = await self.ask(pending)
        if fetched is None:
            raise self._later.still_to_come(pending)
        return fetched

    async def ask(self, pending: Pending) -> Fetched | None:
        """Ask the issuer about one card, if it is time.

        Returns:
            The verified card, not stored; None when it is not there yet, or not yet to be asked.

        Raises:
            OfferGone, IssuerRefused: there will be no card; nothing is kept of it any more.
            IssuerBusy, IssuerAnswerUnclear, ConnectionLost: ask again later.
            CheckFailed: the card does not pass; nothing is kept of it.
        """
        if not self.is_due(pending):
            return None
        offer = await self._offer_of(pending)
        instance = self._store.load().instance(pending.server)
        try:
            trust = await self._trust.current()
            if self._later.needs_refresh(pending):
                # The new tokens are stored before anything is done with them.
                pending = await self._later.refresh(pending, offer, instance)
                self._keep(pending)
            grant = self._later.grant_of(pending, instance)
            answer = await self._later.ask(pending, offer, grant, trust=trust)
        except CardComesLater as later:
            # It had to be asked for anew, and the issuer has lost it again.
            grant = self._later.grant_of(pending, instance)
            self.take(offer, grant, later, replaces=pending.replaces)
            return None
        except CheckFailed as failure:
            self._settle(pending, failure)
            raise
        if isinstance(answer, Deferral):
            again = asked_again(pending, answer, at=self._tools.clock.now())
            self._keep(again)
            return None
        return Fetched(offer, grant, (answer,), pending.replaces)

    async def _offer_of(self, pending: Pending) -> OpenOffer:
        """Return the offer, with what its issuer says today where keys and encryption matter."""
        offer = self._later.offer_of(pending)
        if pending.server is None and not pending.is_encrypted:
            return offer
        opened = await self._offers.reopen(
            issuer=pending.issuer,
            configuration_id=pending.configuration_id,
            server=pending.server,
        )
        sign_in = opened.sign_in if pending.is_signed_in else None
        return replace(opened, offer=offer.offer, code=offer.code, sign_in=sign_in)

    def _keep(self, pending: Pending) -> None:
        """Store a change, unless somebody else has put the card away meanwhile."""

        def change(contents: Contents) -> Contents:
            is_there = any(one.id == pending.id for one in contents.pending)
            return contents.with_pending(pending) if is_there else contents

        self._store.change(change)

    def _settle(self, pending: Pending, failure: CheckFailed) -> None:
        """Forget a card that will not come, and log it; what may still come is kept."""
        if bad_end(failure) is Outcome.FAILED:
            return
        offer = self._later.offer_of(pending)
        entry = self._logbook.offer(offer, Outcome.REFUSED, failure.code)
        self._store.change(
            lambda contents: contents.without_unfinished(pending.offer, at=None).with_entry(entry)
        )
