"""The smaller stores in SQL: the last good trust list, API keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from service_kit.sql import Database
from verifier.adapters.tables import api_keys, trust_list
from verifier.adapters.verification_rows import moment, seconds
from verifier.model import ApiKey

_ONLY = 1


class SqlTrustListStore:
    """`ports.TrustListStore` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> str | None:
        """Return the last good list as text, None when there is none."""
        query = select(trust_list.c.text).where(trust_list.c.only == _ONLY)
        return await self._database.read(lambda sql: sql.execute(query).scalar_one_or_none())

    async def save(self, text: str, *, sequence: int) -> None:
        """Keep a list, unless one of a higher sequence is held already."""

        def work(sql: Connection) -> None:
            replaced = sql.execute(
                update(trust_list)
                .where(trust_list.c.only == _ONLY, trust_list.c.sequence <= sequence)
                .values(sequence=sequence, text=text)
            )
            held = sql.execute(select(trust_list.c.only)).scalar_one_or_none()
            if replaced.rowcount == 0 and held is None:
                row = {"only": _ONLY, "sequence": sequence, "text": text}
                sql.execute(insert(trust_list).values(row))

        await self._database.write(work)

    async def highest_sequence(self) -> int:
        """Return the highest sequence ever kept, 0 when none."""
        query = select(trust_list.c.sequence).where(trust_list.c.only == _ONLY)
        return await self._database.read(lambda sql: sql.execute(query).scalar_one_or_none()) or 0


class SqlApiKeys:
    """`ports.ApiKeys` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: ApiKey) -> None:
        """Store a new key."""
        row = {
            "id": key.id,
            "role": key.role,
            "label": key.label,
            "mac": key.mac,
            "created_at": seconds(key.created_at),
            "expires_at": seconds(key.expires_at),
        }
        await self._database.write(lambda sql: sql.execute(insert(api_keys).values(row)).close())

    async def find(self, key_id: str) -> ApiKey | None:
        """Return the key of that public id, or None."""

        def work(sql: Connection) -> ApiKey | None:
            query = select(api_keys).where(api_keys.c.id == key_id)
            row = sql.execute(query).mappings().one_or_none()
            return None if row is None else _api_key(row)

        return await self._database.read(work)

    async def all(self) -> Sequence[ApiKey]:
        """Return every key, oldest first."""
        query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
        return await self._database.read(
            lambda sql: [_api_key(row) for row in sql.execute(query).mappings()]
        )

    async def revoke(self, key_id: str, *, at: datetime) -> bool:
        """End a key now; False when there is no live key of that id."""
        query = (
            update(api_keys)
            .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=seconds(at))
        )
        return await self._database.write(lambda sql: sql.execute(query).rowcount == 1)


def _api_key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        role=row["role"],
        label=row["label"],
        mac=bytes(row["mac"]),
        created_at=moment(row["created_at"]),
        expires_at=moment(row["expires_at"]),
        revoked_at=None if row["revoked_at"] is None else moment(row["revoked_at"]),
    )
