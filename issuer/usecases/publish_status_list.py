"""Give out a status list as a signed token."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from issuer.model import PublishedList, Standing, StatusListRow
from issuer.ports import Clock, Records, Signers, Store
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import StatusListNotFound
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.token import sign_status_list

_SHOWN_AS: Mapping[Standing, Status] = {
    Standing.VALID: Status.VALID,
    Standing.SUSPENDED: Status.SUSPENDED,
    Standing.REVOKED: Status.INVALID,
}
_BITS = 2


@dataclass(frozen=True, slots=True)
class StatusListTimes:
    """How long a token is good, and after how long a copy should be fetched anew."""

    lifetime: timedelta = timedelta(hours=24)
    ttl: timedelta = timedelta(minutes=5)


class PublishStatusList:
    """Signs a list anew when an entry has changed, or when half of the token's life is over.

    The token is kept beside the list, so every process of the service gives out the same bytes.
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

    async def __call__(self, organisation: str, number: int) -> PublishedList:
        """Return a token that shows every change made before this call.

        Raises:
            StatusListNotFound: no such list.
        """
        kept = await self._store.read(lambda records: self._kept(records, organisation, number))
        if kept is not None:
            return kept
        row, entries = await self._store.read(
            lambda records: _content(records, organisation, number)
        )
        fresh = self._sign(row, entries)

        def publish(records: Records) -> PublishedList:
            records.status_lists.publish(organisation, number, fresh)
            return records.status_lists.published(organisation, number) or fresh

        return await self._store.write(publish)

    def _kept(self, records: Records, organisation: str, number: int) -> PublishedList | None:
        """Return the kept token if it shows the present state and is not too old."""
        row = records.status_lists.get(organisation, number)
        kept = records.status_lists.published(organisation, number)
        if row is None or kept is None or kept.version != row.version:
            return None
        is_young = self._clock.now() < kept.expires_at - self._times.lifetime / 2
        return kept if is_young else None

    def _sign(self, row: StatusListRow, entries: list[tuple[int, Standing]]) -> PublishedList:
        status_list = StatusList(row.size, bits=_BITS)
        for index, standing in entries:
            status_list.set(index, _SHOWN_AS[standing])
        now = self._clock.now().replace(microsecond=0)
        expires_at = now + self._times.lifetime
        token = sign_status_list(
            status_list,
            uri=self._addresses.status_list(row.organisation, row.number),
            issued_at=now,
            expires_at=expires_at,
            ttl=self._times.ttl,
            signer=self._signers.signer(row.organisation, "status-list"),
        )
        return PublishedList(token=token, version=row.version, signed_at=now, expires_at=expires_at)


def _content(
    records: Records, organisation: str, number: int
) -> tuple[StatusListRow, list[tuple[int, Standing]]]:
    row = records.status_lists.get(organisation, number)
    if row is None:
        raise StatusListNotFound("no such list")
    return row, list(records.status_lists.changed_entries(organisation, number))
