"""Copies on their way and offered receipts in SQL."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from service_kit.sql import Database
from verifier.adapters import tables
from verifier.adapters.verification_rows import moment, seconds
from verifier.usecases.hand_on_ports import Delivery, DeliveryState, StoredReceipt

_D = tables.deliveries
_R = tables.receipts


class SqlDeliveries:
    """`hand_on_ports.Deliveries` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, delivery: Delivery) -> bool:
        """Store a new one; False when that verification has one already."""
        row = delivery_row(delivery)
        try:
            await self._database.write(lambda sql: sql.execute(insert(_D).values(row)).close())
        except IntegrityError:
            return False
        return True

    async def of(self, verification_id: str) -> Delivery | None:
        """Return a verification's delivery, or None."""
        query = select(_D).where(_D.c.verification_id == verification_id)

        def work(sql: Connection) -> Delivery | None:
            row = sql.execute(query).mappings().one_or_none()
            return None if row is None else _delivery(row)

        return await self._database.read(work)

    async def claim(self, *, at: datetime, until: datetime) -> Delivery | None:
        """Take one that is due by one conditional write; None when none is due."""
        waiting = (_D.c.state == DeliveryState.WAITING.value) & (_D.c.next_at <= seconds(at))
        due = select(_D).where(waiting).order_by(_D.c.next_at).limit(1)

        def work(sql: Connection) -> Delivery | None:
            row = sql.execute(due).mappings().one_or_none()
            if row is None:
                return None
            values = {"next_at": seconds(until), "attempts": row["attempts"] + 1}
            taken = sql.execute(update(_D).where(_D.c.id == row["id"], waiting).values(values))
            return _delivery(row) if taken.rowcount == 1 else None

        return await self._database.write(work)

    async def end(self, delivery_id: str, state: DeliveryState) -> None:
        """Note how it ended and erase what was to be sent."""
        await self._set(delivery_id, {"state": state.value, "sealed": None})
        await self._database.wipe_log()

    async def put_off(self, delivery_id: str, *, next_at: datetime) -> None:
        """Send it again later."""
        await self._set(delivery_id, {"next_at": seconds(next_at)})

    async def forget(self, before: datetime) -> int:
        """Delete those whose time was over by then; return how many."""
        query = delete(_D).where(_D.c.give_up_at <= seconds(before))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)

    async def _set(self, delivery_id: str, values: dict[str, object]) -> None:
        query = update(_D).where(_D.c.id == delivery_id).values(values)
        await self._database.write(lambda sql: sql.execute(query).close())


class SqlReceipts:
    """`hand_on_ports.Receipts` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, receipt: StoredReceipt) -> None:
        """Store one, unless that verification has one that can still be taken."""
        row = {
            "verification_id": receipt.verification_id,
            "sealed": receipt.sealed,
            "until": seconds(receipt.until),
        }
        ended = delete(_R).where(
            _R.c.verification_id == receipt.verification_id, _R.c.until < seconds(receipt.until)
        )

        def work(sql: Connection) -> None:
            sql.execute(ended).close()
            sql.execute(insert(_R).values(row)).close()

        try:
            await self._database.write(work)
        except IntegrityError:
            return

    async def of(self, verification_id: str) -> StoredReceipt | None:
        """Return a verification's receipt, or None."""
        query = select(_R).where(_R.c.verification_id == verification_id)

        def work(sql: Connection) -> StoredReceipt | None:
            row = sql.execute(query).mappings().one_or_none()
            if row is None:
                return None
            return StoredReceipt(row["verification_id"], row["sealed"], moment(row["until"]))

        return await self._database.read(work)

    async def forget(self, at: datetime) -> int:
        """Delete those that nobody can take any more; return how many."""
        query = delete(_R).where(_R.c.until <= seconds(at))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)


def delivery_row(delivery: Delivery) -> dict[str, object]:
    """Return a delivery as it is stored."""
    return {
        "id": delivery.id,
        "verification_id": delivery.verification_id,
        "state": delivery.state.value,
        "sealed": delivery.sealed,
        "attempts": delivery.attempts,
        "next_at": seconds(delivery.next_at),
        "give_up_at": seconds(delivery.give_up_at),
    }


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row["id"],
        verification_id=row["verification_id"],
        state=DeliveryState(row["state"]),
        sealed=None if row["sealed"] is None else bytes(row["sealed"]),
        attempts=row["attempts"],
        next_at=moment(row["next_at"]),
        give_up_at=moment(row["give_up_at"]),
    )
