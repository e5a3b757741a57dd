"""API keys as the service kit makes and compares them."""

from service_kit import api_keys
from verifier.ports import Random

_ID_BYTES = 16


class PepperedKeyTexts:
    """`ports.KeyTexts`; stored MACs are keyed with the service's own secret.

    Args:
        pepper: 32 bytes.
        random: where new keys come from.
    """

    def __init__(self, *, pepper: bytes, random: Random) -> None:
        self._pepper = pepper
        self._random = random

    def make(self) -> tuple[str, str]:
        """Return a new key's public id and its text."""
        return api_keys.make_key(
            id_bytes=self._random.bytes(_ID_BYTES), secret=self._random.token()
        )

    def id_of(self, text: str) -> str | None:
        """Return the public id inside a key's text, None when it is no key."""
        try:
            return api_keys.key_id_of(text)
        except api_keys.ApiKeyMalformed:
            return None

    def mac(self, text: str) -> bytes:
        """Return what is stored of a key."""
        return api_keys.mac_of(text, pepper=self._pepper)

    def is_same(self, text: str, mac: bytes) -> bool:
        """Compare a key's text with what is stored, in constant time."""
        return api_keys.is_same_key(text, mac, pepper=self._pepper)
