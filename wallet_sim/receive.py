"""Receiving: a token is fetched with the PIN, a card asked for and verified.

Nothing is stored here. A lost answer after the token is asked for again with a fresh nonce; the
issuer then takes back what nobody got.
"""

from collections.abc import Mapping
from http import HTTPStatus

from credential_schemas.model import CredentialType
from keys.trust import TrustList
from openid4vc.checks import CheckFailed
from openid4vc.openid4vci.credential import (
    CredentialResponse,
    read_credential_response,
)
from openid4vc.openid4vci.deferred import Deferral, read_deferral
from openid4vc.openid4vci.errors import InvalidNonce
from openid4vc.openid4vci.nonce import read_nonce_response
from openid4vc.openid4vci.notification import Event, Notification, notification_json
from openid4vc.openid4vci.token import token_request_form
from wallet_sim.answers import BUSY, error_code, json_object
from wallet_sim.calls import Caller
from wallet_sim.copies import check_copies
from wallet_sim.described import TypeDescriptions
from wallet_sim.envelope import Envelope
from wallet_sim.flow_failures import (
    CardComesLater,
    ConnectionLost,
    IssuerBusy,
    IssuerRefused,
    OfferGone,
    PinNotAccepted,
)
from wallet_sim.instances import Instance
from wallet_sim.issued_card import Asked
from wallet_sim.key_proofs import Asking, ProofKind, Wanted, card_request
from wallet_sim.offers import FetchedCard, Grant, OpenOffer
from wallet_sim.ports import Reply
from wallet_sim.tokens import Tokens
from wallet_sim.tools import Tools

TRIES = 3
WRONG_CODE = frozenset({"invalid_grant", "invalid_tx_code"})


