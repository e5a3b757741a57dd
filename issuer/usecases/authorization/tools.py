"""What the steps of an authorization share."""

from dataclasses import dataclass
from datetime import timedelta

from credential_schemas.model import Catalogue
from issuer.ports import Clock, Random, Store, Vault
from issuer.ports.authorization import Authorization, AuthorizationState
from issuer.ports.claims_source import ClaimsSource
from issuer.ports.sign_in import PendingSignIn, SignIn
from issuer.usecases.addresses import Addresses
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.failures import BrowserUnknown
from issuer.usecases.proving.prove_client import ProveClient, ProvedClient
from issuer.usecases.proving.prove_key import ProveKey
from issuer.usecases.proving.shown import Shown
from issuer.usecases.tokens import Holder
from openid4vc.oauth.attestation_errors import ClientAttestationMissing

REQUEST_LIFETIME = timedelta(seconds=60)
"""How long a wallet has to open the link (RFC 9126 2.2: between 5 and 600 seconds)."""

BROWSER_LIFETIME = timedelta(minutes=15)
"""How long a person has to sign in and agree."""

CODE_LIFETIME = timedelta(seconds=60)
"""How long the wallet has to redeem the code (FAPI 2.0 5.3.2.1)."""


@dataclass(frozen=True, slots=True)
class AuthorizationTools:
    """What the steps of an authorization share.

    Attributes:
        lifetime: how long a wallet may come back with its refresh token.
        renew_ahead: how long before its end a card can be renewed.
    """

    store: Store
    vault: Vault
    clock: Clock
    random: Random
    catalogue: Catalogue
    addresses: Addresses
    prove_client: ProveClient
    prove_key: ProveKey
    sign_in: SignIn | None
    claims_source: ClaimsSource
    lifetime: timedelta
    renew_ahead: timedelta

    async def proved_client(
        self, organisation: str, shown: Shown, *, client_id: str | None
    ) -> ProvedClient:
        """Return which wallet calls, attested.

        Raises:
            AuthorizationRefused: it does not show who it is.
        """
        client = await self.prove_client(organisation, shown, client_id=client_id, is_required=True)
        if client is None:
            raise ClientAttestationMissing("no attestation")
        return client

    async def holder(self, organisation: str, shown: Shown, *, client_id: str | None) -> Holder:
        """Return who holds tokens: an attested wallet, with the key that they are bound to.

        The key comes first: a wallet that lacks a nonce for it has not used anything up then.

        Raises:
            AuthorizationRefused: it does not show who it is, or by which key.
        """
        jkt = await self.prove_key(organisation, shown, is_required=True)
        client = await self.proved_client(organisation, shown, client_id=client_id)
        return Holder(client.client_id, client.instance_thumbprint, jkt)

    async def in_browser(
        self, organisation: str, cookie: str, *states: AuthorizationState
    ) -> Authorization:
        """Return what this browser is in the middle of.

        Raises:
            BrowserUnknown: nothing of this organisation, not in these states, or too long ago.
        """
        mac = secret.session_mac(self.vault, cookie)
        found = await self.store.read(lambda records: records.authorizations.by_session(mac))
        if (
            found is None
            or found.organisation != organisation
            or found.state not in states
            or found.expires_at <= self.clock.now()
        ):
            raise BrowserUnknown("nothing begun in this browser")
        return found

    def pending(self, authorization: Authorization) -> PendingSignIn:
        """Return what the sign-in of an authorization is tied to."""
        return secret.pending_sign_in(
            self.vault, authorization, self.addresses.sign_in(authorization.organisation)
        )
