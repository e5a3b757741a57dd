"""Show the keys of the issuing systems."""

from collections.abc import Sequence

from issuer.model import ApiKey
from issuer.ports import Store


class ListApiKeys:
    """Lists keys by their public ids; the keys themselves are not kept."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def __call__(self, *, organisation: str | None = None) -> Sequence[ApiKey]:
        """Return all keys, or one organisation's, oldest first."""
        keys = await self._store.read(lambda records: records.api_keys.all())
        return [key for key in keys if organisation in (None, key.organisation)]
