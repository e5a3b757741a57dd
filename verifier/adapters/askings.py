"""How the desks ask, in SQL; a row is dropped a day after its verification began."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from service_kit.sql import Database
from verifier.adapters import tables
from verifier.adapters.verification_rows import moment, seconds
from verifier.model import OPEN_STATES, Asking, Renewal, Verification
from verifier.usecases.typed_code import typed_code

_T = tables.askings
_V = tables.verifications
_KEPT = timedelta(hours=24)


class SqlAskings:
    """`ports.Askings` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, asking: Asking, *, at: datetime) -> None:
        """Remember how a new verification is asked."""
        found = select(_V.c.ref).where(_V.c.id == asking.verification_id)

        def work(sql: Connection) -> None:
            sql.execute(delete(_T).where(_T.c.begun_at < seconds(at - _KEPT)))
            row = {
                "verification_id": asking.verification_id,
                "typed": typed_code(sql.execute(found).scalar_one()),
                "begun_at": seconds(at),
                "until": seconds(asking.until),
                "without_network": asking.without_network,
                "assisted": asking.assisted,
            }
            sql.execute(insert(_T).values(row))

        await self._database.write(work)

    async def find(self, verification_id: str) -> Asking | None:
        """Return how it is asked, None when no desk asks it."""
        query = select(_T).where(_T.c.verification_id == verification_id)

        def work(sql: Connection) -> Asking | None:
            row = sql.execute(query).mappings().one_or_none()
            return None if row is None else _asking(row)

        return await self._database.read(work)

    async def change(self, asking: Asking) -> None:
        """Replace how it is asked."""
        query = (
            update(_T)
            .where(_T.c.verification_id == asking.verification_id)
            .values(
                until=seconds(asking.until),
                without_network=asking.without_network,
                assisted=asking.assisted,
            )
        )
        await self._database.write(lambda sql: sql.execute(query).close())

    async def renew(self, before: Verification, renewal: Renewal) -> bool:
        """Let an open request go on, unless it has changed since; say whether this call did."""
        request = (
            update(_V)
            .where(
                _V.c.id == before.id,
                _V.c.ref == before.ref,
                _V.c.state == before.state.value,
                _V.c.state.in_([state.value for state in OPEN_STATES]),
                _V.c.expires_at == seconds(before.expires_at),
            )
            .values(
                ref=renewal.ref, secrets=renewal.secrets, expires_at=seconds(renewal.expires_at)
            )
        )
        code = (
            update(_T)
            .where(_T.c.verification_id == before.id)
            .values(typed=typed_code(renewal.ref))
        )

        def work(sql: Connection) -> bool:
            renewed = sql.execute(request).rowcount == 1
            if renewed:
                sql.execute(code)
            return renewed

        return await self._database.write(work)

    async def ref_of(self, code: str) -> str | None:
        """Return the ref of the request that has that typed code, or None."""
        query = select(_V.c.ref).join(_T, _T.c.verification_id == _V.c.id).where(_T.c.typed == code)
        return await self._database.read(lambda sql: sql.execute(query).scalar_one_or_none())


def _asking(row: RowMapping) -> Asking:
    return Asking(
        verification_id=row["verification_id"],
        until=moment(row["until"]),
        without_network=row["without_network"],
        assisted=row["assisted"],
    )
