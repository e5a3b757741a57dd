"""API keys as `service_kit.api_keys` makes and keeps them."""

from issuer.ports import Random
from service_kit import api_keys

_ID_BYTES = 16


class KykyApiKeyForm:
    """Makes and recognises `kyky_<id>_<secret>` keys.

    Args:
        pepper: 32 secret bytes that key the kept MACs.
        random: where new keys come from.
    """

    def __init__(self, pepper: bytes, *, random: Random) -> None:
        self._pepper = pepper
        self._random = random

    def make(self) -> tuple[str, str]:
        """Return a new key's public id and the whole key."""
        return api_keys.make_key(
            id_bytes=self._random.bytes(_ID_BYTES), secret=self._random.token()
        )

    def id_of(self, key: str) -> str | None:
        """Return the public id inside a key, or None when the text is no key."""
        try:
            return api_keys.key_id_of(key)
        except api_keys.ApiKeyMalformed:
            return None

    def mac(self, key: str) -> bytes:
        """Return the keyed MAC under which a key is kept."""
        return api_keys.mac_of(key, pepper=self._pepper)

    def is_same(self, key: str, kept: bytes) -> bool:
        """Compare a key with what is kept of it, in constant time."""
        return api_keys.is_same_key(key, kept, pepper=self._pepper)
