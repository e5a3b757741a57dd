"""A chain of evidence in a database file of its own, without the service around it."""

import asyncio
import tempfile
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from cryptography import x509
from sqlalchemy import Connection, text

import verifier
from keys.devkeys import DemoPki, make_demo_pki
from service_kit.sql import Database
from service_kit.system import SystemRandom
from verifier.adapters.evidence_chain import SqlEvidence, record
from verifier.model import Check, CheckResult, Evidence, Mark, Outcome, State, full_hour
from verifier.usecases.evidence_audit import ExportEvidence, Sound, VerifyEvidence
from verifier.usecases.evidence_keep import HeadPlace, KeepEvidence

T = TypeVar("T")
NOW = datetime(2026, 11, 24, 9, 30, 12, tzinfo=UTC)
MIGRATIONS = Path(verifier.__file__).parent / "adapters" / "migrations"
RANDOM = SystemRandom()
CODES = ("credential_expired", "revoked", "suspended", "replayed", "bad_signature")


@cache
def pki() -> DemoPki:
    """The demo's organisations, drawn once."""
    return make_demo_pki(at=NOW - timedelta(days=1))


@cache
def empty_database() -> bytes:
    """A SQLite file of the newest schema, made once."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "empty.db"
        database = Database(f"sqlite:///{file}")
        database.upgrade(MIGRATIONS)
        database.close()
        return file.read_bytes()


def evidence(number: int = 0, *, at: datetime = NOW) -> Evidence:
    """A record like that of a rejected card; the number chooses its code."""
    code = CODES[number % len(CODES)]
    return Evidence(
        hour=full_hour(at),
        profile="te_initial_interview",
        role="te_office",
        ended=State.DECIDED,
        checks=(
            CheckResult(Check.ANSWERS_REQUEST, Mark.PASSED),
            CheckResult(Check.ISSUER_TRUSTED, Mark.FAILED, code),
        ),
        outcome=Outcome.REJECT,
        code=code,
        identity=None,
        trust_sequence=7,
        trust_age_hours=3,
        status_age_hours=None,
    )


class HandClock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """The time that it was set to."""
        return self.at


class Book:
    """One database with evidence in it, and whoever keeps and checks it."""

    def __init__(self, url: str, *, place: HeadPlace | None = None, **options: Any) -> None:
        file = Path(url.removeprefix("sqlite:///"))
        is_new = url.startswith("sqlite") and not file.exists()
        if is_new:
            file.write_bytes(empty_database())
        self.database = Database(url)
        if not is_new:
            self.database.upgrade(MIGRATIONS)
        self.runner = asyncio.Runner()
        self.clock = HandClock()
        self.store = SqlEvidence(self.database)
        self.signer = pki().signer("te-toimisto-malli", "access")
        self.own = x509.load_der_x509_certificate(self.signer.certificate_chain[0])
        self.keep = KeepEvidence(
            store=self.store, signer=self.signer, clock=self.clock, place=place, **options
        )
        self.audit = VerifyEvidence(store=self.store, trusted=self.keep.trusted)
        self.export = ExportEvidence(store=self.store, signer=self.signer, clock=self.clock)

    def run(self, work: Awaitable[T]) -> T:
        """Wait for something."""

        async def wait() -> T:
            return await work

        return self.runner.run(wait())

    def record(self, *numbers: int, at: datetime | None = None) -> None:
        """Put records down, in this order."""
        for number in numbers:
            told = evidence(number, at=at or self.clock.at)
            self.run(self.write(told))

    async def write(self, told: Evidence) -> None:
        """Put one record down."""
        await self.database.write(lambda sql: record(sql, told, record_id=RANDOM.token(16)))

    def pass_hours(self, hours: float = 2.0) -> None:
        """Let time pass, and keep the evidence."""
        self.clock.at += timedelta(hours=hours)
        self.run(self.keep())

    def filled(self, count: int = 12) -> "Book":
        """Seal some records of two hours."""
        self.record(*range(count // 2))
        self.pass_hours()
        self.record(*range(count // 2, count))
        self.pass_hours()
        return self

    def check(self, *heads: str) -> Sound:
        """Walk the chain."""
        return self.run(self.audit(heads))

    def head(self) -> str:
        """A signed head of now."""
        return self.run(self.keep.signed_head())

    def exported(self, begins: datetime, ends: datetime) -> list[str]:
        """The lines of an exported part."""

        async def lines() -> list[str]:
            return [line async for line in self.export(begins, ends)]

        return self.run(lines())

    def attack(self, *statements: str, **values: object) -> None:
        """Change the tables as somebody with the database in hand can: triggers first."""

        def work(sql: Connection) -> None:
            triggers = sql.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            for name in triggers.scalars().all():
                sql.execute(text(f"DROP TRIGGER {name}"))
            for statement in statements:
                sql.execute(text(statement), values)

        self.run(self.database.write(work))

    def try_sql(self, statement: str) -> None:
        """Run a statement as it is."""
        self.run(self.database.write(lambda sql: sql.execute(text(statement)).close()))

    def close(self) -> None:
        """Let go of everything."""
        self.database.close()
        self.runner.close()
