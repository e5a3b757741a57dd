"""How wallets prove what they are, put together."""

from issuer.parts.base import Parts
from issuer.usecases.proving.prove_key import ProveKey
from issuer.usecases.proving.server_nonces import ServerNonces
from issuer.web.services import Proving


def make_proving(parts: Parts) -> Proving:
    """Return the use cases."""
    nonces = ServerNonces(vault=parts.vault, clock=parts.clock, random=parts.random)
    return Proving(
        nonces=nonces,
        prove_key=ProveKey(store=parts.store, vault=parts.vault, clock=parts.clock, nonces=nonces),
    )
