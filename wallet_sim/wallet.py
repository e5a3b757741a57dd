"""The wallet: both flows, the store and the log put together. For the CLI, tests and other code.

Every transaction is logged, also the failed ones; the log never holds a value. Typical use::

    offer = await wallet.open_offer(link)          # shows who offers what
    fetched = await wallet.fetch(offer, pin)       # verified, not stored
    cards = await wallet.keep(fetched)             # or wallet.refuse(fetched)

    offer = await wallet.adding.open(issuer)       # by signing in; see ``adding.flow``
    fetched = await wallet.renewing.renew(card)    # verified; ``keep`` replaces the older one

    request = await wallet.open_request(link)      # verified, nothing sent
    await wallet.share(request, Wish())            # or wallet.decline(request)
"""

from datetime import datetime

from credential_schemas.model import Catalogue
from keys.checks import CheckFailed
from wallet_sim.adding.flow import Adding
from wallet_sim.adding.renewing import Renewing
from wallet_sim.answers import Receipt
from wallet_sim.calls import Caller
from wallet_sim.consent import Wish
from wallet_sim.endings import bad_end
from wallet_sim.failures import CardNotFound
from wallet_sim.fetching import Fetching
from wallet_sim.flow_failures import NoMatchingCard
from wallet_sim.held import HeldCard, open_card, open_cards
from wallet_sim.logbook import Logbook
from wallet_sim.mischief import HONEST, Manners
from wallet_sim.model import Card, LogEntry, Outcome
from wallet_sim.offers import Fetched, OpenOffer
from wallet_sim.opening import OfferReader
from wallet_sim.ports import Store, TrustSource
from wallet_sim.present import KnownReceiver, OpenRequest, Presenter
from wallet_sim.receive import Receiver
from wallet_sim.receive_later import LaterReceiver
from wallet_sim.tools import Tools
from wallet_sim.trusting import TrustKeeper
from wallet_sim.waiting import WaitingRoom

__all__ = ["Fetched", "Wallet"]

CARD_ID_BYTES = 4


