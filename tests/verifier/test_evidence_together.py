"""Many writers at one evidence chain, on both engines; and a process killed in the middle."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.postgres import running_postgres
from tests.verifier.evidence_kit import NOW, Book, evidence
from verifier.usecases.evidence_walk import RecordChanged

ROOT = Path(__file__).parents[2]


def _all_at_once(books: list[Book], count: int) -> None:
    """Let several processes' worth of connections record and seal at the same time."""
    first = books[0]

    async def work() -> None:
        writes = [book.write(evidence(n)) for n in range(count) for book in books]
        seals = [book.store.seal(NOW, count=7) for book in books for _ in range(4)]
        await asyncio.gather(*writes, *seals)

    first.run(work())
    first.pass_hours()


def test_many_writers_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/evidence.db"
    books = [Book(url) for _ in range(3)]
    try:
        _all_at_once(books, 30)
        sound = books[1].check(books[2].head())
        assert (sound.count, sound.waiting) == (90, 0)
    finally:
        for book in books:
            book.close()


@pytest.mark.slow
def test_many_writers_on_postgresql() -> None:
    with running_postgres() as url:
        books = [Book(url) for _ in range(4)]
        try:
            _all_at_once(books, 40)
            sound = books[1].check(books[2].head())
            assert (sound.count, sound.waiting) == (160, 0)
            for statement in (
                "UPDATE evidence_chain SET content = '{}' WHERE sequence = 7",
                "DELETE FROM evidence_chain WHERE sequence = 7",
                "TRUNCATE evidence_chain",
                "UPDATE evidence_waiting SET content = '{}'",
                "UPDATE evidence_checkpoints SET sequence = 1",
            ):
                books[0].record(0)
                books[0].try_sql(
                    "INSERT INTO evidence_checkpoints VALUES (0, '', '') ON CONFLICT DO NOTHING"
                )
                with pytest.raises(DBAPIError, match="append-only"):
                    books[0].try_sql(statement)
            books[0].try_sql("ALTER TABLE evidence_chain DISABLE TRIGGER USER")
            books[0].try_sql("UPDATE evidence_chain SET content = '{}' WHERE sequence = 7")
            books[0].try_sql("ALTER TABLE evidence_checkpoints DISABLE TRIGGER USER")
            books[0].try_sql("DELETE FROM evidence_checkpoints")
            with pytest.raises(RecordChanged) as found:
                books[0].check()
            assert found.value.sequence == 7
        finally:
            for book in books:
                book.close()


@pytest.mark.slow
@pytest.mark.parametrize("after_seconds", [0.2, 0.7, 1.3])
def test_a_process_killed_in_the_middle_leaves_a_whole_log(
    tmp_path: Path, after_seconds: float
) -> None:
    url = f"sqlite:///{tmp_path}/evidence.db"
    Book(url).close()
    run = [sys.executable, "-m", "tests.verifier.crash_in_recording", url]
    with subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(after_seconds)
        process.kill()
        assert process.wait(30) == -signal.SIGKILL
    book = Book(url)
    try:
        sound = book.check()
        ended = "SELECT count(*) FROM verifications WHERE state = 'expired'"
        steps = book.run(book.database.read(lambda sql: sql.execute(text(ended)).scalar_one()))
        assert steps > 8
        assert sound.count + sound.waiting == steps, "as many records as steps"
        book.pass_hours()
        assert book.check().count == steps
    finally:
        book.close()
