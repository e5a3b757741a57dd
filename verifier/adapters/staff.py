"""The staff, and failed attempts to sign in, in SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, RowMapping, case, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from service_kit.sql import Database
from verifier.adapters import tables
from verifier.adapters.verification_rows import moment, seconds
from verifier.usecases.staff_model import StaffPerson

_T = tables.staff
_A = tables.sign_in_attempts
_FREE_TRIES = 5  # the wait after the fifth wrong password, and after each one from then on
_WAIT = timedelta(minutes=1)
_MANY_TRIES = 10
_LONG_WAIT = timedelta(minutes=15)
_QUIET = timedelta(hours=1)


class SqlStaff:
    """`staff_ports.StaffBook` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, person: StaffPerson) -> bool:
        """Store a new person; False when the name or subject is taken."""
        row = {
            "id": person.id,
            "sign_in_name": person.sign_in_name,
            "subject": person.subject,
            "display_name": person.display_name,
            "roles": _joined(person.roles),
            "password_hash": person.password_hash,
            "created_at": seconds(person.created_at),
        }
        try:
            await self._database.write(lambda sql: sql.execute(insert(_T).values(row)).close())
        except IntegrityError:
            return False
        return True

    async def find(self, person_id: str) -> StaffPerson | None:
        """Return the person of that id, or None."""
        return await self._one(_T.c.id, person_id)

    async def named(self, sign_in_name: str) -> StaffPerson | None:
        """Return the person of that local account, or None."""
        return await self._one(_T.c.sign_in_name, sign_in_name)

    async def of_subject(self, subject: str) -> StaffPerson | None:
        """Return the person whom the identity provider knows by that subject, or None."""
        return await self._one(_T.c.subject, subject)

    async def all(self) -> Sequence[StaffPerson]:
        """Return everybody, oldest first."""
        query = select(_T).order_by(_T.c.created_at, _T.c.id)
        return await self._database.read(
            lambda sql: [_person(row) for row in sql.execute(query).mappings()]
        )

    async def set_password(self, person_id: str, password_hash: str) -> None:
        """Replace a local account's password."""
        await self._update(person_id, {"password_hash": password_hash})

    async def renew(self, person_id: str, *, display_name: str, roles: frozenset[str]) -> None:
        """Take over what the identity provider says now."""
        await self._update(person_id, {"display_name": display_name, "roles": _joined(roles)})

    async def disable(self, person_id: str, *, at: datetime) -> bool:
        """Let the person in no more; False when there is no such person, or so already."""
        query = (
            update(_T)
            .where(_T.c.id == person_id, _T.c.disabled_at.is_(None))
            .values(disabled_at=seconds(at))
        )
        return await self._database.write(lambda sql: sql.execute(query).rowcount == 1)

    async def _one(self, column: Column[str], value: str) -> StaffPerson | None:
        if "\x00" in value:  # PostgreSQL takes no such text
            return None

        def work(sql: Connection) -> StaffPerson | None:
            row = sql.execute(select(_T).where(column == value)).mappings().one_or_none()
            return None if row is None else _person(row)

        return await self._database.read(work)

    async def _update(self, person_id: str, values: dict[str, object]) -> None:
        query = update(_T).where(_T.c.id == person_id).values(values)
        await self._database.write(lambda sql: sql.execute(query).close())


class SqlSignInAttempts:
    """`staff_ports.SignInAttempts` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, key: bytes, *, at: datetime) -> datetime | None:
        """Count one attempt by one conditional write, before anything is compared."""
        now = seconds(at)
        more = _A.c.failures + 1
        wait = case(
            (more >= _MANY_TRIES, int(_LONG_WAIT.total_seconds())),
            (more >= _FREE_TRIES, int(_WAIT.total_seconds())),
            else_=0,
        )
        again = (
            update(_A)
            .where(_A.c.key == key, _A.c.barred_until <= now)
            .values(failures=more, barred_until=now + wait, last_at=now)
        )
        first = insert(_A).values(key=key, failures=1, barred_until=now, last_at=now)
        barred = select(_A.c.barred_until).where(_A.c.key == key)

        def work(sql: Connection) -> int | None:
            if sql.execute(again).rowcount == 1:
                return None
            until = sql.execute(barred).scalar_one_or_none()
            if until is None:
                sql.execute(first)
            return until

        try:
            until = await self._database.write(work)
        except IntegrityError:  # somebody else tried the name for the first time just now
            until = await self._database.write(work)
        return None if until is None else moment(until)

    async def clear(self, key: bytes) -> None:
        """Forget them: the password was right, or a new one was given."""
        query = delete(_A).where(_A.c.key == key)
        await self._database.write(lambda sql: sql.execute(query).close())

    async def forget(self, at: datetime) -> int:
        """Delete what has been quiet for an hour; return how many."""
        query = delete(_A).where(_A.c.last_at <= seconds(at - _QUIET))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)


def _joined(roles: frozenset[str]) -> str:
    return " ".join(sorted(roles))


def _person(row: RowMapping) -> StaffPerson:
    return StaffPerson(
        id=row["id"],
        display_name=row["display_name"],
        roles=frozenset(row["roles"].split()),
        created_at=moment(row["created_at"]),
        sign_in_name=row["sign_in_name"],
        subject=row["subject"],
        password_hash=row["password_hash"],
        disabled_at=None if row["disabled_at"] is None else moment(row["disabled_at"]),
    )
