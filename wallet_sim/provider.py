"""A wallet provider for demonstrations: it vouches for every wallet and key that asks.

A real one would first look at the device and the app. The attestations are those of OpenID4VCI 1.0,
appendices D and E, as HAIP 1.0 4.4.1 wants them: a new one for each server, which names no wallet.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from keys.ports import Signer
from openid4vc.oauth.attesting import AttestationClaims, make_client_attestation
from openid4vc.openid4vci.key_attestation import KeyAttestationClaims, make_key_attestation
from wallet_sim.ports import Clock

CLIENT_ID: Final = "kykylompakko-demo-wallet"
PROVIDER: Final = "https://wallet-provider.example"
WALLET_NAME: Final = "Kykylompakko (TESTI)"
LIFETIME: Final = timedelta(hours=12)
"""Below the 24 hours that wallet attestations may live (TS3 1.5, 2.2)."""

KEY_LIFETIME: Final = timedelta(minutes=10)
KEPT_IN: Final = ("iso_18045_basic",)
"""How well keys in this wallet resist an attack: they lie in a file (OpenID4VCI 1.0, D.2)."""


class DemoWalletProvider:
    """Vouches for this computer's wallets. Satisfies ``ports.WalletProvider``. Unsafe."""

    def __init__(
        self, signer: Callable[[], Signer], clock: Clock, *, key_storage: Sequence[str] = KEPT_IN
    ) -> None:
        """Take the provider's key with its certificates.

        Args:
            signer: gives an attestation signer; asked when one is needed.
            clock: its own clock.
            key_storage: what it says of where holder keys lie.
        """
        self._signer = signer
        self._clock = clock
        self._key_storage = tuple(key_storage)

    @property
    def client_id(self) -> str:
        """The same for every wallet."""
        return CLIENT_ID

    async def attest_instance(self, jwk: Mapping[str, str]) -> str:
        """Return a wallet attestation of this key."""
        claims = AttestationClaims(
            client_id=CLIENT_ID,
            instance_jwk=jwk,
            lifetime=LIFETIME,
            issuer=PROVIDER,
            wallet_name=WALLET_NAME,
        )
        return make_client_attestation(claims, signer=self._signer(), at=self._clock.now())

    async def attest_keys(self, jwks: Sequence[Mapping[str, str]], *, nonce: str | None) -> str:
        """Return one attestation of all these keys."""
        claims = KeyAttestationClaims(
            keys=jwks,
            lifetime=KEY_LIFETIME,
            nonce=nonce,
            key_storage=self._key_storage,
            user_authentication=self._key_storage,
        )
        return make_key_attestation(claims, signer=self._signer(), at=self._clock.now())
