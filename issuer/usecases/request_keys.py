"""The keys that wallets encrypt their requests to."""

from issuer.ports import Vault
from keys.base64url import b64url_decode
from keys.jose import EncryptionKey


class RequestKeys:
    """One key for each organisation, made of the service's own secret: all processes share it.

    It changes when the secret does. What it protects is protected by TLS, too.
    """

    def __init__(self, *, vault: Vault) -> None:
        self._vault = vault
        self._made: dict[str, EncryptionKey] = {}

    def of(self, organisation: str) -> EncryptionKey:
        """Return the organisation's key pair."""
        if organisation not in self._made:
            seed = b64url_decode(self._vault.secret_text("request-encryption", organisation))
            self._made[organisation] = EncryptionKey.from_seed(seed)
        return self._made[organisation]
