"""Coming back for a card that the issuer did not have yet (OpenID4VCI 1.0, 9; RFC 6749 6)."""

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from keys.trust import TrustList
from openid4vc.openid4vci.credential import read_credential_response
from openid4vc.openid4vci.deferred import Deferral, deferred_request_json, read_deferral
from openid4vc.openid4vci.errors import CredentialRequestDenied, InvalidTransactionId
from openid4vc.openid4vci.offer import CredentialOffer
from openid4vc.openid4vci.token import refresh_request_form
from wallet_sim.answers import BUSY, error_code, json_object
from wallet_sim.calls import Caller
from wallet_sim.flow_failures import (
    CardComesLater,
    IssuerAnswerUnclear,
    IssuerBusy,
    IssuerRefused,
    OfferGone,
)
from wallet_sim.held import key_of, signer_of
from wallet_sim.instances import Instance
from wallet_sim.issued_card import Asked
from wallet_sim.offers import Endpoints, FetchedCard, Grant, OpenOffer
from wallet_sim.pending import Pending
from wallet_sim.ports import Reply
from wallet_sim.receive import Receiver
from wallet_sim.tokens import Tokens
from wallet_sim.tools import Tools


class LaterReceiver:
    """Asks about one pending card; what is to be kept is returned, nothing is stored here."""

    def __init__(self, tools: Tools, receiver: Receiver, calls: Caller) -> None:
        self._tools = tools
        self._receiver = receiver
        self._tokens = Tokens(tools, calls)

    def begin(
        self,
        offer: OpenOffer,
        grant: Grant,
        later: CardComesLater,
        *,
        id: str,  # noqa: A002  what it is
        replaces: str | None = None,
    ) -> Pending:
        """Return what is to be kept of an offer whose card comes later."""
        now = self._tools.clock.now()
        configuration_id = next(iter(offer.wanted))
        encryption = offer.encryption
        endpoints = {
            "token": offer.endpoints.token,
            "credential": offer.endpoints.credential,
            "deferred": offer.endpoints.deferred,
            "nonce": offer.endpoints.nonce,
            "notification": offer.endpoints.notification,
        }
        return Pending(
            id=id,
            offer=offer.fingerprint(),
            code=offer.code,
            issuer=offer.offer.issuer,
            issuer_names=dict(offer.issuer_names),
            configuration_id=configuration_id,
            type_id=offer.wanted[configuration_id].id,
            endpoints={name: url for name, url in endpoints.items() if url is not None},
            transaction_id=later.deferral.transaction_id,
            access_token=grant.access_token,
            token_until=grant.expires_at,
            refresh_token=grant.refresh_token,
            holder_key=key_of(later.holder),
            more_keys=tuple(key_of(one) for one in later.more),
            since=now,
            ask_after=now + later.deferral.interval,
            server=None if grant.instance is None else offer.server,
            is_signed_in=offer.sign_in is not None,
            is_encrypted=encryption.request_required or encryption.response_required,
            replaces=replaces,
        )

    def offer_of(self, pending: Pending) -> OpenOffer:
        """Return the offer as it was when it was taken."""
        urls = pending.endpoints
        return OpenOffer(
            offer=CredentialOffer(pending.issuer, (pending.configuration_id,), pending.code),
            code=pending.code,
            endpoints=Endpoints(
                token=urls["token"],
                credential=urls["credential"],
                nonce=urls.get("nonce"),
                notification=urls.get("notification"),
                deferred=urls.get("deferred"),
            ),
            issuer_names=pending.issuer_names,
            wanted={pending.configuration_id: self._tools.catalogue.types[pending.type_id]},
            server=pending.server or pending.issuer,
        )

    def grant_of(self, pending: Pending, instance: Instance | None) -> Grant:
        """Return the right to ask, live or not, by the keys that it is bound to."""
        return Grant(
            pending.access_token,
            pending.token_until,
            refresh_token=pending.refresh_token,
            instance=instance,
        )

    def still_to_come(self, pending: Pending) -> CardComesLater:
        """Return the failure that says so."""
        left = max(pending.ask_after - self._tools.clock.now(), timedelta(seconds=1))
        deferral = Deferral(pending.transaction_id or "", left)
        asked = self._asked(pending)
        return CardComesLater(deferral, asked.holder, asked.more)

    def needs_refresh(self, pending: Pending) -> bool:
        """Whether the access token has ended, or is about to."""
        return self._tools.clock.now() >= pending.token_until - timedelta(seconds=10)

    async def refresh(
        self, pending: Pending, offer: OpenOffer, instance: Instance | None
    ) -> Pending:
        """Get another access token; the answer has to be kept before it is used.

        Raises:
            OfferGone: there is no refresh token, or it is no good any more.
            IssuerBusy, IssuerAnswerUnclear, ConnectionLost: no proper answer; try again later.
        """
        if pending.refresh_token is None:
            raise OfferGone("the token ended")
        form = refresh_request_form(pending.refresh_token)
        shown = offer.shown_for_token(instance)
        answer = await self._tokens.ask(offer.endpoints.token, form, shown)
        if isinstance(answer, str):
            if answer != "invalid_grant" and instance is not None:
                # whose wallet it is was not believed now; the refresh token may still be good
                raise IssuerAnswerUnclear("refresh refused")
            raise OfferGone("refresh refused")
        return replace(
            pending,
            access_token=answer.access_token,
            token_until=answer.expires_at,
            refresh_token=answer.refresh_token or pending.refresh_token,
        )

    async def ask(
        self, pending: Pending, offer: OpenOffer, grant: Grant, *, trust: TrustList
    ) -> FetchedCard | Deferral:
        """Ask once; returns the verified card, or when to ask again.

        A transaction that the issuer does not know any more was answered before, and the answer
        lost: then the card is asked for anew, bound to a fresh key.

        Raises:
            OfferGone: withdrawn or over; there will be no card.
            IssuerRefused, IssuerBusy, ConnectionLost: the issuer's answers.
            CheckFailed: the card does not pass.
        """
        if pending.transaction_id is None or offer.endpoints.deferred is None:
            return await self._anew(offer, grant, trust)
        body = deferred_request_json(pending.transaction_id)
        reply = await self._receiver.send(offer.endpoints.deferred, body, offer, grant)
        if _is_unknown(reply):
            return await self._anew(offer, grant, trust)
        if reply.status == HTTPStatus.ACCEPTED:
            return read_deferral(json_object(reply, status=HTTPStatus.ACCEPTED))
        _check_answered(reply)
        asked = self._asked(pending)
        answer = read_credential_response(json_object(reply), keys=1 + len(asked.more))
        return await self._receiver.checked(offer, grant, asked, answer, trust=trust)

    def _asked(self, pending: Pending) -> Asked:
        more = tuple(signer_of(key) for key in pending.more_keys)
        credential_type = self._tools.catalogue.types[pending.type_id]
        return Asked(credential_type, signer_of(pending.holder_key), more)

    async def _anew(self, offer: OpenOffer, grant: Grant, trust: TrustList) -> FetchedCard:
        (card,) = await self._receiver.fetch(offer, grant, trust=trust)
        return card


def asked_again(pending: Pending, deferral: Deferral, *, at: datetime) -> Pending:
    """Return what is kept after an issuer said once more that it has no card yet."""
    return replace(
        pending,
        transaction_id=deferral.transaction_id,
        ask_after=at + deferral.interval,
    )


def _is_unknown(reply: Reply) -> bool:
    is_refused = reply.status == HTTPStatus.BAD_REQUEST
    return is_refused and error_code(reply) == InvalidTransactionId.error


def _check_answered(reply: Reply) -> None:
    if reply.status in BUSY:
        raise IssuerBusy(f"status {reply.status}")
    if reply.status == HTTPStatus.UNAUTHORIZED:
        raise OfferGone("token ended")
    if reply.status == HTTPStatus.BAD_REQUEST:
        if error_code(reply) == CredentialRequestDenied.error:
            raise OfferGone("denied")
        raise IssuerRefused("deferred credential endpoint")
