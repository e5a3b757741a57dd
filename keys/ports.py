"""What the rooms above need of a key, whatever holds it."""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec


class Signer(Protocol):
    """An ES256 key that can sign; the private half may live anywhere."""

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The P-256 public key."""
        ...

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first, anchor left out; empty for a bare key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes, r || s, over SHA-256 of the message (RFC 7518 3.4)."""
        ...


class KeyStore(Protocol):
    """Named signers and named secrets."""

    def signer(self, org: str, purpose: str) -> Signer:
        """Return the signer that an organisation uses for a purpose.

        Raises:
            KeyNotFound: no such key.
        """
        ...

    def names(self) -> list[tuple[str, str]]:
        """Return every (organisation, purpose), sorted."""
        ...

    def secret(self, name: str) -> bytes:
        """Return 32 random bytes that stay the same for this name.

        Raises:
            KeyNotFound: no such secret.
        """
        ...
