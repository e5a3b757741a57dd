"""Statements and row readings that several records share."""

from collections.abc import Mapping

from sqlalchemy import Connection, Executable, RowMapping, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row unless its key is taken; says whether it was inserted.

    Both engines decide in one statement, and neither lets the transaction fail over it.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(values).on_conflict_do_nothing()
    # Counting by rows given back: drivers differ in what they count for an insert.
    given_back = statement.returning(*table.primary_key.columns)
    return connection.execute(given_back).first() is not None


def one(connection: Connection, statement: Executable) -> RowMapping | None:
    """Return the statement's only row, or None."""
    return connection.execute(statement).mappings().one_or_none()
