"""The log of who saw whose data when, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from service_kit.sql import Database
from verifier.adapters import tables
from verifier.adapters.verification_rows import moment, seconds
from verifier.usecases.staff_model import Access, Shown

_T = tables.access_log
_G = tables.given_receipts


class SqlAccessLog:
    """`staff_ports.AccessLog` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, accesses: Sequence[Access]) -> None:
        """Store what is not there yet, before anything is shown."""
        rows = {access.id: _row(access) for access in accesses}
        query = select(_T.c.id).where(_T.c.id.in_(rows))

        def missing(sql: Connection) -> list[dict[str, object]]:
            held = {bytes(one) for one in sql.execute(query).scalars()}
            return [row for key, row in rows.items() if key not in held]

        for row in await self._database.read(missing):
            await self._add(row)

    async def entries(self, *, whose: bytes | None = None) -> Sequence[Access]:
        """Return all entries, or those of one person's data, oldest first."""
        query = select(_T).order_by(_T.c.at, _T.c.id)
        if whose is not None:
            query = query.where(_T.c.whose == whose)
        return await self._database.read(
            lambda sql: [_access(row) for row in sql.execute(query).mappings()]
        )

    async def purge(self, before: datetime) -> int:
        """Delete the entries older than that; return how many."""
        query = delete(_T).where(_T.c.at < seconds(before))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)

    async def _add(self, row: dict[str, object]) -> None:
        given = update(_G).where(_G.c.verification_id == row["verification"])

        def work(sql: Connection) -> None:
            sql.execute(insert(_T).values(row)).close()
            if row["shown"] == Shown.COPY.value:  # the client's receipt outlives this log
                sql.execute(given.values(passed_on=True)).close()

        try:
            await self._database.write(work)
        except IntegrityError:
            return  # the same look, in another tab at this moment


def _row(access: Access) -> dict[str, object]:
    return {
        "id": access.id,
        "at": seconds(access.at),
        "viewer": access.viewer,
        "role": access.role,
        "profile": access.profile,
        "verification": access.verification,
        "shown": access.shown.value,
        "whose": access.whose,
    }


def _access(row: RowMapping) -> Access:
    return Access(
        id=bytes(row["id"]),
        at=moment(row["at"]),
        viewer=row["viewer"],
        role=row["role"],
        profile=row["profile"],
        verification=row["verification"],
        shown=Shown(row["shown"]),
        whose=None if row["whose"] is None else bytes(row["whose"]),
    )
