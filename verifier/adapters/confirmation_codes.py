"""Confirmation codes in SQL. A try is used up by one conditional write."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from service_kit.sql import Database
from verifier.adapters.tables import confirmation_codes, verifications
from verifier.adapters.verification_rows import moment, seconds
from verifier.model import State, StoredCode


class SqlConfirmationCodes:
    """`ports.ConfirmationCodes` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, code: StoredCode) -> None:
        """Keep a code for the page that shows it."""
        row = {"key": code.key, "sealed": code.sealed, "until": seconds(code.until)}
        query = insert(confirmation_codes).values(row)
        await self._database.write(lambda sql: sql.execute(query).close())

    async def find(self, key: bytes, *, at: datetime) -> StoredCode | None:
        """Return the code behind an address if its time is not over, or None."""
        query = select(confirmation_codes).where(
            confirmation_codes.c.key == key, confirmation_codes.c.until > seconds(at)
        )

        def work(sql: Connection) -> StoredCode | None:
            row = sql.execute(query).mappings().one_or_none()
            if row is None:
                return None
            return StoredCode(bytes(row["key"]), bytes(row["sealed"]), moment(row["until"]))

        return await self._database.read(work)

    async def forget(self, at: datetime) -> int:
        """Delete the codes whose time is over; return how many."""
        query = delete(confirmation_codes).where(confirmation_codes.c.until <= seconds(at))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)

    async def use_try(self, verification_id: str, *, at: datetime) -> int | None:
        """Use up one try by one conditional write; return how many are left after it."""
        query = (
            update(verifications)
            .where(
                verifications.c.id == verification_id,
                verifications.c.state == State.CODE_PENDING.value,
                verifications.c.tries_left > 0,
                verifications.c.expires_at > seconds(at),
            )
            .values(tries_left=verifications.c.tries_left - 1)
            .returning(verifications.c.tries_left)
        )
        return await self._database.write(lambda sql: sql.execute(query).scalar_one_or_none())

    async def mac(self, verification_id: str) -> bytes | None:
        """Return the keyed MAC of the code that is waited for, None when there is none."""
        query = select(verifications.c.code_mac).where(verifications.c.id == verification_id)

        def work(sql: Connection) -> bytes | None:
            value = sql.execute(query).scalar_one_or_none()
            return None if value is None else bytes(value)

        return await self._database.read(work)
