"""Tell an issuing system which cards end soon."""

from collections.abc import Sequence
from datetime import timedelta

from issuer.model import Caller, Credential
from issuer.ports import Clock, Store
from issuer.ports.after import ExpiryQuery


class ListExpiring:
    """Lists valid cards that wallets have by their end; by id, never by whose they are."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(
        self, caller: Caller, *, within: timedelta, after: str | None, limit: int
    ) -> Sequence[Credential]:
        """Return cards of the caller's types, the first to end first.

        Args:
            caller: who asks.
            within: how far ahead is looked.
            after: the last id of the page before; None for the first page.
            limit: how many at most.
        """
        now = self._clock.now()
        query = ExpiryQuery(
            organisation=caller.organisation,
            types=caller.status_types,
            now=now,
            until=now + within,
            after=after,
            limit=limit,
        )
        return await self._store.read(lambda records: records.expiries.expiring(query))
