"""Revoking an own card: the wallet asks for a request, shows what it brings about, and answers.

It begins here, at the person's word, never with a code that somebody shows: a scanned request that
wants anything confirmed is refused as before. What leaves is the card without the data on it that
can be left out, bound to this request, to the issuer's client for revoking and to what the request
says it brings about (OpenID4VP 1.0, 8.4 and B.3.3).
"""

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

from keys.trust import RelyingParty
from openid4vc.checks import CheckFailed
from openid4vc.openid4vp.link import parse_request_link
from openid4vc.openid4vp.read_request import TrustedRequest, read_parameters
from openid4vc.openid4vp.response import encrypt_response, response_form
from openid4vc.openid4vp.transaction_data import (
    CARD_TYPE,
    ORGANISATION,
    REVOKE_CARD,
    Transaction,
)
from openid4vc.openid4vp.write_request import AuthorizationRequest
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.present import select
from openid4vc.shapes import Shape
from wallet_sim.answers import json_object
from wallet_sim.failures import CardNotFound
from wallet_sim.flow_failures import (
    ConnectionLost,
    IssuerAnswerUnclear,
    IssuerBusy,
    OfferGone,
    ReceiverAnswerUnclear,
    ReceiverRefused,
    RequestGone,
)
from wallet_sim.held import HeldCard, holder_signer, open_card
from wallet_sim.logbook import Logbook
from wallet_sim.model import Card, Checked, Kind, LogEntry, LoggedCard, Outcome, Standing
from wallet_sim.ports import Reply, Store, TrustSource
from wallet_sim.present import KnownReceiver, Presenter
from wallet_sim.revoking_failures import RevocationNotPossible, RevocationRequestUnfit
from wallet_sim.tools import Tools
from wallet_sim.trusting import TrustKeeper

ROLE: Final = "card_revocation"
"""What a receiver has to be on the trust list to be answered with such a presentation."""

_ISSUER: Final = Shape(IssuerAnswerUnclear)
_REVOKED: Final = frozenset({"revoked", "revoked_before"})
_OTHER_SIDE: Final = (
    ConnectionLost,
    IssuerAnswerUnclear,
    IssuerBusy,
    ReceiverAnswerUnclear,
    RequestGone,
)


@dataclass(frozen=True, slots=True)
class OpenRevocation:
    """A verified request to revoke one card; nothing has been sent but its type.

    Attributes:
        held: the card.
        party: who revokes, as the trust list names them.
        request: what is answered.
        transaction: what the answer brings about.
    """

    held: HeldCard
    party: RelyingParty
    request: AuthorizationRequest
    transaction: Transaction
    known: KnownReceiver = field(repr=False)


