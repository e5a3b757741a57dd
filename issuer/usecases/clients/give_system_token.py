"""Give an issuing system an access token for an assertion that it signed (RFC 6749 4.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from issuer.model import ClientKey, SystemToken
from issuer.ports import Clock, Random, Records, Store, Vault
from issuer.usecases.addresses import Addresses
from issuer.usecases.clients.token_form import new_token, token_mac
from keys.jose import key_from_jwk
from openid4vc.oauth.client_assertion import (
    SKEW,
    CheckedAssertion,
    UnverifiedAssertion,
    check_assertion,
    is_signed_with,
    parse_assertion,
)
from openid4vc.oauth.client_credentials import ClientCredentialsRequest, read_token_request
from openid4vc.oauth.errors import (
    AssertionOfSomebodyElse,
    AssertionReplayed,
    ClientUnknown,
    ScopeNotGranted,
)

TOKEN_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A bearer token, how long it works, and what for."""

    text: str = field(repr=False)
    lifetime: timedelta
    scopes: frozenset[str]


class GiveSystemToken:
    """Gives one access token for one assertion, however many ask at once."""

    def __init__(
        self, *, store: Store, vault: Vault, clock: Clock, random: Random, addresses: Addresses
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._random = random
        self._addresses = addresses

    async def __call__(self, organisation: str, form: Sequence[tuple[str, str]]) -> GivenToken:
        """Return an access token.

        Args:
            organisation: whose token endpoint was called.
            form: the form's (name, value) pairs.

        Raises:
            TokenRequestMalformed, GrantTypeNotTaken: no such request.
            ClientRefused: one of its subclasses: the client did not show who it is.
            ScopeNotGranted: the client does not have what it asks for.
        """
        now = self._clock.now()
        # 1. The request is one, and names one client
        request = read_token_request(form)
        assertion = parse_assertion(request.assertion)
        if request.client_id not in (None, assertion.client_id):
            raise AssertionOfSomebodyElse("client_id differs")
        # 2. A live key of that client of this organisation signed it
        key = await self._key_of(organisation, assertion)
        # 3. It is for us, and of this moment
        checked = check_assertion(
            assertion,
            audiences={
                self._addresses.issuer(organisation),
                self._addresses.system_token(organisation),
            },
            at=now,
        )
        # 4. The client has what it asks for
        scopes = _granted(request, key)
        # 5. It was never used before
        text = new_token(self._random)
        token = SystemToken(
            mac=token_mac(self._vault, text),
            key_id=key.id,
            scopes=scopes,
            expires_at=min(now + TOKEN_LIFETIME, key.expires_at),
        )
        await self._store.write(lambda records: self._give(records, key, checked, token))
        return GivenToken(text=text, lifetime=token.expires_at - now, scopes=scopes)

    async def _key_of(self, organisation: str, assertion: UnverifiedAssertion) -> ClientKey:
        now = self._clock.now()
        keys = await self._store.read(
            lambda records: records.clients.of_client(organisation, assertion.client_id)
        )
        for key in keys:
            if key.is_live(now) and is_signed_with(assertion, key_from_jwk(key.jwk)):
                return key
        raise ClientUnknown("no live key of this client")

    def _give(
        self, records: Records, key: ClientKey, checked: CheckedAssertion, token: SystemToken
    ) -> None:
        jti = self._vault.mac("client-jti", key.organisation, key.client, checked.jti)
        if not records.one_time.consume("client-jti", jti, keep_until=checked.expires_at + SKEW):
            raise AssertionReplayed("used before")
        records.clients.add_token(token)


def _granted(request: ClientCredentialsRequest, key: ClientKey) -> frozenset[str]:
    if request.scopes is None:
        return key.scopes
    if not request.scopes or not request.scopes <= key.scopes:
        raise ScopeNotGranted("not registered for this client")
    return request.scopes
