"""Find out what a wallet was granted, by the access token that it shows."""

from issuer.model import Grant
from issuer.ports import Clock, Store, Vault
from issuer.usecases.proving.failures import (
    AccessTokenInQuery,
    AccessTokenMissing,
    TokenBoundToKey,
    TokenNotBound,
    TokenOfAnotherKey,
)
from issuer.usecases.proving.prove_key import ProveKey
from issuer.usecases.proving.shown import Shown
from issuer.usecases.tokens import token_mac
from openid4vc.openid4vci.errors import InvalidToken

_BEARER, _DPOP = "bearer", "dpop"


class FindGrant:
    """Turns an access token into its grant; a bound one counts with a proof of its key only."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, prove_key: ProveKey) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._prove_key = prove_key

    async def __call__(self, organisation: str, shown: Shown) -> Grant:
        """Return the grant; one that has ended is still told apart from one that never was.

        Raises:
            AccessTokenMissing: not exactly one `Authorization` header with a token.
            AccessTokenInQuery: the address holds one.
            InvalidToken: unknown, expired or another organisation's, one answer for all; or sent
                otherwise than it was given (`TokenBoundToKey`, `TokenNotBound`,
                `TokenOfAnotherKey`).
            DpopRefused, DpopNonceNeeded: the proof that a bound token needs, see `ProveKey`.
        """
        # 1. There is one token, where it belongs.
        scheme, token = read_token(shown)
        # 2. It is of this organisation, and runs.
        mac = token_mac(self._vault, token)
        grant = await self._store.read(lambda records: records.grants.by_token(mac))
        if grant is None or grant.organisation != organisation:
            raise InvalidToken("no such token")
        if self._clock.now() >= grant.expires_at:
            raise InvalidToken("expired")
        # 3. It is sent the way it was given.
        if grant.dpop_jkt is None:
            if scheme == _DPOP:
                raise TokenNotBound("bound to no key")
            return grant
        if scheme != _DPOP:
            raise TokenBoundToKey("sent as a bearer token")
        # 4. Who sends it holds its key.
        jkt = await self._prove_key(organisation, shown, access_token=token, is_required=True)
        if jkt != grant.dpop_jkt:
            raise TokenOfAnotherKey("bound to another key")
        return grant


def read_token(shown: Shown) -> tuple[str, str]:
    """Return the scheme and the token of the one Authorization header (RFC 6750 2.1).

    Raises:
        AccessTokenMissing, AccessTokenInQuery: see `FindGrant`.
    """
    if shown.token_in_query:
        raise AccessTokenInQuery("in the query")
    values = shown.authorization
    scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    if scheme.lower() not in {_BEARER, _DPOP} or not token.strip():
        raise AccessTokenMissing("no access token")
    return scheme.lower(), token.strip()
