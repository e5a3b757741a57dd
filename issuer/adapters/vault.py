"""The vault: AES-256-GCM for claims, HMAC-SHA256 for what stands for secrets."""

import hashlib
import hmac
from dataclasses import dataclass

from issuer.model import SealedClaims
from issuer.ports import Random
from keys.base64url import b64url_encode
from keys.seal import seal, unseal

_KEY_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """Three independent 32-byte secrets, the same in every process of the service.

    Attributes:
        wrapping: wraps the data keys of offers.
        macs: keys the MACs that stand for secrets in the records.
        offers: what links, codes and PINs are derived from.
    """

    wrapping: bytes
    macs: bytes
    offers: bytes


class ServiceKeyVault:
    """Seals each offer's claims under a data key of its own, which the service key wraps.

    Destroying the wrapped data key makes the claims unreadable for good, wherever copies of the
    ciphertext may lie.

    Args:
        keys: the service's secrets.
        random: where data keys and nonces come from.
    """

    def __init__(self, keys: VaultKeys, *, random: Random) -> None:
        self._wrapping_key = keys.wrapping
        self._mac_key = keys.macs
        self._text_key = keys.offers
        self._random = random

    def seal(self, claims: bytes, *, binding: bytes) -> SealedClaims:
        """Seal claims under a fresh data key; `binding` must be given again to open them."""
        data_key = self._random.bytes(_KEY_BYTES)
        return SealedClaims(
            wrapped_key=seal(
                self._wrapping_key, data_key, aad=binding, nonce=self._random.bytes(_NONCE_BYTES)
            ),
            ciphertext=seal(data_key, claims, aad=binding, nonce=self._random.bytes(_NONCE_BYTES)),
        )

    def unseal(self, sealed: SealedClaims, *, binding: bytes) -> bytes:
        """Open what `seal` made.

        Raises:
            SealBroken: another binding, another service key, or altered bytes.
        """
        data_key = unseal(self._wrapping_key, sealed.wrapped_key, aad=binding)
        return unseal(data_key, sealed.ciphertext, aad=binding)

    def mac(self, purpose: str, *parts: str) -> bytes:
        """Return a 32-byte keyed MAC over the parts, unrelated between purposes."""
        return hmac.digest(self._mac_key, _framed(purpose, *parts), hashlib.sha256)

    def secret_text(self, purpose: str, *parts: str) -> str:
        """Return a secret of 32 bytes as base64url text, the same each time."""
        return b64url_encode(hmac.digest(self._text_key, _framed(purpose, *parts), hashlib.sha256))

    def digits(self, purpose: str, count: int, *parts: str) -> str:
        """Return `count` secret decimal digits, the same each time.

        A 256-bit number is reduced, so the digits are as good as even for any count below 20.
        """
        drawn = hmac.digest(self._text_key, _framed(purpose, *parts), hashlib.sha256)
        return f"{int.from_bytes(drawn) % 10**count:0{count}d}"


def _framed(*parts: str) -> bytes:
    """Join parts so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4) + part for part in encoded)
