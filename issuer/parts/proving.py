"""How wallets prove what they are, put together."""

from issuer.parts.base import Parts
from issuer.usecases.addresses import Addresses
from issuer.usecases.proving.prove_client import ProveClient
from issuer.usecases.proving.prove_key import ProveKey
from issuer.usecases.proving.server_nonces import ServerNonces
from issuer.usecases.proving.tools import ProvingTools
from issuer.web.services import Proving


def make_proving(parts: Parts, addresses: Addresses) -> Proving:
    """Return the use cases."""
    store, vault, clock = parts.store, parts.vault, parts.clock
    nonces = ServerNonces(vault=vault, clock=clock, random=parts.random)
    tools = ProvingTools(store=store, vault=vault, clock=clock, nonces=nonces)
    return Proving(
        nonces=nonces,
        prove_client=ProveClient(
            tools=tools,
            addresses=addresses,
            providers=parts.wallet_providers,
            challenge_required=parts.settings.attestation_challenge_required,
        ),
        prove_key=ProveKey(tools=tools),
    )
