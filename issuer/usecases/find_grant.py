"""Find out what the bearer of an access token was granted."""

from issuer.model import Grant
from issuer.ports import Clock, Store, Vault
from openid4vc.openid4vci.errors import InvalidToken


class FindGrant:
    """Turns an access token into its grant."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    async def __call__(self, organisation: str, token: str) -> Grant:
        """Return the grant; one that has ended is still told apart from one that never was.

        Raises:
            InvalidToken: unknown, expired or another organisation's; one answer for all.
        """
        mac = self._vault.mac("access-token", token)
        grant = await self._store.read(lambda records: records.grants.by_token(mac))
        if grant is None or grant.organisation != organisation:
            raise InvalidToken("no such token")
        if self._clock.now() >= grant.expires_at:
            raise InvalidToken("expired")
        return grant
