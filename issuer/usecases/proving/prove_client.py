"""Find out which wallet product calls, by what its provider attests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from credential_schemas.model import LANGS, Label
from issuer.usecases.addresses import Addresses
from issuer.usecases.proving.check_wallet_status import CheckWalletStatus
from issuer.usecases.proving.failures import WalletRevoked
from issuer.usecases.proving.shown import Shown
from issuer.usecases.proving.tools import ProvingTools
from issuer.usecases.proving.wallet_provider_keeper import WalletProviderKeeper
from openid4vc.oauth.attestation_errors import (
    AttestationChallengeNeeded,
    AttestationProofReplayed,
    ClientAttestationMissing,
)
from openid4vc.oauth.client_attestation import (
    MAX_AGE,
    AttestationPolicy,
    ReadAttestation,
    read_client_attestation,
)
from openid4vc.oauth.dpop import ReadDpop, read_dpop_proof

_REMEMBERED = "attestation-pop"


@dataclass(frozen=True, slots=True)
class ProvedClient:
    """A wallet that somebody on the list of wallet providers vouches for.

    Attributes:
        client_id: names the wallet product, the same for all its instances.
        wallet_name: what its provider calls it, if it says.
        provider_names: the provider's names on the list.
        instance_thumbprint: stands for this instance's key.
    """

    client_id: str
    wallet_name: str | None
    provider_names: Label
    instance_thumbprint: str


class ProveClient:
    """Judges a wallet's attestation, with the proof that the wallet is the one attested.

    Without a list of wallet providers an attestation is like any header that nobody asked for.
    """

    def __init__(
        self,
        *,
        tools: ProvingTools,
        addresses: Addresses,
        providers: WalletProviderKeeper | None,
        status: CheckWalletStatus,
        challenge_required: bool,
    ) -> None:
        self._tools = tools
        self._addresses = addresses
        self._providers = providers
        self._status = status
        self._challenge_required = challenge_required

    async def __call__(
        self, organisation: str, shown: Shown, *, client_id: str | None, is_required: bool
    ) -> ProvedClient | None:
        """Return who calls; None when nothing was shown and nothing has to be.

        Args:
            organisation: whose authorization server was called.
            shown: the request's headers.
            client_id: what the request itself says, if it does.
            is_required: refuse a request without attestation.

        Raises:
            ClientAttestationRefused: it is missing, does not hold, its proof was used before, or
                answers no challenge of ours.
            DpopRefused: the DPoP proof does not hold that is the proof of this, too.
            NoWalletProviders: no list of wallet providers is in force.
            WalletStatusUnknown: the provider's status list cannot be had.
        """
        is_shown = bool(shown.attestation or shown.attestation_pop)
        if self._providers is None or not is_shown:
            if is_required:
                raise ClientAttestationMissing("none that we could judge")
            return None
        now = self._tools.clock.now()
        # 1. A provider on the list vouches for the wallet, which proves that it is the one.
        providers = await self._providers.current()
        policy = AttestationPolicy(
            audience=self._addresses.issuer(organisation), anchors=providers.anchors
        )
        attestation = read_client_attestation(
            shown.attestation,
            shown.attestation_pop,
            policy=policy,
            at=now,
            client_id=client_id,
            dpop=None if shown.attestation_pop else self._dpop(shown, now),
        )
        # 2. The proof answers a challenge of ours, if any.
        self._check_challenge(attestation)
        # 3. Nobody has used it, in whatever process.
        if not await self._tools.is_new(
            _REMEMBERED,
            organisation,
            attestation.instance_thumbprint,
            attestation.pop_jti,
            until=attestation.issued_at + MAX_AGE,
        ):
            raise AttestationProofReplayed("jti used before")
        # 4. Its provider has not revoked it.
        provider = providers.provider_of(attestation.anchor)
        if await self._status.is_revoked(provider, attestation.status):
            raise WalletRevoked("by its provider")
        return ProvedClient(
            client_id=attestation.client_id,
            wallet_name=attestation.wallet_name,
            provider_names=_label(provider.names),
            instance_thumbprint=attestation.instance_thumbprint,
        )

    @staticmethod
    def _dpop(shown: Shown, at: datetime) -> ReadDpop | None:
        """Return the DPoP proof that may be the proof of the attestation, too (ABCA 5.2)."""
        if not shown.dpop:
            return None
        return read_dpop_proof(shown.dpop, method=shown.method, url=shown.url, at=at)

    def _check_challenge(self, attestation: ReadAttestation) -> None:
        challenge = attestation.challenge
        if challenge is None:
            if self._challenge_required:
                raise AttestationChallengeNeeded("none")
        elif not self._tools.nonces.is_fresh(challenge):
            raise AttestationChallengeNeeded("not ours, or too old")


def _label(names: Mapping[str, str]) -> Label:
    """Return names in our three languages; where the list lacks one, another stands for it."""
    any_name = next(iter(names.values()))
    return Label(*(names.get(lang, any_name) for lang in LANGS))
