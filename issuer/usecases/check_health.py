"""Find out whether the service can do its work."""

from issuer.ports import Store


class CheckHealth:
    """Asks the store for something small."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def __call__(self) -> None:
        """Return when the records can be read; raises what the store raises when not."""
        await self._store.read(lambda records: records.api_keys.get(""))
