"""Give a wallet a nonce for its key proof."""

from issuer.ports import Clock, Random
from openid4vc.openid4vci.nonce import make_nonce

_NONCE_BYTES = 16


class GiveNonce:
    """Makes nonces that prove themselves, so that asking for one writes nothing (VCI 7)."""

    def __init__(self, *, secret: bytes, clock: Clock, random: Random) -> None:
        self._secret = secret
        self._clock = clock
        self._random = random

    def __call__(self) -> str:
        """Return a fresh `c_nonce`."""
        return make_nonce(
            self._secret, random=self._random.bytes(_NONCE_BYTES), at=self._clock.now()
        )
