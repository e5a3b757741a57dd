"""Verifications and evidence in SQL. Every one-time step is one conditional write."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Column, Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from service_kit.sql import Database
from verifier.adapters import tables
from verifier.adapters.evidence_chain import all_evidence, record
from verifier.adapters.verification_rows import (
    changed,
    on_behalf_of,
    seconds,
    verification_of,
)
from verifier.model import (
    UNDECIDED_STATES,
    Evidence,
    OnBehalf,
    Step,
    Verification,
)
from verifier.ports import Random

_T = tables.verifications
_A = tables.askings
_DUE_AT_ONCE = 500
_NO_CODE = {"code_mac": None, "tries_left": None, "held": None}


class SqlVerifications:
    """`ports.Verifications` over `service_kit.sql`."""

    def __init__(self, database: Database, random: Random) -> None:
        self._database = database
        self._random = random

    async def add(self, verification: Verification, *, secrets: bytes, box_public: bytes) -> None:
        """Store a new verification with its sealed secrets and the creator's public box key."""
        row = {
            "id": verification.id,
            "ref": verification.ref,
            "owner": verification.owner,
            "role": verification.role,
            "profile": verification.profile,
            "state": verification.state.value,
            "created_at": seconds(verification.created_at),
            "expires_at": seconds(verification.expires_at),
            "secrets": secrets,
            "box_public": box_public,
            "checks": "[]",
            "cards": 0,
            "replay_seen": False,
        }
        await self._database.write(lambda sql: sql.execute(insert(_T).values(row)).close())

    async def find(self, verification_id: str) -> Verification | None:
        """Return the verification of that id, or None."""
        return await self._one(_T.c.id, verification_id)

    async def find_by_ref(self, ref: str) -> Verification | None:
        """Return the verification behind a wallet URL, or None."""
        return await self._one(_T.c.ref, ref)

    async def secrets(self, verification_id: str) -> bytes | None:
        """Return the sealed secrets, None once they are erased."""
        return await self._blob(verification_id, _T.c.secrets)

    async def box_public(self, verification_id: str) -> bytes | None:
        """Return the public key to which values are boxed."""
        return await self._blob(verification_id, _T.c.box_public)

    async def boxed(self, verification_id: str) -> bytes | None:
        """Return the boxed values, None when there are none."""
        return await self._blob(verification_id, _T.c.boxed)

    async def move(self, verification_id: str, step: Step) -> bool:
        """Take one step by one conditional write; return whether this call took it."""
        values = {"state": step.to.value, **_NO_CODE, **changed(step.change)}
        wanted = [_T.c.id == verification_id, _T.c.state.in_([s.value for s in step.allowed_from])]
        if step.in_time_at is not None:
            wanted.append(_T.c.expires_at > seconds(step.in_time_at))

        def work(sql: Connection) -> bool:
            taken = sql.execute(update(_T).where(*wanted).values(values)).rowcount == 1
            if taken:
                self._write_along(sql, verification_id, step)
            return taken

        if step.once is None:
            return await self._database.write(work)
        try:
            return await self._database.write(work)
        except IntegrityError:  # that answer was taken before: nothing of this step is kept
            return False

    def _write_along(self, sql: Connection, verification_id: str, step: Step) -> None:
        if step.once is not None:
            row = {"key": step.once.key, "until": seconds(step.once.until)}
            sql.execute(insert(tables.answers_taken).values(row))
        if step.change.erase_secrets:
            open_ones = tables.challenges
            sql.execute(delete(open_ones).where(open_ones.c.verification_id == verification_id))
        if step.evidence is not None:
            self._record(sql, verification_id, step.evidence)

    async def due(self, at: datetime) -> Sequence[Verification]:
        """Return the verifications whose time to answer, or to show, is over."""
        now = seconds(at)
        undecided = [state.value for state in UNDECIDED_STATES]
        query = (
            select(_T)
            .where(
                or_(
                    _T.c.state.in_(undecided) & (_T.c.expires_at <= now),
                    _T.c.erase_at <= now,
                )
            )
            .limit(_DUE_AT_ONCE)
        )
        return await self._database.read(
            lambda sql: [verification_of(row) for row in sql.execute(query).mappings()]
        )

    async def hold_until(self, verification_id: str, until: datetime) -> None:
        """Change when the boxed values are erased, if there are any."""
        query = (
            update(_T)
            .where(_T.c.id == verification_id, _T.c.boxed.is_not(None))
            .values(erase_at=seconds(until))
        )
        await self._database.write(lambda sql: sql.execute(query).close())

    async def say_on_behalf(self, verification_id: str, on_behalf: OnBehalf | None) -> bool:
        """Write down who acts for the client, while there is no outcome; say whether it was."""
        undecided = [state.value for state in UNDECIDED_STATES]
        query = (
            update(_T)
            .where(_T.c.id == verification_id, _T.c.state.in_(undecided))
            .values(on_behalf=on_behalf and on_behalf.value)
        )
        return await self._database.write(lambda sql: sql.execute(query).rowcount == 1)

    async def erase_values(self, verification_id: str) -> None:
        """Erase the boxed values and the key they were boxed to."""
        query = (
            update(_T)
            .where(_T.c.id == verification_id)
            .values(boxed=None, box_public=None, erase_at=None)
        )
        await self._database.write(lambda sql: sql.execute(query).close())

    async def purge(self, before: datetime) -> int:
        """Delete ended verifications that were made before `before`; return how many."""
        undecided = [state.value for state in UNDECIDED_STATES]
        query = delete(_T).where(
            _T.c.created_at < seconds(before),
            _T.c.state.not_in(undecided),
            _T.c.boxed.is_(None),
        )
        return await self._database.write(lambda sql: sql.execute(query).rowcount)

    async def record_replay(self, verification_id: str, evidence: Evidence) -> bool:
        """Store evidence of a refused second response, once for each verification."""
        query = (
            update(_T)
            .where(_T.c.id == verification_id, _T.c.replay_seen.is_(False))
            .values(replay_seen=True)
        )

        def work(sql: Connection) -> bool:
            first = sql.execute(query).rowcount == 1
            if first:
                self._record(sql, verification_id, evidence)
            return first

        return await self._database.write(work)

    async def wipe_traces(self) -> bool:
        """Make what was erased unreadable in the engine's own log, too; says whether it is."""
        return await self._database.wipe_log()

    async def evidence(self) -> Sequence[Evidence]:
        """Return the evidence records: the sealed ones in order, then those that wait."""
        return await self._database.read(all_evidence)

    def _record(self, sql: Connection, verification_id: str, evidence: Evidence) -> None:
        """Put a record down, with how it was asked, which another row knows."""
        query = select(_A.c.assisted).where(_A.c.verification_id == verification_id)
        assisted = sql.execute(query).scalar_one_or_none() is True
        query = select(_T.c.on_behalf).where(_T.c.id == verification_id)
        told = replace(evidence, assisted=assisted, on_behalf=on_behalf_of(sql.scalar(query)))
        record(sql, told, record_id=self._random.token(16))

    async def _one(self, column: Column[str], value: str) -> Verification | None:
        if "\0" in value:
            return None  # PostgreSQL has no such texts, and takes the question for a mistake

        def work(sql: Connection) -> Verification | None:
            row = sql.execute(select(_T).where(column == value)).mappings().one_or_none()
            return None if row is None else verification_of(row)

        return await self._database.read(work)

    async def _blob(self, verification_id: str, column: Column[bytes]) -> bytes | None:
        query = select(column).where(_T.c.id == verification_id)

        def work(sql: Connection) -> bytes | None:
            value = sql.execute(query).scalar_one_or_none()
            return None if value is None else bytes(value)

        return await self._database.read(work)
