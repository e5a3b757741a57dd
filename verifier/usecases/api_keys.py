"""API keys: made once, shown once, checked on every call."""

from datetime import timedelta

from verifier.model import ApiKey
from verifier.ports import ApiKeys, Clock, KeyTexts
from verifier.usecases.failures import KeyRefused


class CreateApiKey:
    """Makes a key of one role."""

    def __init__(self, *, keys: ApiKeys, texts: KeyTexts, clock: Clock) -> None:
        self._keys = keys
        self._texts = texts
        self._clock = clock

    async def __call__(self, *, role: str, label: str, life: timedelta) -> tuple[ApiKey, str]:
        """Return the key's record and its text, which is nowhere else from now on."""
        key_id, text = self._texts.make()
        now = self._clock.now()
        key = ApiKey(
            id=key_id,
            role=role,
            label=label,
            mac=self._texts.mac(text),
            created_at=now,
            expires_at=now + life,
        )
        await self._keys.add(key)
        return key, text


class CheckApiKey:
    """Finds out whose key it is."""

    def __init__(self, *, keys: ApiKeys, texts: KeyTexts, clock: Clock) -> None:
        self._keys = keys
        self._texts = texts
        self._clock = clock

    async def __call__(self, text: str) -> ApiKey:
        """Return the live key of that text.

        Raises:
            KeyRefused: malformed, unknown, ended or revoked; which, is not told.
        """
        key_id = self._texts.id_of(text)
        key = None if key_id is None else await self._keys.find(key_id)
        if key is None or not self._texts.is_same(text, key.mac):
            raise KeyRefused
        return await self.live(key.id)

    async def live(self, key_id: str) -> ApiKey:
        """Return the key of that id while it has neither ended nor been revoked.

        Raises:
            KeyRefused: it has.
        """
        key = await self._keys.find(key_id)
        if key is None or key.revoked_at is not None or key.expires_at <= self._clock.now():
            raise KeyRefused
        return key
