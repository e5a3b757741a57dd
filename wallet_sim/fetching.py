"""From the right to fetch to cards in the store: fetching, keeping, refusing, and lost answers."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from keys.checks import CheckFailed
from openid4vc.openid4vci.notification import Event
from wallet_sim.adding_failures import SignInNeeded
from wallet_sim.endings import bad_end
from wallet_sim.flow_failures import CardAlreadyHeld, CardComesLater
from wallet_sim.held import new_card
from wallet_sim.instance_keys import InstanceKeys
from wallet_sim.instances import Renewal
from wallet_sim.logbook import Logbook
from wallet_sim.model import Card, Contents, LogEntry, Outcome
from wallet_sim.offers import Fetched, Grant, OpenOffer
from wallet_sim.pending import Unfinished
from wallet_sim.ports import Store
from wallet_sim.receive import Receiver
from wallet_sim.tools import Tools
from wallet_sim.trusting import TrustKeeper
from wallet_sim.waiting import WaitingRoom

CARD_ID_BYTES = 4


class Fetching:
    """Fetches cards and stores them; every end is logged."""

    def __init__(
        self,
        *,
        store: Store,
        tools: Tools,
        trust: TrustKeeper,
        receiver: Receiver,
        waiting: WaitingRoom,
        logbook: Logbook,
    ) -> None:
        self._store = store
        self._tools = tools
        self._trust = trust
        self._receiver = receiver
        self._waiting = waiting
        self._keys = InstanceKeys(store, tools)
        self._logbook = logbook

    def has_unfinished(self, offer: OpenOffer) -> bool:
        """Say whether this offer was taken before; its card is still to come."""
        return self._unfinished(offer) is not None or self._waiting.of(offer) is not None

    async def fetch(self, offer: OpenOffer, pin: str | None) -> Fetched:
        """Fetch and verify the offered cards. A retry after a lost connection is safe.

        Raises:
            SignInNeeded: the cards come without a code, and nothing of them is on its way.
            CardComesLater: the issuer does not have it yet; what is needed is kept.
            CheckFailed: as ``Receiver.token`` and ``Receiver.fetch``; logged, nothing stored.
        """
        if (pending := self._waiting.of(offer)) is not None:
            return await self._waiting.fetch(pending)
        grant = self._unfinished(offer)
        if grant is None:
            if offer.sign_in is not None:
                raise SignInNeeded
            offer.check_pin(pin)

        async def granted() -> Grant:
            instance = self._keys.at(offer.server) if offer.binds_tokens else None
            return grant or await self._receiver.token(offer, pin, instance)

        return await self.fetch_by(offer, granted)

    async def fetch_by(
        self,
        offer: OpenOffer,
        granted: Callable[[], Awaitable[Grant]],
        *,
        replaces: str | None = None,
    ) -> Fetched:
        """Fetch and verify by a right that is had now.

        Args:
            offer: what to fetch.
            granted: gives the right.
            replaces: the id of the card that the new one takes the place of.

        Raises:
            CardComesLater: the issuer does not have it yet; what is needed is kept.
            CheckFailed: as ``granted`` and ``Receiver.fetch``; logged, nothing stored.
        """
        try:
            trust = await self._trust.current()
            grant = await granted()
            if replaces is None:
                self._remember(offer, grant)
            try:
                cards = await self._receiver.fetch(offer, grant, trust=trust)
            except CardComesLater as later:
                self._waiting.take(offer, grant, later, replaces=replaces)
                raise
        except CardComesLater:
            raise
        except CheckFailed as failure:
            self.settle_failed(offer, failure)
            raise
        return Fetched(offer, grant, cards, replaces)

    async def keep(self, fetched: Fetched) -> tuple[Card, ...]:
        """Store the cards, then tell the issuer (credential_accepted).

        Raises:
            CardAlreadyHeld: the same credential is in the store.
            StoreNotWritable: nothing was stored.
        """
        now = self._tools.clock.now()
        renewal = renewal_of(fetched)
        cards = tuple(
            replace(
                new_card(one.issued, card_id=self._tools.random.bytes(CARD_ID_BYTES).hex(), at=now),
                renewal=renewal,
            )
            for one in fetched.cards
        )
        entry = self._logbook.receipt(fetched.cards, Outcome.RECEIVED)

        def put(contents: Contents) -> Contents:
            if {held.sd_jwt for held in contents.cards} & {card.sd_jwt for card in cards}:
                raise CardAlreadyHeld
            for card in cards:
                contents = contents.with_card(card)
            if fetched.replaces is not None:
                contents = contents.without_card(fetched.replaces)
            return contents.without_unfinished(fetched.offer.fingerprint(), at=now).with_entry(
                entry
            )

        self._store.change(put)
        await self._receiver.tell(fetched.offer, fetched.grant, fetched.cards, Event.ACCEPTED)
        return cards

    async def refuse(self, fetched: Fetched) -> None:
        """Drop verified cards because the person does not want them (credential_deleted, 11.1)."""
        self._finish(fetched.offer, self._logbook.receipt(fetched.cards, Outcome.NOT_KEPT))
        await self._receiver.tell(fetched.offer, fetched.grant, fetched.cards, Event.DELETED)

    def settle_failed(self, offer: OpenOffer, failure: CheckFailed) -> None:
        """Log a failure; only when the other side failed is the token worth keeping."""
        outcome = bad_end(failure)
        entry = self._logbook.offer(offer, outcome, failure.code)
        if outcome is Outcome.FAILED:
            self._store.change(lambda contents: contents.with_entry(entry))
        else:
            self._finish(offer, entry)

    def _unfinished(self, offer: OpenOffer) -> Grant | None:
        now, contents = self._tools.clock.now(), self._store.load()
        for one in contents.unfinished:
            if one.offer == offer.fingerprint() and one.expires_at > now:
                return Grant(
                    one.access_token,
                    one.expires_at,
                    one.identifiers,
                    one.refresh_token,
                    contents.instance(one.server),
                )
        return None

    def _remember(self, offer: OpenOffer, grant: Grant) -> None:
        """Keep the token while an answer may be lost."""
        kept = Unfinished(
            offer=offer.fingerprint(),
            access_token=grant.access_token,
            expires_at=grant.expires_at,
            server=None if grant.instance is None else offer.server,
            refresh_token=grant.refresh_token,
            identifiers=grant.identifiers,
        )
        self._store.change(lambda contents: contents.with_unfinished(kept))

    def _finish(self, offer: OpenOffer, entry: LogEntry) -> None:
        now = self._tools.clock.now()
        self._store.change(
            lambda contents: contents.without_unfinished(offer.fingerprint(), at=now).with_entry(
                entry
            )
        )


def renewal_of(fetched: Fetched) -> Renewal | None:
    """Return how fetched cards are renewed: by a token that no other wallet can use, or not."""
    grant, offer = fetched.grant, fetched.offer
    if grant.refresh_token is None or grant.instance is None or offer.sign_in is None:
        return None
    return Renewal(
        issuer=offer.offer.issuer,
        configuration_id=next(iter(offer.wanted)),
        server=offer.server,
        refresh_token=grant.refresh_token,
    )
