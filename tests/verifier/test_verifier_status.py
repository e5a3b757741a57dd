"""Status lists at the verifier: both forms, the newest one kept, over a restart as well."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from openid4vc.status_list.bits import Status
from openid4vc.status_list.forms import Form
from tests.verifier.world import NOW, World, demo_pki
from verifier.adapters.tables import status_lists

RESTARTED = 15  # minutes that the demo's lists may be held


def kept(world: World) -> list[tuple[str, str, str]]:
    columns = status_lists.c
    query = select(columns.issuer, columns.uri, columns.form)
    rows = world.run(world.parts.database.read(lambda sql: sql.execute(query).all()))
    return [tuple(row) for row in rows]


# Both forms ----------------------------------------------------------------------------------


@pytest.mark.req("TSL-13", "TSL-04")
@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (Status.VALID, (None, None, None)),
        (Status.SUSPENDED, ("cannot_confirm", "suspended", "status")),
        (Status.INVALID, ("reject", "revoked", "status")),
    ],
)
def test_a_list_may_come_as_cwt(
    world: World, status: Status, verdict: tuple[str | None, ...]
) -> None:
    world.status.answers_cwt = True
    world.status.statuses[7] = status
    assert world.start().answer().verdict() == verdict
    assert kept(world)[0][2] == Form.CWT


@pytest.mark.req("TSL-21")
@pytest.mark.parametrize("content_type", ["text/html", "application/jwt", ""])
def test_a_list_of_another_content_type_is_no_list(world: World, content_type: str) -> None:
    world.status.content_type = content_type
    assert world.start().answer().verdict() == ("cannot_confirm", "status_form_unknown", "status")
    assert kept(world) == []


@pytest.mark.req("TSL-21")
def test_a_jwt_that_calls_itself_cwt_is_not_read(world: World) -> None:
    world.status.content_type = "application/statuslist+cwt"
    assert world.start().answer().verdict()[:2] == ("cannot_confirm", "status_unknown")


# Held over a restart -------------------------------------------------------------------------


def test_a_list_outlasts_a_restart(tmp_path: Path) -> None:
    first = World(tmp_path)
    first.start().answer()
    first.close()
    again = World(tmp_path)
    again.status.reachable = False
    assert again.start().answer().read()["state"] == "identity_pending"
    assert again.status.fetched == []
    again.clock.advance(minutes=RESTARTED)
    assert again.start().answer().verdict()[:2] == ("cannot_confirm", "status_unknown")
    again.close()


@pytest.mark.parametrize("what", [b"", b"garbage", b"a.b.c"])
def test_what_was_kept_is_verified_anew(tmp_path: Path, what: bytes) -> None:
    first = World(tmp_path)
    first.start().answer()
    first.close()
    again = World(tmp_path)
    change = update(status_lists).values(token=what)
    again.run(again.parts.database.write(lambda sql: sql.execute(change).close()))
    again.status.reachable = False
    assert again.start().answer().verdict()[:2] == ("cannot_confirm", "status_unknown")
    again.close()


def test_a_kept_list_of_an_issuer_with_other_authorities_counts_no_more(tmp_path: Path) -> None:
    first = World(tmp_path)
    first.start().answer()
    kela, own = (
        next(one for one in demo_pki().trust_list.issuers if one.id == name)
        for name in ("kela", "itsearviointi")
    )
    changed = [
        replace(one, status_anchors=kela.status_anchors) if one is own else one
        for one in demo_pki().trust_list.issuers
    ]
    first.put_trust_list(first.trust_list(sequence=2, issuers=tuple(changed)))
    first.run(first.parts.refresh())
    first.status.reachable = False
    assert first.start().answer().verdict()[:2] == ("cannot_confirm", "status_unknown")
    first.close()


# The newest one counts -----------------------------------------------------------------------


def test_an_older_list_than_the_one_held_is_not_taken(world: World) -> None:
    world.status.statuses[7] = Status.SUSPENDED
    assert world.start().answer().verdict()[1] == "suspended"
    world.status.statuses.clear()
    world.status.made_at = NOW - timedelta(minutes=1)  # from before the suspension, well signed
    world.clock.advance(minutes=RESTARTED)
    assert world.start().answer().verdict()[1] == "suspended"
    world.status.made_at = None
    world.clock.advance(minutes=1)
    assert world.start().answer().verdict()[1] is None


def test_a_newer_list_replaces_the_kept_one(world: World) -> None:
    world.start().answer()
    world.clock.advance(minutes=RESTARTED)
    world.status.answers_cwt = True
    world.start().answer()
    assert [form for _, _, form in kept(world)] == [Form.CWT]


@pytest.mark.req("TSL-08")
def test_a_list_that_has_ended_says_nothing(world: World) -> None:
    world.status.made_at = NOW - timedelta(hours=2)
    world.status.lifetime = timedelta(hours=1)
    assert world.start().answer().verdict()[:2] == ("cannot_confirm", "status_stale")


@pytest.mark.req("TSL-08")
@pytest.mark.parametrize("as_cwt", [False, True])
def test_a_list_of_another_signer_is_refused_in_either_form(world: World, as_cwt: bool) -> None:
    world.status.answers_cwt = as_cwt
    world.status.signed_by = "kela"
    assert world.start().answer().verdict()[:2] == ("cannot_confirm", "status_unknown")