class Wallet:
    """One person's wallet."""

    def __init__(self, *, store: Store, tools: Tools, trust_source: TrustSource) -> None:
        self._store = store
        self._tools = tools
        self._trust = TrustKeeper(store=store, source=trust_source, clock=tools.clock)
        self._offers = OfferReader(tools, self._trust.current)
        calls = Caller(tools)
        receiver = Receiver(tools, calls)
        self._presenter = Presenter(tools)
        self._logbook = Logbook(tools.clock, tools.random)
        self.waiting = WaitingRoom(
            store=store,
            tools=tools,
            trust=self._trust,
            offers=self._offers,
            later=LaterReceiver(tools, receiver, calls),
            logbook=self._logbook,
        )
        self._fetching = Fetching(
            store=store,
            tools=tools,
            trust=self._trust,
            receiver=receiver,
            waiting=self.waiting,
            logbook=self._logbook,
        )
        self.adding = Adding(
            store=store,
            tools=tools,
            offers=self._offers,
            calls=calls,
            fetching=self._fetching,
            logbook=self._logbook,
        )
        self.renewing = Renewing(
            store=store,
            tools=tools,
            offers=self._offers,
            calls=calls,
            fetching=self._fetching,
            waiting=self.waiting,
        )

    @property
    def catalogue(self) -> Catalogue:
        """The types and tasks this wallet knows."""
        return self._tools.catalogue

    def now(self) -> datetime:
        """Return the time by this wallet's clock."""
        return self._tools.clock.now()

    # --- what it holds -------------------------------------------------------------------------

    def cards(self) -> tuple[Card, ...]:
        """Return all cards, in the order of receipt."""
        return self._store.load().cards

    def card(self, card_id: str) -> HeldCard:
        """Return one card opened; raises ``CardNotFound``."""
        found = self._store.load().card(card_id)
        if found is None:
            raise CardNotFound
        return open_card(found)

    def log(self) -> tuple[LogEntry, ...]:
        """Return all transactions, oldest first."""
        return self._store.load().log

    def forget(self, card_id: str) -> None:
        """Delete a card and its key; the issuer is not told (ARF-29). Raises ``CardNotFound``."""
        found = self.card(card_id).card
        self._store.change(lambda contents: contents.without_card(found.id))

    # --- receiving -----------------------------------------------------------------------------

    async def open_offer(self, link: str) -> OpenOffer:
        """Read an offer; nothing is fetched with its code.

        Raises:
            CheckFailed: as ``OfferReader.read_link`` and, logged, ``OfferReader.open``.
        """
        found = self._offers.read_link(link)
        try:
            return await self._offers.open(found)
        except CheckFailed as failure:
            self._write(self._logbook.unopened_offer(found, bad_end(failure), failure.code))
            raise

    def has_unfinished(self, offer: OpenOffer) -> bool:
        """Say whether this offer was taken before; its card is still to come."""
        return self._fetching.has_unfinished(offer)

    async def fetch(self, offer: OpenOffer, pin: str | None = None) -> Fetched:
        """Fetch and verify the offered cards. A retry after a lost connection is safe.

        Raises:
            CardComesLater: the issuer does not have it yet; ``waiting`` keeps what is needed.
            CheckFailed: as ``Fetching.fetch``; logged, nothing stored.
        """
        return await self._fetching.fetch(offer, pin)

    async def keep(self, fetched: Fetched) -> tuple[Card, ...]:
        """Store the cards, then tell the issuer; raises as ``Fetching.keep``."""
        return await self._fetching.keep(fetched)

    async def refuse(self, fetched: Fetched) -> None:
        """Drop verified cards because the person does not want them; the issuer is told."""
        await self._fetching.refuse(fetched)

    def leave_offer(self, offer: OpenOffer) -> None:
        """Log that the person did not take up an offer; the issuer is not told."""
        self._write(self._logbook.offer(offer, Outcome.NOT_FETCHED))

    async def receive(self, link: str, *, pin: str | None = None) -> tuple[Card, ...]:
        """Take an offer and keep its cards, without asking anybody. For demos and tests."""
        return await self.keep(await self.fetch(await self.open_offer(link), pin))

    # --- presenting ----------------------------------------------------------------------------

    async def open_request(self, link: str) -> OpenRequest:
        """Fetch and verify a request. Nothing of the wallet is sent.

        An authenticated receiver whose request breaks a rule is told so (OpenID4VP 8.5).

        Raises:
            CheckFailed: as ``Presenter.fetch`` and ``Presenter.weigh``; logged.
        """
        known: KnownReceiver | None = None
        request_link = self._presenter.read_link(link)
        try:
            trust = await self._trust.current()
            known = await self._presenter.fetch(request_link, trust=trust)
            held = open_cards(self._store.load(), trust=trust, at=self.now())
            return self._presenter.weigh(known, held)
        except CheckFailed as failure:
            self._write(
                self._logbook.unshown_request(
                    request_link.client_id,
                    known,
                    bad_end(failure),
                    failure.code,
                    cards=self._presenter.names_asked(known) if known else (),
                )
            )
            if known is not None:
                await self._presenter.send_fault(known, failure)
            raise

    async def share(
        self, request: OpenRequest, wish: Wish | None = None, *, manners: Manners = HONEST
    ) -> Receipt:
        """Show what ``request.choices(wish)`` lists, and nothing else.

        Raises:
            NoMatchingCard, CardDoesNotFit, CannotLeaveOut: nothing was sent.
            ReceiverRefused, ReceiverAnswerUnclear, ConnectionLost: sent, not answered well.
        """
        choices = request.choices(wish)
        # Recorded before anything leaves: whatever happens on the way, the person can see it.
        entry = self._logbook.showing(request, Outcome.UNCLEAR, choices)
        shown = {choice.held.card.id for choice in choices}
        self._store.change(lambda old: old.with_entry(entry).with_turned(shown))
        try:
            acted_by = None if wish is None else wish.acted_by
            sent = await self._presenter.share(request, choices, acted_by=acted_by, manners=manners)
        except CheckFailed as failure:
            code = failure.code
            self._store.change(lambda old: old.with_outcome(entry, Outcome.UNCLEAR, code))
            raise
        self._store.change(lambda old: old.with_outcome(entry, Outcome.SHOWN))
        return sent

    async def decline(self, request: OpenRequest) -> None:
        """Tell the receiver that nothing is shown; refusal and lack of a card look the same."""
        reason = None if request.can_be_answered() else NoMatchingCard.code
        self._write(self._logbook.showing(request, Outcome.DECLINED, (), reason))
        await self._presenter.decline(request)

    def leave_request(self, request: OpenRequest) -> None:
        """Log that the person did not answer; nothing is sent."""
        self._write(self._logbook.showing(request, Outcome.NOT_ANSWERED, ()))

    async def present(
        self, link: str, wish: Wish | None = None, *, manners: Manners = HONEST
    ) -> Receipt:
        """Answer a request without asking anybody. For demos and tests."""
        return await self.share(await self.open_request(link), wish, manners=manners)

    # --- the store -----------------------------------------------------------------------------

    def _write(self, entry: LogEntry) -> None:
        self._store.change(lambda contents: contents.with_entry(entry))
