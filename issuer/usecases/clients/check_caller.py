"""Find out which issuing system is calling, by its API key or its access token."""

from issuer.model import Caller, ClientKey, SystemToken
from issuer.ports import Clock, Records, Store, Vault
from issuer.usecases.check_api_key import CheckApiKey
from issuer.usecases.clients.scopes import Act, types_in
from issuer.usecases.clients.token_form import is_token, token_mac
from issuer.usecases.failures import AccessTokenRefused

Found = tuple[SystemToken, ClientKey]


class CheckCaller:
    """Turns what a system shows into the caller that it stands for; both ways lead to the same."""

    def __init__(
        self, *, store: Store, vault: Vault, clock: Clock, check_api_key: CheckApiKey
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._check_api_key = check_api_key

    async def __call__(self, shown: str, *, organisation: str) -> Caller:
        """Return the caller behind an API key or an access token.

        Raises:
            AccessTokenRefused: unknown, expired, another organisation's, or its key is revoked;
                one answer for all of these.
            ApiKeyRefused, ApiKeyOfAnotherOrganisation: as `CheckApiKey`, for everything else.
        """
        if not is_token(shown):
            return await self._check_api_key(shown, organisation=organisation)
        now = self._clock.now()
        mac = token_mac(self._vault, shown)
        found = await self._store.read(lambda records: _find(records, mac))
        if found is None:
            raise AccessTokenRefused("no such token")
        token, key = found
        if now >= token.expires_at or not key.is_live(now) or key.organisation != organisation:
            raise AccessTokenRefused("over, or another organisation's")
        return Caller(
            key_id=key.id,
            organisation=key.organisation,
            system=key.client,
            types=types_in(token.scopes, Act.OFFER),
            status_types=types_in(token.scopes, Act.STATUS),
        )


def _find(records: Records, mac: bytes) -> Found | None:
    token = records.clients.token(mac)
    key = None if token is None else records.clients.get(token.key_id)
    return None if token is None or key is None else (token, key)
