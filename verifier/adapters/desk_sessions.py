"""Who is signed in, in SQL."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from service_kit.sql import Database
from verifier.adapters import tables
from verifier.adapters.verification_rows import moment, seconds
from verifier.usecases.staff_model import DeskSession

_T = tables.desk_sessions


class SqlDeskSessions:
    """`staff_ports.DeskSessions` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: DeskSession) -> None:
        """Store a new session."""
        row = {
            "id": session.id,
            "owner": session.owner,
            "role": session.role,
            "active_until": seconds(session.active_until),
            "expires_at": seconds(session.expires_at),
            "sealed": session.sealed,
            "id_token": session.id_token,
        }
        await self._database.write(lambda sql: sql.execute(insert(_T).values(row)).close())

    async def find(self, session_id: bytes) -> DeskSession | None:
        """Return the session of that id, or None."""

        def work(sql: Connection) -> DeskSession | None:
            row = sql.execute(select(_T).where(_T.c.id == session_id)).mappings().one_or_none()
            return None if row is None else _session(row)

        return await self._database.read(work)

    async def touch(self, session_id: bytes, *, active_until: datetime) -> None:
        """Put off, or bring forward, when the screen locks."""
        await self._update(session_id, {"active_until": seconds(active_until)})

    async def act_as(self, session_id: bytes, role: str) -> None:
        """Change the role."""
        await self._update(session_id, {"role": role})

    async def seal(self, session_id: bytes, sealed: bytes | None) -> None:
        """Replace what the session holds sealed."""
        await self._update(session_id, {"sealed": sealed})

    async def remove(self, session_id: bytes) -> None:
        """End a session."""
        query = delete(_T).where(_T.c.id == session_id)
        await self._database.write(lambda sql: sql.execute(query).close())

    async def remove_ended(self, at: datetime) -> int:
        """Delete the sessions that ended before `at`; return how many."""
        query = delete(_T).where(_T.c.expires_at <= seconds(at))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)

    async def _update(self, session_id: bytes, values: dict[str, object]) -> None:
        query = update(_T).where(_T.c.id == session_id).values(values)
        await self._database.write(lambda sql: sql.execute(query).close())


def _session(row: RowMapping) -> DeskSession:
    return DeskSession(
        id=bytes(row["id"]),
        owner=row["owner"],
        role=row["role"],
        active_until=moment(row["active_until"]),
        expires_at=moment(row["expires_at"]),
        sealed=None if row["sealed"] is None else bytes(row["sealed"]),
        id_token=None if row["id_token"] is None else bytes(row["id_token"]),
    )
