"""Redeem a pre-authorized code, with its PIN if it has one, for an access token."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from issuer.model import Offer, OfferState
from issuer.ports import Clock, Random, Records, Store, Vault
from issuer.usecases import secrets_of_offer as secret
from issuer.usecases.claiming import FIRST_GENERATION, claim_offer
from issuer.usecases.ending import end_offer
from issuer.usecases.tokens import (
    TOKEN_LIFETIME,
    AccessToken,
    Holder,
    identifiers_of,
    new_grant,
    refresh_token_of,
    token_mac,
)
from openid4vc.openid4vci.errors import InvalidAuthorizationDetails, InvalidGrant
from openid4vc.openid4vci.token import TokenRequest, check_tx_code_sent, read_token_request

ATTEMPTS_MAX = 5


class ExchangeToken:
    """Gives one access token for one code, however many ask at once."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, random: Random) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._random = random

    async def __call__(
        self, organisation: str, form: Sequence[tuple[str, str]], holder: Holder
    ) -> AccessToken:
        """Return an access token.

        Args:
            organisation: whose token endpoint was called.
            form: the form's (name, value) pairs.
            holder: who asks, as far as that was shown; the token is bound to it.

        Raises:
            InvalidRequest: malformed.
            TxCodeMissing, TxCodeNotExpected: a PIN is there exactly when the offer has one.
            InvalidAuthorizationDetails: malformed, or for something that was not offered.
            UnsupportedGrantType: not the pre-authorized code grant.
            InvalidGrant: code or PIN wrong, used, expired or blocked.
        """
        now = self._clock.now()
        request = read_token_request(form)
        token = self._random.token()

        def redeem(records: Records) -> AccessToken | None:
            return self._redeem(records, organisation, request, _Taker(holder, token, now))

        access = await self._store.write(redeem)
        if access is None:
            raise InvalidGrant("code or PIN wrong, used, expired or blocked")
        return access

    def _redeem(
        self, records: Records, organisation: str, request: TokenRequest, taker: "_Taker"
    ) -> AccessToken | None:
        """Try a code in one transaction; None, with the attempt counted, when it is no good."""
        now, holder = taker.at, taker.holder
        mac = secret.code_mac(self._vault, request.code)
        offer = records.offers.by_code(organisation, mac)
        if offer is None:
            return None
        # 1. Nothing is asked for but what was offered; a PIN is there exactly when it has one.
        if request.details not in (None, {offer.type_id}):
            raise InvalidAuthorizationDetails("not what was offered")
        check_tx_code_sent(request, expected=offer.has_pin)
        # 2. The attempt is counted while the code is live, before anything is compared.
        attempts = records.offers.count_attempt(offer.id, now=now, limit=ATTEMPTS_MAX)
        if attempts is None:
            return None
        # 3. The PIN is right.
        if not self._is_pin_right(offer, request.tx_code):
            if attempts >= ATTEMPTS_MAX:
                end_offer(records, offer.id, OfferState.BLOCKED, at=now)
            return None
        # 4. The offer is claimed, once.
        grant = new_grant(
            offer,
            replace(holder, client_id=holder.client_id or request.client_id),
            mac=token_mac(self._vault, taker.token),
            at=now,
            by_identifier=request.details is not None,
        )
        if not claim_offer(records, grant, at=now):
            return None
        may_come_back = records.deferrals.get(offer.id) is not None
        return AccessToken(
            text=taker.token,
            lifetime=TOKEN_LIFETIME,
            refresh_token=refresh_token_of(self._vault, offer.id, FIRST_GENERATION)
            if may_come_back
            else None,
            identifiers=identifiers_of(self._vault, grant),
            is_bound=holder.dpop_jkt is not None,
        )

    def _is_pin_right(self, offer: Offer, given: str | None) -> bool:
        if not offer.has_pin:
            return True
        expected = secret.pin_of(self._vault, offer.id)
        return hmac.compare_digest(expected.encode(), (given or "").encode())


@dataclass(frozen=True, slots=True)
class _Taker:
    """Who takes an offer, for which token, and when."""

    holder: Holder
    token: str
    at: datetime
