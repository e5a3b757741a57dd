"""Give a waiting wallet another access token for its refresh token (RFC 6749 6, RFC 9700 4.14).

A bearer token lives for five minutes, claims may take days. A refresh token counts once: using it
gives the next one. The one before still works while nothing was done with the newest, for the
answer may have been lost on its way; a token older than that has been stolen, here or there, and
ends everything.
"""

import hmac
import re

from issuer.model import Grant, OfferState
from issuer.ports import Clock, Random, Records, Store, Vault
from issuer.ports.lives import Deferral
from issuer.usecases.ending import end_offer
from issuer.usecases.tokens import (
    TOKEN_LIFETIME,
    AccessToken,
    Holder,
    identifiers_of,
    refresh_token_of,
    token_mac,
)
from openid4vc.openid4vci.errors import InvalidGrant

_FORM = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]{0,8})\.[A-Za-z0-9_-]{43}", re.ASCII)


class RefreshAccess:
    """Renews the grants of offers that wait."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, random: Random) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._random = random

    async def __call__(self, organisation: str, refresh_token: str, holder: Holder) -> AccessToken:
        """Return another access token, and the next refresh token; the earlier ones end.

        Args:
            organisation: whose token endpoint was called.
            refresh_token: as it was given.
            holder: who asks, as far as that was shown.

        Raises:
            InvalidGrant: unknown, another organisation's or wallet's, used before, or no longer
                waited for.
        """
        offer_id, generation = self._genuine(refresh_token)
        access = self._random.token()

        def renew(records: Records) -> tuple[int, Grant] | None:
            now = self._clock.now()
            if records.offers.get(organisation, offer_id) is None:
                return None
            waiting = records.deferrals.get(offer_id)
            if waiting is None or waiting.expires_at <= now:
                return None
            granted = records.grants.of_offer(offer_id)
            if granted is None or not holder.is_that_of(granted):
                return None
            newest = self._newest_after(records, waiting, generation)
            if newest is None:
                end_offer(records, offer_id, OfferState.LAPSED, at=now)
                return None
            mac = token_mac(self._vault, access)
            records.grants.renew(offer_id, mac, now=now, until=now + TOKEN_LIFETIME)
            grant = records.grants.by_token(mac)
            return None if grant is None else (newest, grant)

        renewed = await self._store.write(renew)
        if renewed is None:
            raise InvalidGrant("refresh token unknown, used or ended")
        newest, grant = renewed
        return AccessToken(
            text=access,
            lifetime=TOKEN_LIFETIME,
            refresh_token=refresh_token_of(self._vault, offer_id, newest),
            identifiers=identifiers_of(self._vault, grant),
            is_bound=grant.dpop_jkt is not None,
        )

    def _genuine(self, refresh_token: str) -> tuple[str, int]:
        """Return whose token it is and which one; only we could have made it."""
        form = _FORM.fullmatch(refresh_token)
        if form is None:
            raise InvalidGrant("no refresh token of ours")
        offer_id, generation = form[1], int(form[2])
        ours = refresh_token_of(self._vault, offer_id, generation)
        if not hmac.compare_digest(ours.encode(), refresh_token.encode()):
            raise InvalidGrant("no refresh token of ours")
        return offer_id, generation

    @staticmethod
    def _newest_after(records: Records, waiting: Deferral, generation: int) -> int | None:
        """Return the newest generation once this one was used; None when it was stolen."""
        if records.deferrals.turn(waiting.offer_id, generation=generation):
            return generation + 1
        # Another request may have turned it a moment ago.
        present = records.deferrals.get(waiting.offer_id)
        if present is None or present.in_use or generation != present.generation - 1:
            return None
        return present.generation
