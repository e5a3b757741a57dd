"""Given receipts and secret pages in SQL. What a client asks is one conditional write."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from openid4vc.openid4vp.withdrawal import Done, Wish
from service_kit.sql import Database
from verifier.adapters import tables
from verifier.adapters.evidence_chain import record
from verifier.adapters.hand_on_store import delivery_row
from verifier.adapters.verification_rows import moment, seconds
from verifier.model import Once
from verifier.ports import Random
from verifier.usecases.client_side_model import (
    MAY_BECOME,
    Act,
    GivenReceipt,
    HeldPage,
    Holdings,
    InvitationOver,
    ReceiptState,
)
from verifier.usecases.hand_on_ports import DeliveryState
from verifier.usecases.staff_model import Shown

_G = tables.given_receipts
_P = tables.held_pages
_V = tables.verifications
_D = tables.deliveries
_L = tables.access_log
_WAITS = _G.c.asked_at.is_not(None) & _G.c.passed_on & _G.c.seen_to_at.is_(None)


class SqlGivenReceipts:
    """`client_side_model.GivenReceipts` over `service_kit.sql`."""

    def __init__(self, database: Database, random: Random) -> None:
        self._database = database
        self._random = random

    async def add(self, receipt: GivenReceipt) -> None:
        """Remember one, unless it is remembered already."""
        row = {
            "key": receipt.key,
            "verification_id": receipt.verification_id,
            "client_id": receipt.client_id,
            "issuer": receipt.issuer,
            "profile": receipt.profile,
            "role": receipt.role,
            "given_at": seconds(receipt.given_at),
            "kept_until": receipt.kept_until and receipt.kept_until.isoformat(),
            "forget_at": seconds(receipt.forget_at),
            "state": receipt.state.value,
        }

        def work(sql: Connection) -> None:
            copied = _was_copied(sql, receipt.verification_id)
            sql.execute(insert(_G).values(**row, passed_on=copied)).close()

        try:
            await self._database.write(work)
        except IntegrityError:
            return

    async def find(self, key: bytes) -> GivenReceipt | None:
        """Return the receipt of that key, or None."""
        query = select(_G).where(_G.c.key == key)

        def work(sql: Connection) -> GivenReceipt | None:
            row = sql.execute(query).mappings().one_or_none()
            return None if row is None else _receipt(row)

        return await self._database.read(work)

    async def knows(self, client_id: str) -> bool:
        """Return whether any receipt names that receiver."""
        if "\0" in client_id:
            return False  # PostgreSQL has no such texts
        query = select(_G.c.client_id).where(_G.c.client_id == client_id).limit(1)
        return await self._database.read(lambda sql: sql.execute(query).first() is not None)

    async def holdings(self, verification_id: str) -> Holdings:
        """Return what there is of a showing now."""
        return await self._database.read(lambda sql: _holdings(sql, verification_id))

    async def act(self, act: Act) -> Done:
        """Erase what is here, stop what is on its way, note it; all of it, and once.

        Raises:
            InvitationOver: the nonce has been used; nothing changes.
        """
        try:
            done = await self._database.write(lambda sql: self._act(sql, act))
        except IntegrityError:
            raise InvitationOver("used") from None
        await self._database.wipe_log()
        return done

    def _act(self, sql: Connection, act: Act) -> Done:
        if act.once is not None:
            use_once(sql, act.once)
        about = act.receipt.verification_id
        # Whoever is about to send the copy has taken it by now, or finds it gone afterwards.
        sql.execute(select(_D.c.id).where(_D.c.verification_id == about).with_for_update()).close()
        there = _holdings(sql, about)
        told = Done.WITHDRAWN if act.wish is Wish.WITHDRAWAL else _erasing(there)
        asked = (
            update(_G)
            .where(
                _G.c.key == act.receipt.key,
                _G.c.state.in_([state.value for state in MAY_BECOME[act.wish]]),
            )
            .values(
                state=_STATE[told].value,
                asked_at=seconds(act.at),
                passed_on=there.passed_on,
            )
        )
        if sql.execute(asked).rowcount != 1:
            return _already(sql, act)
        erased = update(_V).where(_V.c.id == about)
        sql.execute(erased.values(boxed=None, box_public=None, erase_at=None)).close()
        waiting = _D.c.state == DeliveryState.WAITING.value
        sql.execute(delete(_D).where(_D.c.verification_id == about, waiting)).close()
        if act.notice is not None and there.passed_on:
            before = _D.c.verification_id == act.notice.verification_id
            sql.execute(delete(_D).where(before)).close()
            sql.execute(insert(_D).values(delivery_row(act.notice))).close()
        record(sql, act.evidence, record_id=self._random.token(16))
        return told

    async def to_see_to(self) -> Sequence[GivenReceipt]:
        """Return those whose copies elsewhere somebody has to erase, oldest first."""
        query = select(_G).where(_WAITS).order_by(_G.c.asked_at)
        return await self._database.read(
            lambda sql: [_receipt(row) for row in sql.execute(query).mappings()]
        )

    async def seen_to(self, verification_id: str, *, at: datetime) -> bool:
        """Note that the copies elsewhere are erased; False when none are waited for."""
        waiting = update(_G).where(_G.c.verification_id == verification_id, _WAITS)
        query = waiting.values(seen_to_at=seconds(at))
        return await self._database.write(lambda sql: sql.execute(query).rowcount == 1)

    async def forget(self, at: datetime) -> int:
        """Delete the receipts that have ended; return how many."""
        query = delete(_G).where(_G.c.forget_at <= seconds(at))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)


class SqlHeldPages:
    """`client_side_model.HeldPages` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, page: HeldPage, *, most: int) -> bool:
        """Hold it, unless so many are held; say whether it is."""
        row = {"key": page.key, "sealed": page.sealed, "until": seconds(page.until)}

        def work(sql: Connection) -> bool:
            if sql.execute(select(func.count()).select_from(_P)).scalar_one() >= most:
                return False
            sql.execute(insert(_P).values(row)).close()
            return True

        return await self._database.write(work)

    async def find(self, key: bytes, *, at: datetime) -> HeldPage | None:
        """Return it while its time lasts, or None."""
        return await self._database.read(lambda sql: _held(sql, key, at))

    async def take(self, key: bytes, *, at: datetime) -> HeldPage | None:
        """Return it while its time lasts and delete it; whoever comes second gets None."""

        def work(sql: Connection) -> HeldPage | None:
            page = _held(sql, key, at)
            taken = sql.execute(delete(_P).where(_P.c.key == key)).rowcount == 1
            return page if taken else None

        return await self._database.write(work)

    async def forget(self, at: datetime) -> int:
        """Delete those whose time is over; return how many."""
        query = delete(_P).where(_P.c.until <= seconds(at))
        return await self._database.write(lambda sql: sql.execute(query).rowcount)


