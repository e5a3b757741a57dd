"""Status lists, their entries and the newest signed token of each."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, or_, select, update

from issuer.adapters.sql.rows import insert_once, one
from issuer.adapters.sql.tables import status_entries, status_lists
from issuer.model import (
    STANDING_NEXT,
    PublishedList,
    Standing,
    StatusListRow,
    StatusPlace,
    sources_of,
)

_ROW = (
    status_lists.c.organisation,
    status_lists.c.number,
    status_lists.c.size,
    status_lists.c.version,
)


class SqlStatusLists:
    """Status lists through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, organisation: str) -> StatusListRow | None:
        """Return the list that new entries go to."""
        row = one(
            self._connection,
            select(*_ROW)
            .where(status_lists.c.organisation == organisation)
            .order_by(status_lists.c.number.desc())
            .limit(1),
        )
        return None if row is None else StatusListRow(**row)

    def get(self, organisation: str, number: int) -> StatusListRow | None:
        """Return one list."""
        row = one(self._connection, select(*_ROW).where(*_is(organisation, number)))
        return None if row is None else StatusListRow(**row)

    def open(self, organisation: str, number: int, *, size: int) -> None:
        """Begin a list of `size` entries unless it is there."""
        values = {"organisation": organisation, "number": number, "size": size, "version": 1}
        insert_once(self._connection, status_lists, values)

    def reserve(self, place: StatusPlace) -> bool:
        """Take an entry for good; False when it is taken."""
        return insert_once(
            self._connection,
            status_entries,
            {
                "organisation": place.organisation,
                "number": place.number,
                "entry": place.index,
                "standing": Standing.VALID,
            },
        )

    def show(self, place: StatusPlace, standing: Standing) -> None:
        """Set what a reserved entry says, and count the change."""
        self._connection.execute(
            update(status_entries)
            .where(
                status_entries.c.organisation == place.organisation,
                status_entries.c.number == place.number,
                status_entries.c.entry == place.index,
                status_entries.c.standing.in_(sources_of(standing, STANDING_NEXT)),
            )
            .values(standing=standing)
        )
        self._connection.execute(
            update(status_lists)
            .where(*_is(place.organisation, place.number))
            .values(version=status_lists.c.version + 1)
        )

    def changed_entries(self, organisation: str, number: int) -> Sequence[tuple[int, Standing]]:
        """Return (index, standing) of every entry that is not valid."""
        statement = select(status_entries.c.entry, status_entries.c.standing).where(
            status_entries.c.organisation == organisation,
            status_entries.c.number == number,
            status_entries.c.standing != Standing.VALID,
        )
        rows = self._connection.execute(statement).all()
        return [(entry, Standing(standing)) for entry, standing in rows]

    def published(self, organisation: str, number: int) -> PublishedList | None:
        """Return the newest signed token."""
        row = one(self._connection, select(status_lists).where(*_is(organisation, number)))
        if row is None or row["token"] is None:
            return None
        return PublishedList(
            token=row["token"],
            version=row["token_version"],
            signed_at=row["token_signed_at"],
            expires_at=row["token_expires_at"],
        )

    def publish(self, organisation: str, number: int, published: PublishedList) -> None:
        """Keep a signed token unless one that shows more, or lives longer, is kept."""
        older = or_(
            status_lists.c.token_version.is_(None),
            status_lists.c.token_version < published.version,
            (status_lists.c.token_version == published.version)
            & (status_lists.c.token_expires_at < published.expires_at),
        )
        self._connection.execute(
            update(status_lists)
            .where(*_is(organisation, number), older)
            .values(
                token=published.token,
                token_version=published.version,
                token_signed_at=published.signed_at,
                token_expires_at=published.expires_at,
            )
        )


def _is(organisation: str, number: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (status_lists.c.organisation == organisation, status_lists.c.number == number)
