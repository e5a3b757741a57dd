"""Run by the crash test: end verifications and seal their evidence until somebody kills it.

Usage: python -m tests.verifier.crash_in_recording DATABASE_URL
"""

import asyncio
import sys
from datetime import timedelta
from itertools import count

from service_kit.sql import Database
from tests.verifier.evidence_kit import NOW, RANDOM, evidence
from verifier.adapters.evidence_chain import SqlEvidence
from verifier.adapters.verifications import SqlVerifications
from verifier.model import State, Step, Verification


async def end_one(verifications: SqlVerifications, number: int) -> None:
    """Start a verification, and end it with its record in the same step."""
    verification = Verification(
        id=RANDOM.token(16),
        ref=RANDOM.token(16),
        owner="desk",
        role="te_office",
        profile="te_initial_interview",
        state=State.REQUESTED,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
    )
    await verifications.add(verification, secrets=b"", box_public=b"")
    step = Step(to=State.EXPIRED, evidence=evidence(number))
    assert await verifications.move(verification.id, step)


async def main(url: str) -> None:
    """Work without end, several at once."""
    database = Database(url)
    verifications = SqlVerifications(database, RANDOM)
    store = SqlEvidence(database)
    for number in count():
        await asyncio.gather(*(end_one(verifications, number + one) for one in range(8)))
        await store.seal(NOW, count=5)
        if number == 0:
            print("begun", flush=True)  # noqa: T201  the test waits for it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
