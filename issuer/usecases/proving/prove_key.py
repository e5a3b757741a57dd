"""Find out by which key a wallet holds its tokens (RFC 9449)."""

from datetime import timedelta

from issuer.ports import Clock, Store, Vault
from issuer.usecases.proving.server_nonces import ServerNonces
from issuer.usecases.proving.shown import Shown
from openid4vc.oauth.dpop import MAX_AGE, read_dpop_proof
from openid4vc.oauth.dpop_errors import DpopNonceNeeded, DpopReplayed

_REMEMBERED = "dpop"
_UNTIL_AFTER_THE_SECOND = timedelta(seconds=1)


class ProveKey:
    """Judges a DPoP proof, with its nonce, and that it was not seen before."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, nonces: ServerNonces) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._nonces = nonces

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
            at=self._clock.now(),
            access_token=access_token,
        )
        # 2. It was made after we gave its nonce.
        if proof.nonce is None or not self._nonces.is_fresh(proof.nonce):
            raise DpopNonceNeeded("no fresh nonce")
        # 3. Nobody has used it, in whatever process; an older one is stale by itself.
        mac = self._vault.mac("dpop", organisation, proof.thumbprint, proof.jti)
        until = proof.issued_at + MAX_AGE + _UNTIL_AFTER_THE_SECOND
        if not await self._store.write(
            lambda records: records.one_time.consume(_REMEMBERED, mac, keep_until=until)
        ):
            raise DpopReplayed("jti used before")
        return proof.thumbprint