class Receiver:
    """The receiving flow over its tools."""

    def __init__(self, tools: Tools, calls: Caller) -> None:
        self._tools = tools
        self._calls = calls
        self._tokens = Tokens(tools, calls)
        self._descriptions = TypeDescriptions(tools)
        self._envelope = Envelope(tools)

    async def token(self, offer: OpenOffer, pin: str | None, instance: Instance | None) -> Grant:
        """Exchange code and PIN for an access token, bound to a key where that is had (6.1).

        Nothing says whose wallet this is: with a code of its own it may stay anonymous.

        Raises:
            PinMissing, PinMalformed: before anything is sent.
            PinNotAccepted, OfferGone, IssuerRefused, IssuerBusy, ConnectionLost: the answer.
        """
        tx_code = offer.check_pin(pin)
        form = token_request_form(offer.code, tx_code=tx_code)
        shown = offer.shown_for_token(instance)
        answer = await self._tokens.ask(offer.endpoints.token, form, shown)
        if isinstance(answer, str):
            if answer in WRONG_CODE:
                raise OfferGone if tx_code is None else PinNotAccepted
            raise IssuerRefused("token endpoint")
        return answer

    async def fetch(
        self, offer: OpenOffer, grant: Grant, *, trust: TrustList
    ) -> tuple[FetchedCard, ...]:
        """Fetch and verify every card of the offer; all or none (8).

        The issuer hears of a card that does not pass (``credential_failure``).

        Raises:
            OfferGone, IssuerRefused, IssuerBusy, ConnectionLost: the issuer's answers.
            CardComesLater: the issuer does not have it yet.
            CheckFailed: a card does not pass; see ``copies.check_copies`` and
                ``described.TypeDescriptions.check``.
        """
        fetched: list[FetchedCard] = []
        for configuration_id, credential_type in offer.wanted.items():
            asked = self._new_keys(offer, credential_type)
            answer = await self._ask_until_heard(offer, grant, configuration_id, asked)
            if isinstance(answer, Deferral):
                if offer.endpoints.deferred is None or len(offer.wanted) > 1:
                    raise IssuerBusy("deferred")
                raise CardComesLater(answer, asked.holder, asked.more)
            fetched.append(await self.checked(offer, grant, asked, answer, trust=trust))
        return tuple(fetched)

    async def checked(
        self,
        offer: OpenOffer,
        grant: Grant,
        asked: Asked,
        answer: CredentialResponse,
        *,
        trust: TrustList,
    ) -> FetchedCard:
        """Return a card that passes; the issuer hears of one that does not.

        Raises:
            CheckFailed: see ``fetch``.
        """
        try:
            issued = check_copies(
                answer.credentials,
                asked,
                trust=trust,
                catalogue=self._tools.catalogue,
                at=self._tools.clock.now(),
            )
            await self._descriptions.check(issued.sd_jwt, issuer=offer.offer.issuer)
        except CheckFailed:
            await self._notify(offer, grant, answer.notification_id, Event.FAILURE)
            raise
        return FetchedCard(issued, answer.notification_id)

    def _new_keys(self, offer: OpenOffer, credential_type: CredentialType) -> Asked:
        first, *more = (
            self._tools.new_key() for _ in range(min(self._tools.copies, offer.batch_size))
        )
        return Asked(credential_type, first, tuple(more))

    async def tell(
        self, offer: OpenOffer, grant: Grant, fetched: tuple[FetchedCard, ...], event: Event
    ) -> None:
        """Tell the issuer what became of the cards (11); that it hears is not our concern."""
        for one in fetched:
            await self._notify(offer, grant, one.notification_id, event)

    async def _ask_until_heard(
        self, offer: OpenOffer, grant: Grant, configuration_id: str, asked: Asked
    ) -> CredentialResponse | Deferral:
        """Ask again, with a fresh nonce, when the answer was lost or the nonce was too old."""
        for _ in range(TRIES - 1):
            try:
                return await self._ask(offer, grant, configuration_id, asked)
            except (ConnectionLost, InvalidNonce):
                continue
        try:
            return await self._ask(offer, grant, configuration_id, asked)
        except InvalidNonce:
            raise IssuerRefused("nonce refused again and again") from None

    async def _ask(
        self, offer: OpenOffer, grant: Grant, configuration_id: str, asked: Asked
    ) -> CredentialResponse | Deferral:
        network = self._tools.network
        nonce = None
        if offer.endpoints.nonce is not None:
            answer = await network.post(offer.endpoints.nonce)
            self._calls.note(offer.endpoints.nonce, offer.server, answer)
            nonce = read_nonce_response(json_object(answer))
        identifiers = grant.identifiers.get(configuration_id)
        signers = (asked.holder, *asked.more)
        asking = Asking(
            wanted=Wanted(identifier=identifiers[0]) if identifiers else Wanted(configuration_id),
            kind=offer.proofs.get(configuration_id, ProofKind.EACH),
            signers=signers,
            issuer=offer.offer.issuer,
            nonce=nonce,
        )
        request = await card_request(asking, self._tools)
        reply = await self.send(offer.endpoints.credential, request, offer, grant)
        return _credentials(reply, keys=len(signers))

    async def send(
        self, url: str, body: Mapping[str, object], offer: OpenOffer, grant: Grant
    ) -> Reply:
        """Send a request for a card, encrypted if the issuer takes it so; as ``Envelope.post``."""
        post, encryption = self._envelope.post, offer.encryption
        return await self._calls.post(
            url,
            offer.shown(grant),
            lambda headers: post(url, body, encryption=encryption, headers=headers),
        )

    async def _notify(
        self, offer: OpenOffer, grant: Grant, notification_id: str | None, event: Event
    ) -> None:
        url, post = offer.endpoints.notification, self._tools.network.post
        if url is None or notification_id is None:
            return
        body = notification_json(Notification(notification_id, event))
        try:
            await self._calls.post(
                url, offer.shown(grant), lambda headers: post(url, json=body, headers=headers)
            )
        except CheckFailed:
            return


def _credentials(reply: Reply, *, keys: int) -> CredentialResponse | Deferral:
    """Read the answer of the credential endpoint (8.3)."""
    if reply.status == HTTPStatus.UNAUTHORIZED:
        raise OfferGone("token ended")
    if reply.status in BUSY:
        raise IssuerBusy(f"status {reply.status}")
    if reply.status == HTTPStatus.BAD_REQUEST:
        if error_code(reply) == InvalidNonce.error:
            raise InvalidNonce("refused")
        raise IssuerRefused("credential endpoint")
    if reply.status == HTTPStatus.ACCEPTED:
        return read_deferral(json_object(reply, status=HTTPStatus.ACCEPTED))
    return read_credential_response(json_object(reply), keys=keys)
