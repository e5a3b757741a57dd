"""Renewing cards that near their end: by the token that came with them, without signing in."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from openid4vc.openid4vci.token import refresh_request_form
from wallet_sim.adding_failures import NotRenewable, RenewalOver, RenewalTooEarly
from wallet_sim.calls import Caller
from wallet_sim.fetching import Fetching
from wallet_sim.flow_failures import IssuerRefused
from wallet_sim.instances import Renewal
from wallet_sim.model import Card
from wallet_sim.offers import Fetched, Grant, OpenOffer
from wallet_sim.opening import OfferReader
from wallet_sim.ports import Store
from wallet_sim.tokens import Tokens
from wallet_sim.tools import Tools
from wallet_sim.waiting import WaitingRoom

NEAR: Final = timedelta(days=30)
"""A card is renewed by itself when it ends sooner."""


class Renewing:
    """Fetches newer cards in the place of those that the wallet holds."""

    def __init__(
        self,
        *,
        store: Store,
        tools: Tools,
        offers: OfferReader,
        calls: Caller,
        fetching: Fetching,
        waiting: WaitingRoom,
    ) -> None:
        self._store = store
        self._tools = tools
        self._offers = offers
        self._tokens = Tokens(tools, calls)
        self._fetching = fetching
        self._waiting = waiting

    def due(self) -> tuple[Card, ...]:
        """Return the cards that end soon, or have ended, and can be renewed."""
        now = self._tools.clock.now()
        return tuple(
            card
            for card in self._store.load().cards
            if card.renewal is not None and _ends_by(card, now + NEAR)
        )

    async def renew(self, card: Card) -> Fetched:
        """Fetch and verify a newer card. ``Wallet.keep`` puts it in the older one's place.

        Raises:
            NotRenewable: the issuer gave no means to.
            RenewalOver: it does not renew this card any more.
            RenewalTooEarly: it gives no newer one while this one is good for long.
            CardComesLater: it does not have it yet; what is needed is kept.
            CheckFailed: as ``OfferReader.reopen`` and ``Fetching.fetch_by``.
        """
        renewal = card.renewal
        if renewal is None:
            raise NotRenewable
        opened = await self._offers.reopen(
            issuer=renewal.issuer,
            configuration_id=renewal.configuration_id,
            server=renewal.server,
        )
        offer = replace(opened, code=f"renew {card.id}")
        if (pending := self._waiting.of(offer)) is not None:
            return await self._waiting.fetch(pending)
        try:
            return await self._fetching.fetch_by(
                offer, lambda: self._refresh(renewal, offer), replaces=card.id
            )
        except IssuerRefused:
            if _ends_by(card, self._tools.clock.now() + NEAR):
                raise
            raise RenewalTooEarly from None

    async def _refresh(self, renewal: Renewal, offer: OpenOffer) -> Grant:
        instance = self._store.load().instance(renewal.server)
        if instance is None:
            raise NotRenewable("no keys at this server")
        form = refresh_request_form(renewal.refresh_token)
        shown = offer.shown_for_token(instance)
        answer = await self._tokens.ask(offer.endpoints.token, form, shown)
        if isinstance(answer, str):
            raise RenewalOver if answer == "invalid_grant" else IssuerRefused(answer)
        return replace(answer, refresh_token=answer.refresh_token or renewal.refresh_token)


def _ends_by(card: Card, moment: datetime) -> bool:
    return card.expires_at is not None and card.expires_at <= moment
