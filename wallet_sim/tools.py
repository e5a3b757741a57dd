"""What both flows stand on: the ports they use and the catalogue they read."""

from collections.abc import Callable
from dataclasses import dataclass

from credential_schemas.model import Catalogue
from keys.software_signer import SoftwareSigner
from wallet_sim.ports import Clock, Network, PostJwt, Random, WalletProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Ports and content of one wallet.

    Attributes:
        new_key: makes a fresh holder key.
        unsafe_loopback_http: UNSAFE, for demonstrations: http on this machine is allowed.
        copies: how many of each card to ask for where the issuer gives several; each is shown in
            its turn.
        post_jwt: sends encrypted requests; without it none is encrypted.
        provider: vouches for this wallet; None when nobody does.
    """

    network: Network
    clock: Clock
    random: Random
    new_key: Callable[[], SoftwareSigner]
    catalogue: Catalogue
    unsafe_loopback_http: bool = False
    post_jwt: PostJwt | None = None
    copies: int = 1
    provider: WalletProvider | None = None
