"""Find out which wallet product calls, by what its provider attests."""

from dataclasses import dataclass

from credential_schemas.model import Label
from issuer.usecases.proving.shown import Shown


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
    """Judges a wallet's attestation, with the proof that the wallet is the one attested."""

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
            TokenRequestRefused: invalid_client, invalid_client_attestation,
                use_attestation_challenge or use_fresh_attestation.
        """
        raise NotImplementedError
