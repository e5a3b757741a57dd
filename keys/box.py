"""Encryption to a public key: HPKE with X25519, HKDF-SHA256 and AES-128-GCM (RFC 9180)."""

from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from keys.checks import BoxBroken, MalformedKey

KEY_BYTES: Final = 32

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


class BoxKey:
    """One X25519 key pair that things can be boxed to."""

    def __init__(self, private_key: X25519PrivateKey) -> None:
        """Take a key pair."""
        self._private_key = private_key

    @classmethod
    def generate(cls) -> Self:
        """Make a fresh key pair."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_private_bytes(cls, data: bytes) -> Self:
        """Import what `private_bytes` gave.

        Raises:
            MalformedKey: not 32 bytes.
        """
        if len(data) != KEY_BYTES:
            raise MalformedKey("not an X25519 private key")
        return cls(X25519PrivateKey.from_private_bytes(data))

    @property
    def public_bytes(self) -> bytes:
        """The 32 bytes to box to."""
        return self._private_key.public_key().public_bytes_raw()

    @property
    def private_bytes(self) -> bytes:
        """The 32 secret bytes; whoever has them opens every box."""
        return self._private_key.private_bytes_raw()

    def open(self, boxed: bytes, *, info: bytes) -> bytes:
        """Open a box; `unbox` says the rest."""
        try:
            return _SUITE.decrypt(boxed, self._private_key, info)
        except (InvalidTag, ValueError):
            raise BoxBroken("authentication tag") from None


def box(public: bytes, plaintext: bytes, *, info: bytes) -> bytes:
    """Encrypt to a public key and bind to a context (RFC 9180 5.1.1, single shot).

    Args:
        public: 32 bytes, `BoxKey.public_bytes` of the receiver.
        plaintext: what to hide.
        info: the context; needed again to open.

    Returns:
        The encapsulated key (32 bytes), then the ciphertext with its tag.

    Raises:
        MalformedKey: not an X25519 public key, or one of small order.
    """
    if len(public) != KEY_BYTES:
        raise MalformedKey("not an X25519 public key")
    try:
        return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)
    except ValueError:
        raise MalformedKey("X25519 key of small order") from None


def unbox(key: BoxKey, boxed: bytes, *, info: bytes) -> bytes:
    """Open what `box` made for this key and context.

    Raises:
        BoxBroken: changed data, another key or another context.
    """
    return key.open(boxed, info=info)
