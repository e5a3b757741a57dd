"""A signer whose private key lives in this process."""

from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec

from keys.checks import MalformedKey
from keys.jose import raw_signature


class SoftwareSigner:
    """An ES256 key in memory, with or without certificates; implements `keys.ports.Signer`."""

    def __init__(
        self, private_key: ec.EllipticCurvePrivateKey, chain: tuple[bytes, ...] = ()
    ) -> None:
        """Take a P-256 key and its DER chain, leaf first, anchor left out.

        Raises:
            MalformedKey: another curve.
        """
        if not isinstance(private_key.curve, ec.SECP256R1):
            raise MalformedKey("not P-256")
        self._private_key = private_key
        self._public_key = private_key.public_key()
        self._chain = chain

    @classmethod
    def generate(cls) -> Self:
        """Make a fresh bare key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The P-256 public key."""
        return self._public_key

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first, anchor left out; empty for a bare key."""
        return self._chain

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The key object itself, for whoever has to store it or issue certificates with it."""
        return self._private_key

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes, r || s, over SHA-256 of the message."""
        return raw_signature(self._private_key, message)
