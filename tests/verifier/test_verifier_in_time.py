"""An answer that came in time is not lost to the clock while it is being checked."""

from datetime import timedelta
from pathlib import Path

import pytest

from keys.fetch import Reply
from tests.verifier.world import StatusHost, World, make_card
from verifier.model import State
from verifier.usecases.decide import TIME_TO_CHECK


class SlowHost:
    """A status list address that takes its time, while the service goes on with its chores."""

    def __init__(self) -> None:
        self.world: World | None = None
        self.takes = timedelta(seconds=8)

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        assert self.world is not None
        self.world.clock.at += self.takes
        await self.world.parts.sweep()
        return await StatusHost(self.world.clock).get(url, accept=accept, max_bytes=max_bytes)


@pytest.fixture
def host() -> SlowHost:
    return SlowHost()


@pytest.fixture
def slow(tmp_path: Path, host: SlowHost):
    host.world = World(tmp_path, fetcher=host)
    yield host.world
    host.world.close()


def test_an_answer_of_the_last_second_is_checked_to_the_end(slow: World) -> None:
    asked = slow.start()
    request = asked.fetch()
    slow.clock.advance(minutes=4, seconds=59)
    assert asked.send(request, asked.present(make_card(), request)).status_code == 200
    assert asked.confirm().json()["state"] == "identity_pending"


def test_checking_that_never_ends_is_ended(slow: World, host: SlowHost) -> None:
    host.takes = TIME_TO_CHECK
    asked = slow.start()
    request = asked.fetch()
    asked.send(request, asked.present(make_card(), request))
    assert asked.read()["state"] == "expired"
    assert [record.ended for record in slow.evidence()] == [State.EXPIRED]


def test_a_sweep_that_looked_before_does_not_end_what_has_moved_on(world: World) -> None:
    asked = world.start()
    before = world.run(world.parts.verifications.find(asked.id))
    asked.answer()
    world.clock.advance(minutes=6)
    assert not world.run(world.parts.sweep.end(before, at=world.clock.now()))
    assert asked.read()["state"] == "identity_pending"
    assert world.evidence() == []


def test_closing_records_the_checks_that_were_made(world: World) -> None:
    asked = world.start().answer()
    asked.close()
    (record,) = world.evidence()
    assert record.ended is State.CLOSED
    assert len(record.checks) == 9
    asked.close()
    assert len(world.evidence()) == 1
