"""Show the registered keys of issuing systems."""

from collections.abc import Sequence

from issuer.model import ClientKey
from issuer.ports import Store


class ListClients:
    """Lists client keys."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def __call__(self, *, organisation: str | None = None) -> Sequence[ClientKey]:
        """Return all keys, or one organisation's, oldest first."""
        keys = await self._store.read(lambda records: records.clients.all())
        return [key for key in keys if organisation in (None, key.organisation)]
