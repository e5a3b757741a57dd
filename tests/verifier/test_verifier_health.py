"""What a supervisor is told: records and trust list, in one word; the log once."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import delete

from tests.verifier.world import NOW, World
from verifier.adapters.tables import trust_list


def test_a_ready_service_says_how_old_its_trust_list_is(world: World) -> None:
    reply = world.get("/healthz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok", "trust_list_age_hours": 24})


def test_a_database_that_cannot_be_read_is_told_and_logged_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="verifier")
    world.parts.database.close()
    for _ in range(3):
        reply = world.get("/healthz")
        assert reply.status_code == 503
        assert reply.json() == {"status": "unavailable", "code": "database_unavailable"}
    assert [one.getMessage() for one in caplog.records] == ["not ready: database_unavailable"]


def test_a_trust_list_that_has_ended_is_told_until_there_is_a_new_one(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="verifier")
    world.put_trust_list(world.trust_list(sequence=2, next_update=NOW + timedelta(minutes=1)))
    world.run(world.parts.refresh())
    world.clock.advance(minutes=2)
    assert world.get("/healthz").json()["code"] == "trust_list_stale"
    world.get("/healthz")
    world.put_trust_list(world.trust_list(sequence=3))
    world.run(world.parts.refresh())
    assert world.get("/healthz").status_code == 200
    told = [one.getMessage() for one in caplog.records]
    assert told == ["not ready: trust_list_stale", "ready again"]


def test_a_service_without_a_trust_list_is_not_ready(world: World) -> None:
    world.run(world.parts.database.write(lambda sql: sql.execute(delete(trust_list)).close()))
    assert world.get("/healthz").json()["code"] == "trust_list_missing"
