"""Give out a status list as a signed token, in both its forms."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from issuer.model import PublishedList, Standing, StatusListRow
from issuer.ports import Clock, Records, Signers, Store
from issuer.ports.after import Closing
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import StatusListNotFound
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.cwt import sign_status_list_cwt
from openid4vc.status_list.token import sign_status_list

_SHOWN_AS: Mapping[Standing, Status] = {
    Standing.VALID: Status.VALID,
    Standing.SUSPENDED: Status.SUSPENDED,
    Standing.REVOKED: Status.INVALID,
}
_BITS = 2
_HELD_AT_MOST = 64
_Changes = Sequence[tuple[int, Standing]]


@dataclass(frozen=True, slots=True)
class StatusListTimes:
    """How long a token is good, and after how long a copy should be fetched anew."""

    lifetime: timedelta = timedelta(hours=24)
    ttl: timedelta = timedelta(minutes=5)


@dataclass(slots=True)
class _Held:
    """A list in memory, up to the version that it shows; only the holder of `turn` touches it."""

    entries: StatusList | None = None
    version: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class PublishStatusList:
    """Signs a list anew when an entry has changed, or when half of the token's life is over.

    When an organisation has closed, its lists are signed once more, to last as long as its cards.

    The tokens are kept beside the list, so every process of the service gives out the same bytes.
    A process that has signed a list before holds its entries: it reads what has changed since, and
    compresses only the parts that the changes are in.
    """

    def __init__(
        self,
        *,
        store: Store,
        signers: Signers,
        clock: Clock,
        addresses: Addresses,
        times: StatusListTimes,
    ) -> None:
        self._store = store
        self._signers = signers
        self._clock = clock
        self._addresses = addresses
        self._times = times
        self._held: OrderedDict[tuple[str, int], _Held] = OrderedDict()

    async def __call__(self, organisation: str, number: int) -> PublishedList:
        """Return tokens that show every change made before this call.

        Raises:
            StatusListNotFound: no such list.
        """
        kept = await self._store.read(lambda records: self._kept(records, organisation, number))
        if kept is not None:
            return kept
        held = self._hold(organisation, number)
        async with held.turn:
            return await self._sign_anew(organisation, number, held)

    async def _sign_anew(self, organisation: str, number: int, held: _Held) -> PublishedList:
        def look(
            records: Records,
        ) -> PublishedList | tuple[StatusListRow, _Changes, Closing | None]:
            # Whoever had the turn before may have signed what we want.
            kept = self._kept(records, organisation, number)
            if kept is not None:
                return kept
            row = _row(records, organisation, number)
            # A version that goes back comes of a restored database: nothing held counts.
            after = held.version if row.version >= held.version else 0
            changes = records.status_lists.changes(organisation, number, after=after)
            return row, changes, records.closings.get(organisation)

        found = await self._store.read(look)
        if isinstance(found, PublishedList):
            return found
        row, changes, closing = found
        fresh = self._sign(row, self._applied(held, row, changes), closing)

        def publish(records: Records) -> PublishedList:
            records.status_lists.publish(organisation, number, fresh)
            return records.status_lists.published(organisation, number) or fresh

        return await self._store.write(publish)

    def _kept(self, records: Records, organisation: str, number: int) -> PublishedList | None:
        """Return the kept tokens if they show the present state and are not too old."""
        row = _row(records, organisation, number)
        kept = records.status_lists.published(organisation, number)
        if kept is None or kept.version != row.version:
            return None
        if self._clock.now() < kept.expires_at - self._times.lifetime / 2:
            return kept
        # The last word of an organisation that has closed stays as it is, also when it is over.
        closing = records.closings.get(organisation)
        is_last = closing is not None and kept.expires_at >= closing.lists_until
        return kept if is_last else None

    def _hold(self, organisation: str, number: int) -> _Held:
        held = self._held.setdefault((organisation, number), _Held())
        self._held.move_to_end((organisation, number))
        if len(self._held) > _HELD_AT_MOST:
            self._held.popitem(last=False)
        return held

    def _applied(self, held: _Held, row: StatusListRow, changes: _Changes) -> StatusList:
        """Bring the held list to the row's version."""
        if held.entries is None or row.version < held.version:
            held.entries = StatusList(
                row.size,
                bits=_BITS,
                aggregation_uri=self._addresses.status_lists(row.organisation),
            )
        for index, standing in changes:
            held.entries.set(index, _SHOWN_AS[standing])
        held.version = row.version
        return held.entries

    def _sign(
        self, row: StatusListRow, entries: StatusList, closing: Closing | None
    ) -> PublishedList:
        now = self._clock.now().replace(microsecond=0)
        expires_at = now + self._times.lifetime if closing is None else closing.lists_until
        uri = self._addresses.status_list(row.organisation, row.number)
        signer = self._signers.signer(row.organisation, "status-list")
        # A last word may be kept for as long as it lasts: by that verifiers know it.
        ttl = self._times.ttl if closing is None else expires_at - now
        return PublishedList(
            token=sign_status_list(
                entries, uri=uri, issued_at=now, expires_at=expires_at, ttl=ttl, signer=signer
            ),
            cwt=sign_status_list_cwt(
                entries, uri=uri, issued_at=now, expires_at=expires_at, ttl=ttl, signer=signer
            ),
            version=row.version,
            signed_at=now,
            expires_at=expires_at,
        )


def _row(records: Records, organisation: str, number: int) -> StatusListRow:
    row = records.status_lists.get(organisation, number)
    if row is None:
        raise StatusListNotFound("no such list")
    return row
