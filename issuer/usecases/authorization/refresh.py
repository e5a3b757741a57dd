"""Give a wallet another access token, and a card that nears its end a successor (RFC 6749 6).

The refresh token is bound to two keys of the wallet, so that it can stay the same (RFC 9700 2.2.2,
4.14.2): whoever else has it gets nothing. What the new token is good for depends on the card: while
the wallet has none yet, for the same card; when the card nears its end, or never arrived, for a new
one, of claims that are asked for again; in between, for nothing but reports.
"""

from dataclasses import dataclass

from credential_schemas.model import Lang
from issuer.model import Credential, Delivery, Grant, Offer, OfferState, Standing
from issuer.ports import Records
from issuer.ports.authorization import Authorization, AuthorizationState
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.claims import FetchedOffer, fetch_offer, keep_offer
from issuer.usecases.authorization.failures import (
    RefreshOfOtherWallet,
    RefreshRefused,
    RenewalNotNow,
)
from issuer.usecases.authorization.tools import AuthorizationTools
from issuer.usecases.claiming import claim_offer
from issuer.usecases.claims_source_failures import (
    ClaimsSourceAnswerInvalid,
    ClaimsSourceMissing,
    ClaimsSourceUnavailable,
)
from issuer.usecases.proving.shown import Shown
from issuer.usecases.tokens import (
    TOKEN_LIFETIME,
    AccessToken,
    Holder,
    identifiers_of,
    new_grant,
    token_mac,
)

_LANGUAGE: Lang = "fi"  # nobody reads along when a wallet comes by itself
_OUT_OF_REACH = frozenset({Delivery.REPLACED, Delivery.FAILED})
_CARRY_ON = frozenset({OfferState.COMPLETED, OfferState.LAPSED})


@dataclass(frozen=True, slots=True)
class _Present:
    """What became of an authorization so far."""

    authorization: Authorization
    offer: Offer
    card: Credential | None


class RefreshAuthorization:
    """Renews what a wallet was granted, for as long as it was agreed to."""

    def __init__(self, tools: AuthorizationTools) -> None:
        self._tools = tools

    async def __call__(
        self, organisation: str, refresh_token: str, shown: Shown, *, client_id: str | None
    ) -> AccessToken:
        """Return another access token; the earlier one ends.

        Raises:
            AuthorizationRefused: the wallet does not show who it is, or by which key.
            RefreshOfOtherWallet: it is another wallet than the one that has the token.
            RefreshRefused: unknown, over, or its card was revoked or suspended.
            RenewalNotNow: there are no claims to be had now; the refresh token stays good.
        """
        tools = self._tools
        # 1. The wallet is attested and holds its keys, the token is its own.
        holder = await tools.holder(organisation, shown, client_id=client_id)
        authorization_id = secret.read_refresh_token(tools.vault, refresh_token)
        present = await self._read(organisation, authorization_id)
        _check_holder(present.authorization, holder)
        _check_standing(present.card)
        # 2. A grant that still runs, or a card that is good for long, gets another token only.
        token = tools.random.token()
        if present.offer.state is OfferState.CLAIMED or not self._may_renew(present):
            return await self._token_again(present, token)
        # 3. Otherwise the claims are asked for again, and a new offer takes the place of the old.
        new_id = tools.random.bytes(16).hex()
        try:
            fetched = await fetch_offer(tools, present.authorization, new_id, _LANGUAGE)
        except (ClaimsSourceMissing, ClaimsSourceUnavailable, ClaimsSourceAnswerInvalid) as failure:
            raise RenewalNotNow(failure.code) from failure
        if fetched is None:
            raise RefreshRefused("there is nothing more for this person")
        if fetched.offer.subject_mac != present.offer.subject_mac:
            raise RefreshRefused("the claims are somebody else's")
        grant = new_grant(
            fetched.offer,
            holder,
            mac=token_mac(tools.vault, token),
            at=tools.clock.now(),
            by_identifier=present.authorization.by_identifier,
        )
        if not await tools.store.write(
            lambda records: self._renew(records, present, fetched, grant)
        ):
            # Another call of this wallet was quicker: it goes on with what that one made.
            return await self._token_again(await self._read(organisation, authorization_id), token)
        return self._answer(grant, token)

    async def _read(self, organisation: str, authorization_id: str | None) -> _Present:
        return await self._tools.store.read(
            lambda records: self._present(records, organisation, authorization_id)
        )

    def _present(
        self, records: Records, organisation: str, authorization_id: str | None
    ) -> _Present:
        found = (
            None
            if authorization_id is None
            else records.authorizations.get(organisation, authorization_id)
        )
        if (
            found is None
            or found.offer_id is None
            or found.state is not AuthorizationState.REDEEMED
            or found.expires_at <= self._tools.clock.now()
        ):
            raise RefreshRefused("unknown, or over")
        offer = records.offers.get(organisation, found.offer_id)
        if offer is None or offer.state not in _CARRY_ON | {OfferState.CLAIMED}:
            raise RefreshRefused("taken back")
        return _Present(found, offer, _card(records, offer))

    def _may_renew(self, present: _Present) -> bool:
        card = present.card
        if card is None:
            return True
        return card.expires_at - self._tools.clock.now() <= self._tools.renew_ahead

    async def _token_again(self, present: _Present, token: str) -> AccessToken:
        mac = token_mac(self._tools.vault, token)

        def again(records: Records) -> Grant | None:
            now = self._tools.clock.now()
            records.grants.token_again(present.offer.id, mac, now=now, until=now + TOKEN_LIFETIME)
            return records.grants.by_token(mac)

        grant = await self._tools.store.write(again)
        if grant is None:
            raise RefreshRefused("its grant is gone")
        return self._answer(grant, token)

    def _renew(
        self, records: Records, present: _Present, fetched: FetchedOffer, grant: Grant
    ) -> bool:
        now, old, new = self._tools.clock.now(), present.offer, fetched.offer
        if records.closings.get(new.organisation) is not None:
            raise RefreshRefused("the organisation has closed")
        # The card may have been taken away while its organisation's system was asked.
        _check_standing(_card(records, old))
        if not records.authorizations.renew(
            present.authorization.id, offer_id=new.id, instead_of=old.id, now=now
        ):
            return False
        keep_offer(records, fetched, action="renew_offer", at=now)
        if present.card is not None:
            records.expiries.follow(new.id, present.card.id)
        return claim_offer(records, grant, at=now)

    def _answer(self, grant: Grant, token: str) -> AccessToken:
        return AccessToken(
            text=token,
            lifetime=TOKEN_LIFETIME,
            identifiers=identifiers_of(self._tools.vault, grant),
            is_bound=True,
        )


def _card(records: Records, offer: Offer) -> Credential | None:
    """Return the card that the wallet has, or may have: of an offer, or the one to be replaced."""
    cards = [
        card
        for card in records.credentials.of_offer(offer.id)
        if card.delivery not in _OUT_OF_REACH
    ]
    if cards:
        return cards[-1]
    older = records.expiries.followed_by(offer.id)
    return None if older is None else records.credentials.get(offer.organisation, older)


def _check_standing(card: Credential | None) -> None:
    if card is not None and card.standing is not Standing.VALID:
        raise RefreshRefused("the card is revoked or suspended")


def _check_holder(authorization: Authorization, holder: Holder) -> None:
    ours = (authorization.client_id, authorization.instance_thumbprint, authorization.dpop_jkt)
    if (holder.client_id, holder.instance_thumbprint, holder.dpop_jkt) != ours:
        raise RefreshOfOtherWallet("another wallet, or another key of it")
