"""Status lists are fetched before they are needed; how old they may be is the profile's word."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from sqlalchemy import select

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from keys.fetch import Reply
from openid4vc.status_list.bits import Status
from tests.verifier.world import NOW, World, demo_pki
from verifier.adapters.tables import status_lists
from verifier.usecases.prefetch_status import MAX_LISTS_OF_AN_ISSUER

PLACES = "https://issuer.test/{org}/status-lists"
ISSUERS = {issuer.id for issuer in demo_pki().trust_list.issuers}


@pytest.fixture
def placed(world: World) -> World:
    """The trust list says where every issuer names its lists."""
    world.put_trust_list(world.trust_list(sequence=2).with_status_lists_at(PLACES))
    world.run(world.parts.refresh())
    return world


# Fetching ahead ------------------------------------------------------------------------------


@pytest.mark.req("TSL-22", "TSL-14")
def test_every_list_of_every_issuer_is_fetched_ahead(placed: World) -> None:
    placed.status.numbers = (1, 2)
    done = placed.run(placed.parts.lists.prefetch())
    assert (done.had, done.failures) == (2 * len(ISSUERS), [])
    documents = {PLACES.replace("{org}", org) for org in ISSUERS}
    lists = {f"{one}/{number}" for one in documents for number in (1, 2)}
    assert set(placed.status.fetched) == documents | lists
    placed.status.fetched.clear()
    placed.status.reachable = False
    assert placed.start().answer().verdict()[1] is None
    assert placed.status.fetched == [], "nobody learns which card is looked at"


def test_a_list_that_is_fresh_is_not_fetched_again(placed: World) -> None:
    placed.run(placed.parts.lists.prefetch())
    placed.status.fetched.clear()
    placed.run(placed.parts.lists.prefetch())
    assert set(placed.status.fetched) == {PLACES.replace("{org}", org) for org in ISSUERS}


@pytest.mark.req("TSL-14")
def test_a_signed_list_may_say_where_the_others_are(world: World) -> None:
    world.status.aggregated = True
    world.start().answer()
    world.status.fetched.clear()
    world.status.numbers = (1, 2)
    world.run(world.parts.lists.prefetch())
    place = PLACES.replace("{org}", "itsearviointi")
    assert world.status.fetched == [place, f"{place}/2"]


def test_without_any_such_word_the_lists_met_before_are_renewed(world: World) -> None:
    world.start().answer()
    world.clock.advance(minutes=15)
    world.status.fetched.clear()
    world.run(world.parts.lists.prefetch())
    assert world.status.fetched == ["https://issuer.test/itsearviointi/status-lists/1"]


def test_no_issuer_can_keep_us_fetching(placed: World) -> None:
    placed.status.numbers = tuple(range(1, 200))
    done = placed.run(placed.parts.lists.prefetch())
    assert done.had == MAX_LISTS_OF_AN_ISSUER * len(ISSUERS)


@pytest.mark.parametrize("document", [b"", b"[]", b'{"status_lists": 1}', b'{"status_lists": [1]}'])
def test_a_broken_document_is_passed_over(placed: World, document: bytes) -> None:
    found = placed.status.get

    async def get(url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        if url.endswith("/kela/status-lists"):
            return Reply(200, "application/json", {}, document)
        return await found(url, accept=accept, max_bytes=max_bytes)

    placed.status.get = get  # type: ignore[method-assign]  # one answer differs
    done = placed.run(placed.parts.lists.prefetch())
    assert done.had == len(ISSUERS) - 1
    assert len(done.failures) == 1


def test_what_was_revoked_stays_known_and_what_is_ancient_goes(placed: World) -> None:
    placed.status.statuses[7] = Status.INVALID
    placed.run(placed.parts.lists.prefetch())
    placed.status.reachable = False
    placed.clock.advance(days=1)
    assert placed.start().answer().verdict()[:2] == ("reject", "revoked")
    placed.clock.advance(days=30)
    placed.run(placed.parts.lists.prefetch())
    kept = select(status_lists.c.uri)
    assert placed.run(placed.parts.database.read(lambda sql: sql.execute(kept).first())) is None


# When ----------------------------------------------------------------------------------------


def test_desks_do_not_all_ask_at_once(placed: World) -> None:
    prefetch = placed.parts.lists.prefetch
    usual = timedelta(minutes=20)
    first = {prefetch.pause(usual) for _ in range(50)}
    assert max(first) <= timedelta(seconds=12.5)
    placed.run(prefetch())
    later = {prefetch.pause(usual) for _ in range(50)}
    assert len(later) > 40
    assert timedelta(minutes=15) <= min(later) < max(later) <= timedelta(minutes=25)
    placed.status.reachable = False
    placed.run(prefetch())
    assert prefetch.offline_since == NOW
    assert max(prefetch.pause(usual) for _ in range(50)) <= timedelta(seconds=75)
    placed.clock.advance(minutes=1)
    placed.run(prefetch())
    assert prefetch.offline_since == NOW, "since it was first missed"
    placed.status.reachable = True
    placed.run(prefetch())
    assert prefetch.offline_since is None


def test_without_a_trust_list_nothing_is_fetched(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.clock.advance(days=400)
    done = world.run(world.parts.lists.prefetch())
    assert (done.had, done.failures, world.status.fetched) == (0, ["trust_list_stale"], [])
    world.close()


# How old -------------------------------------------------------------------------------------


def strict_catalogue(hours: int) -> Catalogue:
    catalogue = load_catalogue()
    profile = replace(catalogue.profiles["te_initial_interview"], status_max_age_hours=hours)
    profiles = {**catalogue.profiles, profile.id: profile}
    return replace(catalogue, profiles=MappingProxyType(profiles))


@pytest.mark.req("TSL-21")
@pytest.mark.parametrize(
    ("minutes", "code"), [(0, None), (120, None), (121, "status_stale"), (1440, "status_stale")]
)
def test_a_profile_may_want_younger_lists(tmp_path: Path, minutes: int, code: str | None) -> None:
    world = World(tmp_path, catalogue=strict_catalogue(2))
    world.status.made_at = NOW - timedelta(minutes=minutes)
    asked = world.start().answer()
    assert asked.verdict()[1] == code
    if code is not None:
        assert asked.verdict() == ("cannot_confirm", "status_stale", "status")
        marks = [one["result"] for one in asked.read()["checks"]]
        assert marks == ["passed"] * 7 + ["failed", "not_run"]
        assert asked.read()["cards"], "the values are there, marked as unconfirmed"
    world.close()


def test_a_list_too_old_for_the_profile_is_asked_for_anew(tmp_path: Path) -> None:
    world = World(tmp_path, catalogue=strict_catalogue(1))
    world.status.ttl = timedelta(days=2)
    world.start().answer()
    world.clock.advance(hours=1)
    assert world.start().answer().verdict()[1] is None
    assert len(world.status.fetched) == 2
    world.close()


def test_other_tasks_of_the_same_desk_keep_their_own_limit(tmp_path: Path) -> None:
    world = World(tmp_path, catalogue=strict_catalogue(1))
    world.status.made_at = NOW - timedelta(hours=5)
    assert world.start("te_service_need").answer().verdict()[1] is None
    world.close()


def test_what_is_worse_stays_so(tmp_path: Path) -> None:
    world = World(tmp_path, catalogue=strict_catalogue(1))
    world.status.made_at = NOW - timedelta(hours=5)
    world.status.statuses[7] = Status.INVALID
    assert world.start().answer().verdict()[:2] == ("reject", "revoked")
    world.close()
