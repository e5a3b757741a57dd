"""End an issuing system's key."""

from issuer.model import AuditEntry
from issuer.ports import Clock, Records, Store
from issuer.usecases.failures import ApiKeyNotFound


class RevokeApiKey:
    """Revokes a key at once."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, key_id: str) -> None:
        """End the key.

        Raises:
            ApiKeyNotFound: no such key, or it was revoked before.
        """
        now = self._clock.now()

        def revoke(records: Records) -> None:
            key = records.api_keys.get(key_id)
            if key is None or not records.api_keys.revoke(key_id, at=now):
                raise ApiKeyNotFound("no such live key")
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=key.organisation,
                    actor="operator",
                    action="revoke_api_key",
                    object_id=key_id,
                )
            )

        await self._store.write(revoke)
