"""Status lists, their entries and the newest signed tokens of each."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

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

_FIRST = 1  # version of a list just begun


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

    def open(self, organisation: str, number: int, *, size: int) -> bool:
        """Begin a list of `size` entries unless it is there; says whether it was begun."""
        values = {"organisation": organisation, "number": number, "size": size, "version": _FIRST}
        return insert_once(self._connection, status_lists, values)

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
                "changed_in": 0,
            },
        )

    def fill(self, organisation: str, number: int, indexes: Collection[int]) -> None:
        """Take entries of a list just begun for good, to look as if they were revoked."""
        row = {"organisation": organisation, "number": number, "standing": Standing.REVOKED}
        rows = [{**row, "entry": index, "changed_in": _FIRST} for index in indexes]
        if rows:
            self._connection.execute(insert(status_entries), rows)

    def show(self, place: StatusPlace, standing: Standing) -> None:
        """Count the change, and set what a reserved entry says."""
        # The list first: whoever changes another of its entries waits here, so that the versions
        # are committed in their order and nobody who reads on from one misses a change.
        self._connection.execute(
            update(status_lists)
            .where(*_is(place.organisation, place.number))
            .values(version=status_lists.c.version + 1)
        )
        version = select(status_lists.c.version).where(*_is(place.organisation, place.number))
        self._connection.execute(
            update(status_entries)
            .where(
                status_entries.c.organisation == place.organisation,
                status_entries.c.number == place.number,
                status_entries.c.entry == place.index,
                status_entries.c.standing.in_(sources_of(standing, STANDING_NEXT)),
            )
            .values(standing=standing, changed_in=version.scalar_subquery())
        )

    def changes(
        self, organisation: str, number: int, *, after: int
    ) -> Sequence[tuple[int, Standing]]:
        """Return (index, standing) of every entry that changed after that version of the list.

        From the beginning (`after` 0) every entry that is not valid counts, whoever wrote it.
        """
        changed = status_entries.c.changed_in > after
        if after == 0:
            changed |= status_entries.c.standing != Standing.VALID
        statement = select(status_entries.c.entry, status_entries.c.standing).where(
            status_entries.c.organisation == organisation,
            status_entries.c.number == number,
            changed,
        )
        rows = self._connection.execute(statement).all()
        return [(entry, Standing(standing)) for entry, standing in rows]

    def published(self, organisation: str, number: int) -> PublishedList | None:
        """Return the newest signed tokens."""
        row = one(self._connection, select(status_lists).where(*_is(organisation, number)))
        if row is None or row["token"] is None:
            return None
        return PublishedList(
            token=row["token"],
            cwt=row["cwt"],
            version=row["token_version"],
            signed_at=row["token_signed_at"],
            expires_at=row["token_expires_at"],
        )

    def publish(self, organisation: str, number: int, published: PublishedList) -> None:
        """Keep signed tokens unless ones that show more, or live longer, are kept."""
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
                cwt=published.cwt,
                token_version=published.version,
                token_signed_at=published.signed_at,
                token_expires_at=published.expires_at,
            )
        )


def _is(organisation: str, number: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (status_lists.c.organisation == organisation, status_lists.c.number == number)
