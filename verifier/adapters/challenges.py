"""What scanning without network keeps: open challenges, answers taken, certificates met."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from service_kit.sql import Database
from verifier.adapters.tables import answers_taken, certificates, challenges, verifications
from verifier.adapters.verification_rows import moment, seconds
from verifier.model import OPEN_STATES, Once, StoredChallenge


class SqlChallenges:
    """`ports.Challenges` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shown(self, verification_id: str, *, at: datetime) -> StoredChallenge | None:
        """Return the newest challenge that may still be shown, or None."""
        query = (
            select(challenges)
            .where(
                challenges.c.verification_id == verification_id,
                challenges.c.shown_until > seconds(at),
            )
            .order_by(challenges.c.shown_until.desc(), challenges.c.id)
            .limit(1)
        )
        found = await self._database.read(lambda sql: sql.execute(query).mappings().all())
        return _challenge(found[0]) if found else None

    async def add(self, challenge: StoredChallenge, *, at: datetime) -> bool:
        """Store a challenge if its verification is open at that time; say whether it was."""
        row = {
            "id": challenge.id,
            "verification_id": challenge.verification_id,
            "tag": challenge.tag,
            "sealed": challenge.sealed,
            "shown_until": seconds(challenge.shown_until),
            "answerable_until": seconds(challenge.answerable_until),
        }
        its = verifications.c.id == challenge.verification_id
        until = seconds(challenge.answerable_until)

        def work(sql: Connection) -> bool:
            open_now = sql.execute(
                select(verifications.c.id)
                .where(
                    its,
                    verifications.c.state.in_([state.value for state in OPEN_STATES]),
                    verifications.c.expires_at > seconds(at),
                )
                .with_for_update()
            ).one_or_none()
            if open_now is None:
                return False
            sql.execute(insert(challenges).values(row))
            sql.execute(
                update(verifications)
                .where(its, verifications.c.expires_at < until)
                .values(expires_at=until)
            )
            return True

        return await self._database.write(work)

    async def named(self, verification_id: str, *, tag: bytes) -> StoredChallenge | None:
        """Return the verification's challenge of that tag, or None."""
        query = select(challenges).where(
            challenges.c.verification_id == verification_id, challenges.c.tag == tag
        )
        found = await self._database.read(lambda sql: sql.execute(query).mappings().all())
        return _challenge(found[0]) if found else None

    async def forget(self, at: datetime) -> int:
        """Delete what can no longer be answered, and the answers remembered long enough."""
        now = seconds(at)
        ended = delete(challenges).where(challenges.c.answerable_until <= now)
        old = delete(answers_taken).where(answers_taken.c.until <= now)
        return await self._database.write(
            lambda sql: sql.execute(ended).rowcount + sql.execute(old).rowcount
        )

    async def was_taken(self, once: Once) -> bool:
        """Return whether that answer has been taken."""
        query = select(answers_taken.c.until).where(answers_taken.c.key == once.key)
        return (
            await self._database.read(lambda sql: sql.execute(query).scalar_one_or_none())
        ) is not None


class SqlCertificates:
    """`ports.Certificates` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, digest: bytes, der: bytes, *, at: datetime) -> None:
        """Keep a certificate under its SHA-256, or note that it was met again."""
        now = seconds(at)
        again = update(certificates).where(certificates.c.digest == digest).values(met_at=now)
        row = {"digest": digest, "der": der, "met_at": now}

        def work(sql: Connection) -> None:
            if sql.execute(again).rowcount == 0:
                sql.execute(insert(certificates).values(row))

        try:
            await self._database.write(work)
        except IntegrityError:  # another process met it in the same moment
            return

    async def newest(self, count: int) -> Mapping[bytes, bytes]:
        """Return those met last: SHA-256 to DER."""
        query = (
            select(certificates.c.digest, certificates.c.der)
            .order_by(certificates.c.met_at.desc(), certificates.c.digest)
            .limit(count)
        )
        return await self._database.read(
            lambda sql: {bytes(digest): bytes(der) for digest, der in sql.execute(query)}
        )


def _challenge(row: RowMapping) -> StoredChallenge:
    return StoredChallenge(
        id=row["id"],
        verification_id=row["verification_id"],
        tag=bytes(row["tag"]),
        sealed=bytes(row["sealed"]),
        shown_until=moment(row["shown_until"]),
        answerable_until=moment(row["answerable_until"]),
    )