_STATE = {
    Done.WITHDRAWN: ReceiptState.WITHDRAWN,
    Done.ASKED: ReceiptState.ASKED,
    Done.ERASED: ReceiptState.ERASED,
    Done.NOTHING_KEPT: ReceiptState.ERASED,
}
_TOLD_AGAIN = {
    ReceiptState.WITHDRAWN: Done.WITHDRAWN,
    ReceiptState.ASKED: Done.ASKED,
    ReceiptState.ERASED: Done.ERASED,
}


def use_once(sql: Connection, once: Once) -> None:
    """Note that something was used.

    Raises:
        IntegrityError: it has been used before.
    """
    row = {"key": once.key, "until": seconds(once.until)}
    sql.execute(insert(tables.answers_taken).values(row)).close()


def _erasing(there: Holdings) -> Done:
    if there.passed_on:
        return Done.ASKED
    return Done.ERASED if there.is_here else Done.NOTHING_KEPT


def _already(sql: Connection, act: Act) -> Done:
    """Return what was done before."""
    query = select(_G.c.state).where(_G.c.key == act.receipt.key)
    state = sql.execute(query).scalar_one_or_none()
    return Done.NOTHING_KEPT if state is None else _TOLD_AGAIN[ReceiptState(state)]


def _holdings(sql: Connection, about: str) -> Holdings:
    shown = select(_V.c.erase_at).where(_V.c.id == about, _V.c.boxed.is_not(None))
    erase_at = sql.execute(shown).scalar_one_or_none()
    asked = select(_G.c.asked_at, _G.c.passed_on).where(_G.c.verification_id == about)
    given = sql.execute(asked).one_or_none()
    if given is not None and given.asked_at is not None:  # it was settled then
        waits, passed_on = False, given.passed_on
    else:
        waits, stayed = _waiting(sql, about)
        passed_on = _was_copied(sql, about) and not stayed
    return Holdings(
        on_screen_until=None if erase_at is None else moment(erase_at),
        on_its_way=waits,
        passed_on=passed_on,
    )


def _waiting(sql: Connection, about: str) -> tuple[bool, bool]:
    """Say whether a copy waits to be sent, and whether no attempt has been made yet."""
    query = select(_D.c.state, _D.c.attempts).where(_D.c.verification_id == about)
    found = sql.execute(query).one_or_none()
    if found is None or found.state != DeliveryState.WAITING.value:
        return False, False
    return True, found.attempts == 0


def _was_copied(sql: Connection, about: str) -> bool:
    """Say whether a copy was made, as the receipt remembers or the access log still knows."""
    noted = select(_G.c.passed_on).where(_G.c.verification_id == about)
    if sql.execute(noted).scalar_one_or_none():
        return True
    copy = (_L.c.verification == about) & (_L.c.shown == Shown.COPY.value)
    return sql.execute(select(_L.c.id).where(copy).limit(1)).first() is not None


def _held(sql: Connection, key: bytes, at: datetime) -> HeldPage | None:
    query = select(_P).where(_P.c.key == key, _P.c.until > seconds(at))
    row = sql.execute(query).mappings().one_or_none()
    return None if row is None else HeldPage(row["key"], bytes(row["sealed"]), moment(row["until"]))


def _receipt(row: RowMapping) -> GivenReceipt:
    return GivenReceipt(
        key=bytes(row["key"]),
        verification_id=row["verification_id"],
        client_id=row["client_id"],
        issuer=row["issuer"],
        profile=row["profile"],
        role=row["role"],
        given_at=moment(row["given_at"]),
        kept_until=None if row["kept_until"] is None else date.fromisoformat(row["kept_until"]),
        forget_at=moment(row["forget_at"]),
        state=ReceiptState(row["state"]),
        asked_at=None if row["asked_at"] is None else moment(row["asked_at"]),
        passed_on=row["passed_on"],
        seen_to_at=None if row["seen_to_at"] is None else moment(row["seen_to_at"]),
    )
