"""Find out by which key a wallet holds its tokens (RFC 9449)."""

from issuer.usecases.proving.shown import Shown


class ProveKey:
    """Judges a DPoP proof, with its nonce, and that it was not seen before."""

    async def __call__(
        self,
        organisation: str,
        shown: Shown,
        *,
        access_token: str | None = None,
        is_required: bool,
    ) -> str | None:
        """Return the thumbprint of the key; None when nothing was shown and nothing has to be.

        Args:
            organisation: whose endpoint was called.
            shown: the request's headers.
            access_token: what comes with the proof, whose hash has to be in it.
            is_required: refuse a request without proof.

        Raises:
            TokenRequestRefused: invalid_dpop_proof or use_dpop_nonce.
        """
        raise NotImplementedError
