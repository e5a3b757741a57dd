"""Keys that live and die with the process: for the demo and for tests, never for real people."""

from collections.abc import Mapping
from types import MappingProxyType

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.checks import KeyNotFound
from keys.software_signer import SoftwareSigner

SECRET_BITS = 256


class InsecureMemoryKeys:
    """A `keys.ports.KeyStore` without any protection of the private keys."""

    def __init__(
        self, signers: Mapping[tuple[str, str], SoftwareSigner], secrets: tuple[str, ...]
    ) -> None:
        """Take signers by (organisation, purpose) and draw a secret for each name."""
        self._signers = dict(signers)
        self._secrets = {name: AESGCM.generate_key(SECRET_BITS) for name in secrets}

    def signer(self, org: str, purpose: str) -> SoftwareSigner:
        """Return the signer that an organisation uses for a purpose.

        Raises:
            KeyNotFound: no such key.
        """
        try:
            return self._signers[org, purpose]
        except KeyError:
            raise KeyNotFound("no such key") from None

    def names(self) -> list[tuple[str, str]]:
        """Return every (organisation, purpose), sorted."""
        return sorted(self._signers)

    def secret(self, name: str) -> bytes:
        """Return 32 random bytes that stay the same for this name.

        Raises:
            KeyNotFound: no such secret.
        """
        try:
            return self._secrets[name]
        except KeyError:
            raise KeyNotFound("no such secret") from None

    @property
    def secrets(self) -> Mapping[str, bytes]:
        """Every named secret, for whoever stores them."""
        return MappingProxyType(self._secrets)
