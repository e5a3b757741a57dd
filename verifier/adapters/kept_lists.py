"""Status lists over a restart, and when the last bundle was made, in SQL."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from openid4vc.status_list.forms import Form, ListToken
from service_kit.sql import Database
from verifier.adapters.tables import offline_bundle, status_lists
from verifier.adapters.verification_rows import moment, seconds
from verifier.model import HeldList, ListPlace

_ONLY = 1


class SqlKeptLists:
    """`ports.KeptLists` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, uri: str, *, issuer: str) -> HeldList | None:
        """Return the list that was kept for that address and issuer, or None."""
        query = select(status_lists).where(_its(uri, issuer))
        row = await self._database.read(lambda sql: sql.execute(query).mappings().one_or_none())
        return None if row is None else _held(row)

    async def save(self, held: HeldList) -> None:
        """Keep a list, unless one is held that was signed later."""
        row = {
            "form": held.token.form.value,
            "token": held.token.data,
            "fetched_at": seconds(held.fetched_at),
            "issued_at": seconds(held.issued_at),
        }
        its = _its(held.uri, held.issuer)

        def work(sql: Connection) -> None:
            newer = status_lists.c.issued_at <= row["issued_at"]
            replaced = sql.execute(update(status_lists).where(its, newer).values(row))
            if replaced.rowcount == 0 and sql.execute(select(1).where(its)).first() is None:
                place = {"uri": held.uri, "issuer": held.issuer}
                sql.execute(insert(status_lists).values(row | place))

        await self._write(work)

    async def all(self) -> Sequence[HeldList]:
        """Return every list that is kept."""
        query = select(status_lists).order_by(status_lists.c.issuer, status_lists.c.uri)
        return await self._database.read(
            lambda sql: [_held(row) for row in sql.execute(query).mappings()]
        )

    async def places(self) -> Sequence[ListPlace]:
        """Return of which issuer lists are kept, and where they came from."""
        query = select(status_lists.c.issuer, status_lists.c.uri).order_by(
            status_lists.c.issuer, status_lists.c.uri
        )
        return await self._database.read(
            lambda sql: [ListPlace(issuer, uri) for issuer, uri in sql.execute(query)]
        )

    async def forget(self, before: datetime) -> int:
        """Delete what was signed before that time; return how many."""
        query = delete(status_lists).where(status_lists.c.issued_at < seconds(before))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)

    async def bundle_made_at(self) -> datetime | None:
        """Return when the newest bundle was made that this desk has loaded, or None."""
        query = select(offline_bundle.c.made_at).where(offline_bundle.c.only == _ONLY)
        made_at = await self._database.read(lambda sql: sql.execute(query).scalar_one_or_none())
        return None if made_at is None else moment(made_at)

    async def note_bundle(self, made_at: datetime) -> None:
        """Note that a bundle of that time was loaded, unless a newer one was."""
        row = {"only": _ONLY, "made_at": seconds(made_at)}

        def work(sql: Connection) -> None:
            newer = offline_bundle.c.made_at <= row["made_at"]
            replaced = sql.execute(update(offline_bundle).where(newer).values(row))
            if replaced.rowcount == 0 and sql.execute(select(offline_bundle)).first() is None:
                sql.execute(insert(offline_bundle).values(row))

        await self._write(work)

    async def _write(self, work: Callable[[Connection], None]) -> None:
        try:
            await self._database.write(work)
        except IntegrityError:  # another process has put its row there in the same moment
            await self._database.write(work)


def _its(uri: str, issuer: str) -> ColumnElement[bool]:
    return and_(status_lists.c.uri == uri, status_lists.c.issuer == issuer)


def _held(row: RowMapping) -> HeldList:
    return HeldList(
        uri=row["uri"],
        issuer=row["issuer"],
        token=ListToken(Form(row["form"]), bytes(row["token"])),
        fetched_at=moment(row["fetched_at"]),
        issued_at=moment(row["issued_at"]),
    )
