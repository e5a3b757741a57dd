"""The evidence in SQL: recorded with the step that it is about, sealed later, never changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from service_kit.sql import Database
from verifier.adapters.tables import (
    evidence_chain,
    evidence_checkpoints,
    evidence_standing,
    evidence_waiting,
)
from verifier.model import Evidence
from verifier.usecases.evidence_head import EMPTY, Head
from verifier.usecases.evidence_keep import Standing
from verifier.usecases.evidence_record import SealedRecord, content_of, evidence_from, seal_record

_ONLY = 1
_WAITING = select(evidence_waiting.c.content).order_by(
    evidence_waiting.c.hour, evidence_waiting.c.id
)
_STANDS = update(evidence_standing).where(evidence_standing.c.only == _ONLY)


class EvidenceLost(RuntimeError):
    """The row that counts the records is gone: nothing more can be put on record."""


def record(sql: Connection, evidence: Evidence, *, record_id: str) -> None:
    """Put a record down in the transaction of the step that it is about.

    Args:
        sql: the connection of that transaction.
        evidence: what is recorded.
        record_id: random; it decides where in its hour the record will stand.

    Raises:
        EvidenceLost: it could not be counted; the step must not be taken.
    """
    row = {
        "id": record_id,
        "hour": int(evidence.hour.timestamp()),
        "content": content_of(evidence),
    }
    sql.execute(insert(evidence_waiting).values(row))
    # Last, because this row is everybody's: it is locked from here to the end only.
    counted = sql.execute(_STANDS.values(recorded=evidence_standing.c.recorded + 1))
    if counted.rowcount != 1:
        raise EvidenceLost


def all_evidence(sql: Connection) -> Sequence[Evidence]:
    """Return every record there is: the sealed ones in order, then those that wait, by hour."""
    sealed = select(evidence_chain.c.content).order_by(evidence_chain.c.sequence)
    contents = [*sql.execute(sealed).scalars(), *sql.execute(_WAITING).scalars()]
    return [evidence_from(content) for content in contents]


class SqlEvidence:
    """`usecases.evidence_keep.EvidenceStore` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seal(self, before: datetime, *, count: int) -> int:
        """Seal up to `count` waiting records of hours that began before that; return how many.

        The row with the chain's head is locked first, so two processes never seal at once.
        """
        wanted = (
            select(evidence_waiting.c.id, evidence_waiting.c.content)
            .where(evidence_waiting.c.hour <= int(before.timestamp()))
            .order_by(evidence_waiting.c.hour, evidence_waiting.c.id)
            .limit(count)
        )

        def work(sql: Connection) -> int:
            head = _head(_standing_row(sql, lock=True))
            found = sql.execute(wanted).all()
            rows = []
            for _, content in found:
                sealed = seal_record(head.sequence + 1, head.hash, content)
                rows.append(_row(sealed))
                head = Head(sealed.sequence, sealed.hash)
            if rows:
                ids = [row.id for row in found]
                sql.execute(insert(evidence_chain), rows)
                sql.execute(delete(evidence_waiting).where(evidence_waiting.c.id.in_(ids)))
                sql.execute(_STANDS.values(sequence=head.sequence, hash=head.hash))
            return len(rows)

        return await self._database.write(work)

    async def waiting(self) -> Sequence[str]:
        """Return the contents of the records that wait, by hour."""
        return await self._database.read(lambda sql: list(sql.execute(_WAITING).scalars()))

    async def page(self, after: int, *, count: int) -> Sequence[SealedRecord]:
        """Return up to `count` records that follow a number, in order."""
        query = (
            select(evidence_chain)
            .where(evidence_chain.c.sequence > after)
            .order_by(evidence_chain.c.sequence)
            .limit(count)
        )
        return await self._database.read(
            lambda sql: [_sealed(row) for row in sql.execute(query).mappings()]
        )

    async def standing(self) -> Standing:
        """Return what the database itself says of the chain."""
        latest = (
            select(evidence_checkpoints).order_by(evidence_checkpoints.c.sequence.desc()).limit(1)
        )

        def work(sql: Connection) -> Standing:
            row = _standing_row(sql)
            checkpoint = sql.execute(latest).mappings().one_or_none()
            return Standing(
                recorded=row["recorded"],
                waiting=sql.execute(
                    select(func.count()).select_from(evidence_waiting)
                ).scalar_one(),
                head=_head(row),
                start=EMPTY if checkpoint is None else _head(checkpoint),
                checkpoint=None if checkpoint is None else checkpoint["signed"],
            )

        return await self._database.read(work)

    async def let_go(self, upto: Head, *, signed: str) -> None:
        """Keep a signed checkpoint, and delete the records up to it; once, whoever else tries."""
        row = {"sequence": upto.sequence, "hash": upto.hash, "signed": signed}
        latest = select(func.max(evidence_checkpoints.c.sequence))
        old = delete(evidence_chain).where(evidence_chain.c.sequence <= upto.sequence)

        def work(sql: Connection) -> None:
            _standing_row(sql, lock=True)
            if (sql.execute(latest).scalar_one_or_none() or 0) < upto.sequence:
                sql.execute(insert(evidence_checkpoints).values(row))
                sql.execute(old)

        await self._database.write(work)


def _standing_row(sql: Connection, *, lock: bool = False) -> RowMapping:
    query = select(evidence_standing).where(evidence_standing.c.only == _ONLY)
    found = sql.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if found is None:
        raise EvidenceLost
    return found


def _head(row: RowMapping) -> Head:
    return Head(row["sequence"], bytes(row["hash"]))


def _row(sealed: SealedRecord) -> dict[str, object]:
    return {
        "sequence": sealed.sequence,
        "previous": sealed.previous,
        "content": sealed.content,
        "hash": sealed.hash,
    }


def _sealed(row: RowMapping) -> SealedRecord:
    return SealedRecord(
        sequence=row["sequence"],
        previous=bytes(row["previous"]),
        content=row["content"],
        hash=bytes(row["hash"]),
    )