class Revoking:
    """The flow over one wallet's store and tools."""

    def __init__(self, *, store: Store, tools: Tools, trust_source: TrustSource) -> None:
        self._store = store
        self._tools = tools
        self._presenter = Presenter(tools)
        self._trust = TrustKeeper(store=store, source=trust_source, clock=tools.clock)
        self._logbook = Logbook(tools.clock, tools.random)

    def card(self, card_id: str) -> HeldCard:
        """Return the card with this id, or whose id begins so; raises ``CardNotFound``."""
        found = self._store.load().card(card_id)
        if found is None:
            raise CardNotFound
        return open_card(found)

    async def open(self, held: HeldCard) -> OpenRevocation:
        """Ask the card's issuer for a request and check that it revokes this card and no more.

        Raises:
            RevocationNotPossible: the issuer offers no such thing, or not any more.
            RevocationRequestUnfit: what came is a request for something else.
            CheckFailed: it cannot be had, breaks a rule, or comes from a stranger; logged.
        """
        known: KnownReceiver | None = None
        try:
            link = parse_request_link(
                await self._ask(held), allow_loopback_http=self._tools.unsafe_loopback_http
            )
            trust = await self._trust.current()
            known = await self._presenter.fetch(link, trust=trust)
            trusted = read_parameters(
                known.authenticated,
                allow_loopback_http=self._tools.unsafe_loopback_http,
                confirms_transactions=True,
            )
            transaction = _fitting(trusted, held)
        except CheckFailed as failure:
            lost = isinstance(failure, _OTHER_SIDE)
            outcome = Outcome.FAILED if lost else Outcome.REFUSED
            self._write(self._entry(held, known, outcome, failure.code))
            raise
        return OpenRevocation(held, trusted.relying_party, trusted.request, transaction, known)

    async def revoke(self, opened: OpenRevocation) -> Card:
        """Present the card so that it is revoked; it stays in the wallet, marked.

        Raises:
            ReceiverRefused, ReceiverAnswerUnclear, ConnectionLost: it may have been revoked.
        """
        # Recorded before anything leaves: whatever happens on the way, the person can see it.
        entry = self._entry(opened.held, opened.known, Outcome.UNCLEAR, None)
        self._write(entry)
        try:
            await self._send(opened)
        except CheckFailed as failure:
            code = failure.code
            self._store.change(lambda old: old.with_outcome(entry, Outcome.UNCLEAR, code))
            raise
        now, card_id = self._tools.clock.now(), opened.held.card.id
        seen = Checked(standing=Standing.REVOKED, at=now, as_of=now)
        contents = self._store.change(
            lambda old: old.with_outcome(entry, Outcome.REVOKED).with_checked({card_id: seen})
        )
        return contents.card(card_id) or opened.held.card

    def leave(self, opened: OpenRevocation) -> None:
        """Log that the person thought better of it; nothing is sent."""
        self._write(self._entry(opened.held, opened.known, Outcome.NOT_ANSWERED, None))

    async def _ask(self, held: HeldCard) -> str:
        """Return the link to a request that the card's issuer, as the card names it, gives."""
        issuer = _ISSUER.url(
            held.claims.get("iss"),
            "iss",
            allow_loopback_http=self._tools.unsafe_loopback_http,
        )
        reply = await self._tools.network.post(f"{issuer}/revocations", form={"vct": held.card.vct})
        try:
            told = json_object(reply)
        except OfferGone:
            raise RevocationNotPossible from None
        return _ISSUER.text(told.get("request_link"), "request_link")

    async def _send(self, opened: OpenRevocation) -> None:
        asked = opened.request
        presented = bind(
            select(opened.held.sd_jwt, ()),
            signer=holder_signer(opened.held.card),
            audience=asked.client_id,
            nonce=asked.nonce,
            at=self._tools.clock.now(),
            transaction_data=(opened.transaction.text,),
        )
        (query,) = asked.query.credentials
        form = response_form(encrypt_response(asked, {query.id: [presented]}))
        _check_done(await self._tools.network.post(asked.response_uri, form=form))

    def _entry(
        self, held: HeldCard, known: KnownReceiver | None, outcome: Outcome, reason: str | None
    ) -> LogEntry:
        """Return the log's entry: the issuer while nobody else is known."""
        card = held.card
        entry = self._logbook.unshown_request("", known, outcome, reason or "")
        if known is None:
            entry = replace(entry, party_id=card.issuer_id, party_names=dict(card.issuer_names))
        shown = (LoggedCard(type_id=card.type_id),)
        return replace(entry, kind=Kind.REVOKE, cards=shown, reason=reason)

    def _write(self, entry: LogEntry) -> None:
        self._store.change(lambda contents: contents.with_entry(entry))


def _fitting(trusted: TrustedRequest, held: HeldCard) -> Transaction:
    """Return the transaction of a request that revokes this card, asks for it, and for no data."""
    card = held.card
    if ROLE not in trusted.relying_party.roles:
        raise RevocationRequestUnfit("the receiver is not one that revokes")
    credentials = trusted.request.query.credentials
    if len(credentials) != 1 or len(trusted.transactions) != 1:
        raise RevocationRequestUnfit("more or less than one card and transaction")
    (query,), (transaction,) = credentials, trusted.transactions
    if query.vct_values != (card.vct,) or query.claims:
        raise RevocationRequestUnfit("another card, or data on it")
    expected = {ORGANISATION: card.issuer_id, CARD_TYPE: card.vct}
    if transaction.type != REVOKE_CARD or transaction.details != expected:
        raise RevocationRequestUnfit("another transaction")
    return transaction


def _check_done(reply: Reply) -> None:
    if HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ReceiverRefused(f"status {reply.status}")
    try:
        outcome = json_object(reply).get("outcome")
    except CheckFailed:
        raise ReceiverAnswerUnclear(f"status {reply.status}") from None
    if outcome not in _REVOKED:
        raise ReceiverAnswerUnclear("outcome")
