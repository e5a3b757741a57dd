"""Proofs of the keys that cards are bound to, attested where the issuer wants it (VCI 1.0, F)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from keys.jose import ALGORITHM, public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.credential import ATTESTATION, JWT, request_json
from openid4vc.openid4vci.proof import make_proof
from openid4vc.openid4vci.read_metadata import Configuration
from wallet_sim.adding_failures import ProviderMissing
from wallet_sim.tools import Tools


class ProofKind(Enum):
    """How an issuer wants keys proved."""

    EACH = "each"  # every key signs a proof of its own
    ATTESTED = "attested"  # the first key signs, and the provider vouches for all in the header
    BY_PROVIDER = "by_provider"  # the provider vouches for all, and no key signs


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request for a card names, exactly one of the two (8.2)."""

    configuration_id: str | None = None
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request for a card is made of.

    Attributes:
        signers: the keys, one for each copy.
        issuer: the credential issuer identifier.
        nonce: from its nonce endpoint; None when it has none.
    """

    wanted: Wanted
    kind: ProofKind
    signers: Sequence[SoftwareSigner]
    issuer: str
    nonce: str | None = field(repr=False)


def proof_kind(configuration: Configuration) -> ProofKind | None:
    """Return how this wallet proves keys to an issuer; None when it cannot."""
    by_jwt = ALGORITHM in configuration.proof_algorithms
    by_attestation = ALGORITHM in configuration.attestation_algorithms
    must_attest = JWT in configuration.key_policies or ATTESTATION in configuration.key_policies
    if by_jwt and not must_attest:
        return ProofKind.EACH
    if by_attestation:
        return ProofKind.BY_PROVIDER
    return ProofKind.ATTESTED if by_jwt else None


async def card_request(asking: Asking, tools: Tools) -> Mapping[str, object]:
    """Return a credential request (8.2); an attestation covers all keys of a batch (HAIP 4.5.1).

    Raises:
        ProviderMissing: the keys have to be attested, and nobody does.
    """
    ask = partial(
        request_json,
        configuration_id=asking.wanted.configuration_id,
        credential_identifier=asking.wanted.identifier,
    )
    at = tools.clock.now()
    if asking.kind is ProofKind.EACH:
        proofs = [
            make_proof(signer=one, issuer=asking.issuer, nonce=asking.nonce, at=at)
            for one in asking.signers
        ]
        return ask(proofs=proofs)
    if tools.provider is None:
        raise ProviderMissing
    jwks = [public_jwk(one.public_key) for one in asking.signers]
    attestation = await tools.provider.attest_keys(jwks, nonce=asking.nonce)
    if asking.kind is ProofKind.BY_PROVIDER:
        return ask(attestation=attestation)
    proof = make_proof(
        signer=asking.signers[0],
        issuer=asking.issuer,
        nonce=asking.nonce,
        at=at,
        key_attestation=attestation,
    )
    return ask(proofs=[proof])
