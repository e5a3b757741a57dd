"""Nonces by which a proof shows that it was made lately, and that nobody made it in advance.

One kind serves as `DPoP-Nonce` (RFC 9449 8) and as attestation challenge: where one proof is both,
one value has to do for both. They say themselves that they are ours, so that nothing is kept. That
a proof counts once is for its `jti` to see to.
"""

from datetime import timedelta

from issuer.ports import Clock, Random, Vault
from openid4vc.openid4vci.errors import InvalidNonce
from openid4vc.openid4vci.nonce import RANDOM_BYTES, check_nonce, make_nonce

FRESH_FOR = timedelta(minutes=5)


class ServerNonces:
    """Makes and knows such nonces; they hold for every organisation and in every process."""

    def __init__(self, *, vault: Vault, clock: Clock, random: Random) -> None:
        self._secret = vault.secret_text("server-nonce").encode()
        self._clock = clock
        self._random = random

    def make(self) -> str:
        """Return a fresh one."""
        random = self._random.bytes(RANDOM_BYTES)
        return make_nonce(self._secret, random=random, at=self._clock.now())

    def is_fresh(self, nonce: str) -> bool:
        """Whether a nonce is ours and not too old."""
        try:
            check_nonce(self._secret, nonce, at=self._clock.now(), max_age=FRESH_FOR)
        except InvalidNonce:
            return False
        return True
