"""One storage engine, two sizes: SQLite with one writer and group commit, or PostgreSQL.

A unit of work is a plain function of a SQLAlchemy `Connection`. `write` returns only after the
work is committed. On SQLite all writes go through one thread: what has queued up while the last
commit ran shares the next one, each unit inside a savepoint of its own, so that a unit that fails
takes nobody with it. On PostgreSQL each unit is a transaction on a pooled connection. A unit may be
run a second time, when its group failed or the engine ended it for another's sake (two that wait
for each other), so it touches nothing but its connection.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

_GROUP_MAX = 128
_BUSY_TIMEOUT_MS = 10_000
_WIPE_TIMEOUT_MS = 1_000
_READERS = 8
_TRIES = 4
_TRY_AGAIN = frozenset({"40001", "40P01"})
"""What engines answer that ended a transaction for another's sake (SQLSTATE, class 40)."""


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    done: "Future[Any]"


class Database:
    """Reads and writes of one service; see the module text.

    Args:
        url: `sqlite:///path/to/file.db` or `postgresql+psycopg://...`.
        busy_timeout_ms: how long a write waits for another process that is writing (SQLite).
    """

    def __init__(self, url: str, *, busy_timeout_ms: int = _BUSY_TIMEOUT_MS) -> None:
        self._busy_timeout_ms = busy_timeout_ms
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._engine = _sqlite_engine(
                url, begin="BEGIN IMMEDIATE", busy_timeout_ms=busy_timeout_ms
            )
            self._read_engine = _sqlite_engine(url, begin="BEGIN", busy_timeout_ms=busy_timeout_ms)
        else:
            self._engine = create_engine(
                url, hide_parameters=True, pool_size=_READERS, max_overflow=0
            )
            # As on SQLite, everything in one reading is of one moment.
            self._read_engine = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="sql")
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._closed = False
        self._lock = threading.Lock()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its result once that is committed.

        Raises:
            Exception: whatever `work` raised; then nothing of it is kept.
        """
        if not self.is_sqlite:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._in_transaction, work)
        done: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the database is closed")
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_loop, name="sql-writer")
                self._writer.daemon = True
                self._writer.start()
            self._jobs.put(_Job(work, done))
        return await asyncio.wrap_future(done)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a consistent snapshot; what it writes is rolled back."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._on_snapshot, work)

    async def wipe_log(self) -> bool:
        """Fold SQLite's log into the database and empty it.

        The log keeps earlier versions of the pages, so what was erased lies there until then.

        Returns:
            Whether nothing is left in it. Readers may stand in the way for a moment; the next
            call will do it. True on PostgreSQL, where vacuuming is the server's own business.
        """
        if not self.is_sqlite:
            return True
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._empty_log)

    def upgrade(self, script_location: str | Path) -> None:
        """Bring the schema to the newest Alembic revision found under `script_location`."""
        config = Config()
        config.set_main_option("script_location", str(script_location).replace("%", "%%"))
        with self._engine.begin() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1937208697)")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Finish the queued writes and let go of every connection."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        if self._writer is not None:
            self._writer.join()
        self._threads.shutdown(wait=True)
        self._engine.dispose()
        self._read_engine.dispose()

    def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        for _ in range(_TRIES - 1):
            try:
                return self._in_one_transaction(work)
            except OperationalError as failure:
                if getattr(failure.orig, "sqlstate", None) not in _TRY_AGAIN:
                    raise
        return self._in_one_transaction(work)

    def _in_one_transaction(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    def _on_snapshot(self, work: Callable[[Connection], T]) -> T:
        with self._read_engine.connect() as connection:
            return work(connection)

    def _empty_log(self) -> bool:
        connection = self._read_engine.raw_connection()  # no transaction is begun on it
        try:
            cursor = connection.cursor()
            # While it waits for readers nobody writes, so it gives up early.
            cursor.execute(f"PRAGMA busy_timeout = {_WIPE_TIMEOUT_MS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()  # was it busy, pages in the log, pages folded
            cursor.execute(f"PRAGMA busy_timeout = {self._busy_timeout_ms}")
            cursor.close()
        finally:
            connection.close()
        return row is not None and not row[0]

    def _write_loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            stop = False
            while len(group) < _GROUP_MAX and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    stop = True
                    break
                group.append(following)
            self._commit_group([job for job in group if job.done.set_running_or_notify_cancel()])
            if stop:
                return

    def _commit_group(self, group: list[_Job]) -> None:
        settle: list[Callable[[], None]] = []
        begun = False
        try:
            with self._engine.begin() as connection:
                begun = True
                settle.extend(_run_in_savepoint(connection, job) for job in group)
        except Exception as failure:
            # What could not even begin would wait as long again for each of the group.
            if begun and len(group) > 1:
                # Nothing was kept: give each a commit of its own, so that only the cause fails.
                for job in group:
                    self._commit_group([job])
                return
            settle = [_settler(job.done.set_exception, failure) for job in group]
        for tell in settle:
            tell()


def _run_in_savepoint(connection: Connection, job: _Job) -> Callable[[], None]:
    """Run one job; return what tells its caller the outcome after the commit.

    Raises:
        OperationalError: the engine failed (disk full, say) and may have rolled everything back.
    """
    try:
        with connection.begin_nested():
            result = job.work(connection)
    except OperationalError:
        raise
    except Exception as failure:
        return _settler(job.done.set_exception, failure)
    return _settler(job.done.set_result, result)


def _settler(tell: Callable[[Any], None], value: object) -> Callable[[], None]:
    return lambda: tell(value)


def _sqlite_engine(url: str, *, begin: str, busy_timeout_ms: int) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _on_connect(dbapi_connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # Transactions are begun below, not by the driver.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (
            f"busy_timeout = {busy_timeout_ms}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",  # what is erased leaves no bytes behind
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
