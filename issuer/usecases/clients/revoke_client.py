"""End a registered key of an issuing system."""

from issuer.model import AuditEntry
from issuer.ports import Clock, Records, Store
from issuer.usecases.failures import ClientKeyNotFound


class RevokeClient:
    """Revokes a client key at once, and every access token that was given for it."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, key_id: str) -> None:
        """End the key.

        Raises:
            ClientKeyNotFound: no such key, or it was revoked before.
        """
        now = self._clock.now()

        def revoke(records: Records) -> None:
            key = records.clients.get(key_id)
            if key is None or not records.clients.revoke(key_id, at=now):
                raise ClientKeyNotFound("no such live key")
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=key.organisation,
                    actor="operator",
                    action="revoke_client_key",
                    object_id=key_id,
                )
            )

        await self._store.write(revoke)
