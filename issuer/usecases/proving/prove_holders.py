"""Find out which keys a wallet holds, and how they are kept (OpenID4VCI 1.0, 8.2, D, F)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from issuer.model import Grant
from issuer.ports import Clock
from issuer.usecases.addresses import Addresses
from issuer.usecases.proving.check_wallet_status import CheckWalletStatus
from issuer.usecases.proving.demands import Demands
from issuer.usecases.proving.failures import KeyStorageRevoked
from issuer.usecases.proving.wallet_provider_keeper import WalletProviderKeeper
from openid4vc.openid4vci.credential import MAX_PROOFS, CredentialRequest
from openid4vc.openid4vci.errors import TooManyProofs
from openid4vc.openid4vci.key_attestation import (
    ReadKeyAttestation,
    check_key_policy,
    read_key_attestation,
)
from openid4vc.openid4vci.key_errors import KeyAttestationMissing
from openid4vc.openid4vci.nonce import check_nonce
from openid4vc.openid4vci.proof import (
    ReadProof,
    distinct_keys,
    key_attestation_of,
    read_proof,
)

NONCE_LIFETIME = timedelta(minutes=5)

Jwk = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Holders:
    """The keys that a copy each is bound to, and the nonces that proving them uses up."""

    jwks: tuple[Jwk, ...]
    nonces: frozenset[str] = field(repr=False)


class ProveHolders:
    """Judges key proofs: signed by each key, or attested by the wallet's provider.

    Where the keys have to be kept in a certain way, nothing counts without an attestation of that.
    An attestation that was sent without need has to hold all the same.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        addresses: Addresses,
        nonce_secret: bytes,
        demands: Demands,
        providers: WalletProviderKeeper,
        status: CheckWalletStatus,
    ) -> None:
        self._clock = clock
        self._addresses = addresses
        self._nonce_secret = nonce_secret
        self._demands = demands
        self._providers = providers
        self._status = status

    async def __call__(self, grant: Grant, request: CredentialRequest) -> Holders:
        """Return the keys, all different: every key proved, and every key attested (F.1, F.3).

        Raises:
            InvalidProof: a proof or an attestation does not hold, is missing, or there are too
                many keys.
            InvalidNonce: a nonce that is not ours, or too old.
            NoWalletProviders: an attestation came, and no list to judge it by is in force.
            WalletStatusUnknown: its provider's status list cannot be had.
        """
        now = self._clock.now()
        if request.attestation is not None:
            attestation = await self._attested(grant, request.attestation, now, in_proof=False)
            return Holders(attestation.jwks, frozenset({attestation.nonce}))
        proofs: list[ReadProof] = []
        attested: list[ReadKeyAttestation] = []
        for jwt in request.proofs:
            proof, attestation_in_it = await self._proved(grant, jwt, now)
            proofs.append(proof)
            attested += [] if attestation_in_it is None else [attestation_in_it]
        keys = list(distinct_keys(proofs))
        for attestation in attested:
            keys += [key for key in attestation.jwks if key not in keys]
        if len(keys) > MAX_PROOFS:
            raise TooManyProofs("more keys than batch_size")
        nonces = {proof.nonce for proof in proofs} | {one.nonce for one in attested}
        return Holders(tuple(keys), frozenset(nonces))

    async def _proved(
        self, grant: Grant, jwt: str, now: datetime
    ) -> tuple[ReadProof, ReadKeyAttestation | None]:
        """Check a key proof, and the attestation in its header."""
        text = key_attestation_of(jwt) if self._demands.takes_attestations else None
        if text is None and grant.type_id in self._demands.key_policies:
            raise KeyAttestationMissing("none in the header")
        attestation = None
        if text is not None:
            attestation = await self._attested(grant, text, now, in_proof=True)
        proof = read_proof(
            jwt,
            issuer=self._addresses.issuer(grant.organisation),
            at=now,
            client_id=grant.client_id,
            attestation=attestation,
        )
        self._check_nonce(proof.nonce, now)
        return proof, attestation

    async def _attested(
        self, grant: Grant, text: str, now: datetime, *, in_proof: bool
    ) -> ReadKeyAttestation:
        # 1. A provider on the list attests it
        providers = await self._providers.current()
        attestation = read_key_attestation(
            text, anchors=providers.anchors, at=now, with_jwt_proof=in_proof
        )
        # 2. For this request
        self._check_nonce(attestation.nonce, now)
        # 3. The keys are kept as this type of card wants it
        policy = self._demands.key_policies.get(grant.type_id)
        if policy is not None:
            check_key_policy(attestation, policy)
        # 4. What they lie in was not revoked
        provider = providers.provider_of(attestation.anchor)
        if await self._status.is_revoked(provider, attestation.status):
            raise KeyStorageRevoked("by its provider")
        return attestation

    def _check_nonce(self, nonce: str, now: datetime) -> None:
        check_nonce(self._nonce_secret, nonce, at=now, max_age=NONCE_LIFETIME)
