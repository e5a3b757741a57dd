"""Redeem a pre-authorized code, with its PIN if it has one, for an access token."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from issuer.model import Grant, Offer, OfferState
from issuer.ports import Clock, Random, Records, Store, Vault
from issuer.usecases import secrets_of_offer as secret
from issuer.usecases.ending import end_offer, move_offer
from openid4vc.openid4vci.errors import InvalidGrant
from openid4vc.openid4vci.token import (
    MAX_BEARER_LIFETIME,
    TokenRequest,
    check_tx_code_sent,
    read_token_request,
)

ATTEMPTS_MAX = 5
TOKEN_LIFETIME = MAX_BEARER_LIFETIME


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and how long it works."""

    text: str
    lifetime: timedelta


class ExchangeToken:
    """Gives one access token for one code, however many ask at once."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, random: Random) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._random = random

    async def __call__(self, organisation: str, form: Sequence[tuple[str, str]]) -> AccessToken:
        """Return an access token.

        Args:
            organisation: whose token endpoint was called.
            form: the form's (name, value) pairs.

        Raises:
            InvalidRequest: malformed.
            TxCodeMissing, TxCodeNotExpected: a PIN is there exactly when the offer has one.
            UnsupportedGrantType: not the pre-authorized code grant.
            InvalidGrant: code or PIN wrong, used, expired or blocked.
        """
        now = self._clock.now()
        request = read_token_request(form)
        token = self._random.token()

        def redeem(records: Records) -> bool:
            return self._redeem(records, organisation, request, token, now)

        if not await self._store.write(redeem):
            raise InvalidGrant("code or PIN wrong, used, expired or blocked")
        return AccessToken(text=token, lifetime=TOKEN_LIFETIME)

    def _redeem(
        self, records: Records, organisation: str, request: TokenRequest, token: str, now: datetime
    ) -> bool:
        """Try a code in one transaction; False, with the attempt counted, when it is no good."""
        mac = secret.code_mac(self._vault, request.code)
        offer = records.offers.by_code(organisation, mac)
        if offer is None:
            return False
        # 1. A PIN is there exactly when the offer has one.
        check_tx_code_sent(request, expected=offer.has_pin)
        # 2. The attempt is counted while the code is live, before anything is compared.
        attempts = records.offers.count_attempt(offer.id, now=now, limit=ATTEMPTS_MAX)
        if attempts is None:
            return False
        # 3. The PIN is right.
        if not self._is_pin_right(offer, request.tx_code):
            if attempts >= ATTEMPTS_MAX:
                end_offer(records, offer.id, OfferState.BLOCKED, at=now)
            return False
        # 4. The offer is claimed, once.
        if not move_offer(records, offer.id, OfferState.CLAIMED, at=now):
            return False
        grant = Grant(
            token_mac=self._vault.mac("access-token", token),
            offer_id=offer.id,
            organisation=organisation,
            type_id=offer.type_id,
            schema_version=offer.schema_version,
            expires_at=now + TOKEN_LIFETIME,
            ended_at=None,
            client_id=request.client_id,
        )
        records.grants.add(grant, at=now)
        return True

    def _is_pin_right(self, offer: Offer, given: str | None) -> bool:
        if not offer.has_pin:
            return True
        expected = secret.pin_of(self._vault, offer.id)
        return hmac.compare_digest(expected.encode(), (given or "").encode())
