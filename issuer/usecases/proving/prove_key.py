"""Find out by which key a wallet holds its tokens (RFC 9449)."""

from issuer.usecases.proving.shown import Shown
from issuer.usecases.proving.tools import ProvingTools
from openid4vc.oauth.dpop import MAX_AGE, read_dpop_proof
from openid4vc.oauth.dpop_errors import DpopNonceNeeded, DpopReplayed


class ProveKey:
    """Judges a DPoP proof, with its nonce, and that it was not seen before."""

    def __init__(self, *, tools: ProvingTools) -> None:
        self._tools = tools

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
            DpopRefused: the proof does not hold, or was used before.
            DpopNonceNeeded: it has no nonce of ours, or one that is over.
        """
        if not shown.dpop and not is_required:
            return None
        # 1. It holds, for this request and this token, and was made lately.
        proof = read_dpop_proof(
            shown.dpop,
            method=shown.method,
            url=shown.url,
            at=self._tools.clock.now(),
            access_token=access_token,
        )
        # 2. It was made after we gave its nonce.
        if proof.nonce is None or not self._tools.nonces.is_fresh(proof.nonce):
            raise DpopNonceNeeded("no fresh nonce")
        # 3. Nobody has used it, in whatever process; an older one is stale by itself.
        names = (organisation, proof.thumbprint, proof.jti)
        if not await self._tools.is_new("dpop", *names, until=proof.issued_at + MAX_AGE):
            raise DpopReplayed("jti used before")
        return proof.thumbprint
