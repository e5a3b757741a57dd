"""What is kept of one client, through one connection, and how it goes."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    delete,
    insert,
    select,
    update,
)

from issuer.adapters.sql.after_tables import subject_calls
from issuer.adapters.sql.credentials import credential_from
from issuer.adapters.sql.offers import offer_from
from issuer.adapters.sql.rows import insert_once, one
from issuer.adapters.sql.tables import credentials, metadata, offers
from issuer.model import Credential, Offer
from issuer.ports.after import Erasure, Severed, SubjectCall

TYPED = ("organisation", "subject_mac", "type_id")
"""The columns of a table whose rows belong to one client each."""


class SqlSubjects:
    """Offers, credentials and calls of one client."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def offers_of(self, organisation: str, subject_mac: bytes) -> Sequence[Offer]:
        """Return every offer made to a client, oldest first."""
        statement = (
            select(offers)
            .where(offers.c.organisation == organisation, offers.c.subject_mac == subject_mac)
            .order_by(offers.c.created_at, offers.c.id)
        )
        return [offer_from(row) for row in self._connection.execute(statement).mappings()]

    def credentials_of(self, organisation: str, subject_mac: bytes) -> Sequence[Credential]:
        """Return every copy made for a client, oldest first."""
        statement = (
            select(credentials)
            .where(
                credentials.c.organisation == organisation,
                credentials.c.subject_mac == subject_mac,
            )
            .order_by(credentials.c.recorded_at, credentials.c.id)
        )
        return [credential_from(row) for row in self._connection.execute(statement).mappings()]

    def remember(self, call: SubjectCall, *, keep_until: datetime) -> bool:
        """Keep a call in one conditional insert; False when its key is in use."""
        told = {
            "revoked": call.revoked,
            "withdrawn": call.withdrawn,
            "letters": call.letters,
            "awaiting": call.awaiting,
            "out_of_scope": call.out_of_scope,
        }
        values = {
            "key_mac": call.key_mac,
            "organisation": call.organisation,
            "subject_mac": call.subject_mac,
            "body_mac": call.body_mac,
            "told": json.dumps(told),
            "keep_until": keep_until,
        }
        return insert_once(self._connection, subject_calls, values)

    def remembered(self, key_mac: bytes) -> SubjectCall | None:
        """Return the call made under a key."""
        row = one(self._connection, select(subject_calls).where(subject_calls.c.key_mac == key_mac))
        if row is None:
            return None
        told = json.loads(row["told"])
        return SubjectCall(
            key_mac=row["key_mac"],
            organisation=row["organisation"],
            subject_mac=row["subject_mac"],
            body_mac=row["body_mac"],
            revoked=tuple(told["revoked"]),
            withdrawn=tuple(told["withdrawn"]),
            letters=tuple(told["letters"]),
            awaiting=tuple(told["awaiting"]),
            out_of_scope=told["out_of_scope"],
        )

    def forget(self, now: datetime) -> int:
        """Drop calls past their time; returns how many."""
        gone = delete(subject_calls).where(subject_calls.c.keep_until <= now)
        return self._connection.execute(gone).rowcount

    def erase(self, erasure: Erasure) -> Mapping[str, int]:
        """Cut the severed cards loose, and drop every other row that belongs to the client.

        Which tables there are is not listed here: a table is a client's when its rows carry their
        MAC, or point at rows that do. Whatever a later table adds goes, too. Calls are of all
        types: while rows of other types are left, a call that comes again must be known again.
        """
        for severed in erasure.severed:
            self._sever(severed)
        gone: Counter[str] = Counter()
        typed = [table for table in metadata.sorted_tables if set(TYPED) <= set(table.c.keys())]
        for table in typed:
            ours = _of_client(table, erasure) & table.c.type_id.in_(sorted(erasure.types))
            self._drop(table, ours, gone)
        if not any(self._has(table, erasure) for table in typed):
            self._drop(subject_calls, _of_client(subject_calls, erasure), gone)
        return gone

    def _has(self, table: Table, erasure: Erasure) -> bool:
        some = select(table.c.subject_mac).where(_of_client(table, erasure)).limit(1)
        return self._connection.execute(some).first() is not None

    def _sever(self, severed: Severed) -> None:
        stub = severed.stub
        columns = {name: getattr(stub, name) for name in stub.__dataclass_fields__}
        known = {name: value for name, value in columns.items() if name in offers.c}
        self._connection.execute(insert(offers).values(known))
        self._connection.execute(
            update(credentials)
            .where(credentials.c.id == severed.credential_id)
            .values(
                offer_id=stub.id,
                subject_mac=severed.subject_mac,
                notification_mac=severed.notification_mac,
                recorded_at=severed.recorded_at,
            )
        )

    def _drop(self, table: Table, which: ColumnElement[bool], gone: "Counter[str]") -> None:
        """Drop rows, after whatever points at them."""
        for other in metadata.sorted_tables:
            for column in other.columns:
                for pointer in column.foreign_keys:
                    if pointer.column.table is table and other is not table:
                        pointed_at = select(pointer.column).where(which)
                        self._drop(other, column.in_(pointed_at), gone)
        dropped = self._connection.execute(delete(table).where(which)).rowcount
        gone[table.name] += dropped


def _of_client(table: Table, erasure: Erasure) -> ColumnElement[bool]:
    return (table.c.organisation == erasure.organisation) & (
        table.c.subject_mac == erasure.subject_mac
    )
