"""The storage engine: the same contract on SQLite with group commit and on a real PostgreSQL."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from service_kit.sql import Database
from tests.support.postgres import running_postgres

metadata = MetaData()
codes = Table(
    "codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(20), nullable=False),
)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.slow])], scope="module"
)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sql')}/test.db"
        return
    with running_postgres() as postgres_url:
        yield postgres_url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)

    async def recreate() -> None:
        await database.write(metadata.drop_all)
        await database.write(metadata.create_all)
        await database.write(lambda c: c.execute(insert(codes).values(id=1, state="live")))

    asyncio.run(recreate())
    yield database
    database.close()


def states(connection: Connection) -> dict[int, str]:
    return {row.id: row.state for row in connection.execute(select(codes))}


def spend(connection: Connection) -> bool:
    spent = update(codes).where(codes.c.id == 1, codes.c.state == "live").values(state="spent")
    return connection.execute(spent).rowcount == 1


def test_a_conditional_write_is_won_by_exactly_one_of_many(database: Database) -> None:
    async def race() -> list[bool]:
        return await asyncio.gather(*(database.write(spend) for _ in range(50)))

    assert sum(asyncio.run(race())) == 1


def test_two_that_wait_for_each_other_both_get_through(database: Database) -> None:
    both_have_one = threading.Barrier(2)

    def change(first: int, second: int) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            connection.execute(update(codes).where(codes.c.id == first).values(state="first"))
            if not database.is_sqlite:  # there, one writes at a time
                with contextlib.suppress(threading.BrokenBarrierError):
                    both_have_one.wait(5)
                both_have_one.abort()  # nobody waits when it comes again
            connection.execute(update(codes).where(codes.c.id == second).values(state="second"))

        return work

    async def cross() -> None:
        await database.write(keep(2))
        await asyncio.gather(database.write(change(1, 2)), database.write(change(2, 1)))

    asyncio.run(cross())
    assert set(asyncio.run(database.read(states)).values()) == {"first", "second"}


def keep(number: int) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(insert(codes).values(id=number, state="kept"))


def test_a_failing_unit_takes_nobody_with_it(database: Database) -> None:
    def twice_the_same(connection: Connection) -> None:
        connection.execute(insert(codes).values(id=77, state="half"))
        connection.execute(insert(codes).values(id=1, state="clash"))

    async def mixed() -> Sequence[object]:
        units = [database.write(keep(number)) for number in range(10, 20)]
        return await asyncio.gather(
            *units[:5], database.write(twice_the_same), *units[5:], return_exceptions=True
        )

    results = asyncio.run(mixed())
    assert [type(r) for r in results if isinstance(r, Exception)] == [IntegrityError]
    assert set(asyncio.run(database.read(states))) == {1, *range(10, 20)}


def test_a_unit_with_broken_sql_fails_alone(database: Database) -> None:
    async def mixed() -> Sequence[object]:
        return await asyncio.gather(
            database.write(lambda c: c.execute(insert(codes).values(id=30, state="kept"))),
            database.write(lambda c: c.exec_driver_sql("INSERT INTO nowhere VALUES (1)")),
            database.write(lambda c: c.execute(insert(codes).values(id=31, state="kept"))),
            return_exceptions=True,
        )

    results = asyncio.run(mixed())
    assert [isinstance(r, Exception) for r in results] == [False, True, False]
    assert set(asyncio.run(database.read(states))) == {1, 30, 31}


def test_what_write_returned_is_seen_by_the_next_read(database: Database) -> None:
    async def write_then_read() -> dict[int, str]:
        await database.write(spend)
        return await database.read(states)

    assert asyncio.run(write_then_read()) == {1: "spent"}


def test_a_read_cannot_change_anything(database: Database) -> None:
    assert asyncio.run(database.read(spend)) is True
    assert asyncio.run(database.read(states)) == {1: "live"}


def test_a_cancelled_caller_does_not_stop_the_writer(database: Database) -> None:
    async def cancel_then_write() -> bool:
        waiting = asyncio.create_task(
            database.write(lambda c: c.execute(insert(codes).values(id=40, state="kept")))
        )
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return await database.write(spend)

    assert asyncio.run(cancel_then_write()) is True


def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/closed.db")
    database.close()
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(database.write(spend))


def test_a_database_that_cannot_be_opened_fails_every_caller(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/no/such/folder.db")

    async def two() -> Sequence[object]:
        return await asyncio.gather(
            database.write(spend), database.write(spend), return_exceptions=True
        )

    assert [type(r) for r in asyncio.run(two())] == [OperationalError, OperationalError]
    database.close()


def test_sqlite_waits_for_another_process_instead_of_failing(tmp_path: Path) -> None:
    path = tmp_path / "busy.db"
    database = Database(f"sqlite:///{path}")
    asyncio.run(database.write(metadata.create_all))
    asyncio.run(database.write(lambda c: c.execute(insert(codes).values(id=1, state="live"))))
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, lambda: other.execute("COMMIT")).start()
    assert asyncio.run(database.write(spend)) is True
    database.close()
    other.close()


def test_sqlite_keeps_no_bytes_of_what_was_erased(tmp_path: Path) -> None:
    path = tmp_path / "erase.db"
    database = Database(f"sqlite:///{path}")
    asyncio.run(database.write(metadata.create_all))
    secret = "mallikas-maija"
    asyncio.run(database.write(lambda c: c.execute(insert(codes).values(id=1, state=secret))))
    asyncio.run(database.write(lambda c: c.execute(codes.delete())))
    database.close()  # the last connection folds the write-ahead log into the file
    assert secret.encode() not in b"".join(
        file.read_bytes() for file in tmp_path.iterdir() if file.is_file()
    )


def test_what_was_erased_leaves_the_log_when_it_is_wiped(tmp_path: Path) -> None:
    word = "k" * 19 + "!"

    def on_disk() -> bytes:
        return b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))

    async def work(database: Database) -> None:
        await database.write(metadata.create_all)
        await database.write(lambda c: c.execute(insert(codes).values(id=1, state=word)))
        await database.write(lambda c: c.execute(update(codes).values(state="gone")))
        assert word.encode() in on_disk()
        assert await database.wipe_log()
        assert word.encode() not in on_disk()
        assert await database.wipe_log()  # again, with nothing to do
        assert await database.read(states) == {1: "gone"}

    database = Database(f"sqlite:///{tmp_path}/log.db")
    asyncio.run(work(database))
    database.close()


def test_a_reader_keeps_the_log_only_until_it_ends(tmp_path: Path) -> None:
    reading, may_end = threading.Event(), threading.Event()

    def read_slowly(connection: Connection) -> None:
        states(connection)
        reading.set()
        may_end.wait(20)

    async def work(database: Database) -> None:
        await database.write(metadata.create_all)
        reader = asyncio.create_task(database.read(read_slowly))
        await asyncio.to_thread(reading.wait, 20)
        await database.write(lambda c: c.execute(insert(codes).values(id=1, state="live")))
        assert not await database.wipe_log()
        assert await database.write(spend)  # nobody is kept from writing
        may_end.set()
        await reader
        assert await database.wipe_log()

    database = Database(f"sqlite:///{tmp_path}/log.db")
    asyncio.run(work(database))
    database.close()


def test_a_reading_sees_one_moment(database: Database) -> None:
    began, may_end = threading.Event(), threading.Event()

    def read_twice(connection: Connection) -> tuple[dict[int, str], dict[int, str]]:
        first = states(connection)
        began.set()
        may_end.wait(20)
        return first, states(connection)

    async def work() -> tuple[dict[int, str], dict[int, str]]:
        reader = asyncio.create_task(database.read(read_twice))
        await asyncio.to_thread(began.wait, 20)
        assert await database.write(spend)
        may_end.set()
        return await reader

    first, second = asyncio.run(work())
    assert first == second == {1: "live"}
    assert asyncio.run(database.read(states)) == {1: "spent"}


def test_behind_a_lock_many_wait_no_longer_than_one(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/locked.db", busy_timeout_ms=300)
    tries = 0

    def count(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        states(connection)

    async def work() -> tuple[list[object], float]:
        await database.write(metadata.create_all)
        other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = asyncio.get_running_loop().time()
        told: list[object] = [
            *await asyncio.gather(
                *(database.write(count) for _ in range(20)), return_exceptions=True
            )
        ]
        waited = asyncio.get_running_loop().time() - began
        other.execute("ROLLBACK")
        other.close()
        await database.write(count)
        return told, waited

    told, waited = asyncio.run(work())
    database.close()
    assert [type(one) for one in told] == [OperationalError] * 20
    assert tries == 1  # only when the lock had gone
    assert waited < 20 * 0.3 / 2
