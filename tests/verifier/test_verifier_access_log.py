"""Who saw whose data when: noted before anything is seen, once, without a value in it."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.verifier.test_verifier_cli import key_directory, run
from tests.verifier.world import NOW, STAFF, Browser, Order, World, make_card
from verifier.model import ShownCard
from verifier.usecases.staff_access_log import Whose
from verifier.usecases.staff_model import Access, Shown

__all__ = ["key_directory", "run"]

MAIJA = {"name": "Maija Testi Mallikas", "birthdate": "1988-04-12"}


def log(world: World) -> Sequence[Access]:
    entries: Sequence[Access] = world.run(world.parts.staff.log.entries())
    return entries


def seen_at_the_desk(world: World, desk: Browser) -> str:
    desk.sign_in()
    asked = desk.ask().answer()
    desk.open(f"/desk/ask/{asked.id}")
    desk.submit(f"/desk/identity/{asked.id}", identity="compared")
    return asked.id


def test_comparing_the_person_and_the_outcome_are_one_look_each(
    world: World, desk: Browser
) -> None:
    verification = seen_at_the_desk(world, desk)
    for _ in range(3):
        assert "Mallikas" in desk.open(desk.path)
    person, values = sorted(log(world), key=lambda one: one.shown)
    assert (person.shown, values.shown) == (Shown.PERSON, Shown.VALUES)
    for one in (person, values):
        assert one.viewer == f"staff_{STAFF}"
        assert one.verification == verification
        assert (one.role, one.profile) == ("te_office", "te_initial_interview")
        assert one.at == NOW.replace(microsecond=0)
    assert person.whose == values.whose


def test_the_interface_is_a_viewer_too(world: World) -> None:
    asked = world.start().answer()
    asked.identity()
    asked.read(with_key=False)
    before = len(log(world))
    asked.read()
    asked.read()
    (entry,) = log(world)[before:]
    assert entry.viewer == world.key.split("_")[1]
    assert entry.shown is Shown.VALUES


def test_waiting_declining_and_rejecting_are_no_looks(world: World, desk: Browser) -> None:
    desk.sign_in()
    desk.ask()
    desk.open(desk.path)
    asked = desk.ask()
    request = asked.fetch()
    asked.send(request, asked.present(make_card(), request, nonce="another"))
    desk.open(f"/desk/outcome/{asked.id}")
    assert log(world) == []


def test_a_client_is_told_who_looked(world: World, desk: Browser) -> None:
    seen_at_the_desk(world, desk)
    find = world.parts.staff.find
    for name in ("Maija Testi Mallikas", "  MAIJA testi  mallikas", "maija testi mallikas"):
        assert len(world.run(find(name=name, birthdate="1988-04-12"))) == 2
    for other in (
        {**MAIJA, "birthdate": "1988-04-13"},
        {**MAIJA, "name": "Maija Mallikas"},
        {**MAIJA, "name": "Maija Testi Mallikas1", "birthdate": "988-04-12"},
    ):
        assert world.run(find(**other)) == []


def test_two_peoples_looks_are_kept_apart(world: World, desk: Browser) -> None:
    seen_at_the_desk(world, desk)
    asked = world.start()
    asked.answer(make_card(Order(claims={"given_name": "Matti", "birthdate": "1990-01-01"})))
    asked.read()
    find = world.parts.staff.find
    assert len(world.run(find(**MAIJA))) == 2
    assert len(world.run(find(name="Matti Mallikas", birthdate="1990-01-01"))) == 1


def test_nothing_of_the_client_stands_in_the_log(world: World, desk: Browser) -> None:
    seen_at_the_desk(world, desk)
    rows = world.run(
        world.parts.database.read(
            lambda sql: [tuple(row) for row in sql.execute(text("select * from access_log"))]
        )
    )
    assert len(rows) == 2
    told = repr(rows) + repr(log(world))
    for part in ("Maija", "Mallikas", "1988", "12.4.", "selkä", "nostaa"):
        assert part not in told


def test_without_the_log_nothing_is_shown(tmp_path: Path) -> None:
    """The log is written first; where that fails, the page fails, and no value leaves."""
    world = World(tmp_path, raise_bugs=False)
    asked = world.start().answer()
    asked.identity()
    world.run(world.parts.database.write(lambda sql: sql.execute(text("drop table access_log"))))
    headers = {**world.bearer, "Kyky-Result-Key": asked.started["result_key"]}
    reply = world.get(f"/api/v1/verifications/{asked.id}", headers=headers)
    assert reply.status_code == 500
    assert "Mallikas" not in reply.text
    world.close()


def test_names_never_run_into_one_another() -> None:
    whose = Whose(b"k" * 32)
    other = Whose(b"l" * 32)
    one = whose(name="Maija Mallikas", birthdate="1988-04-12")
    assert len(one) == 32
    assert one != other(name="Maija Mallikas", birthdate="1988-04-12")
    assert whose(name="a", birthdate="b c") != whose(name="a b", birthdate="c")
    assert whose(name="Ä", birthdate="") == whose(name="A\u0308", birthdate="")


@pytest.mark.parametrize(
    ("claims", "is_somebodys"),
    [
        ({"given_name": "Maija", "family_name": "Mallikas", "birthdate": "1988-04-12"}, True),
        ({"birthdate": "1988-04-12"}, True),
        ({"family_name": "Mallikas"}, True),
        ({"given_name": 7, "birthdate": 7}, True),
        ({"work_ability_score": 5}, False),
        ({}, False),
    ],
)
def test_a_card_that_names_nobody_is_nobodys(claims: dict[str, object], is_somebodys: bool) -> None:
    card = ShownCard(query_id="q", type_id="t", vct="v", issuer="i", claims=claims)
    assert (Whose(b"k" * 32).of_card(card) is not None) is is_somebodys


def test_the_log_is_kept_as_long_as_set_and_no_longer(tmp_path: Path) -> None:
    world = World(tmp_path, access_log_days=30)
    desk = Browser(world)
    seen_at_the_desk(world, desk)
    world.clock.advance(days=30)
    world.run(world.parts.sweep())
    assert len(log(world)) == 2
    world.clock.advance(seconds=2)
    world.run(world.parts.sweep())
    assert log(world) == []
    world.run(desk.client.aclose())
    world.close()


def test_the_log_outlives_the_verification(world: World, desk: Browser) -> None:
    seen_at_the_desk(world, desk)
    world.clock.advance(days=2)
    world.run(world.parts.sweep())
    assert len(log(world)) == 2


# Commands ------------------------------------------------------------------------------------


@pytest.fixture
def looked(tmp_path: Path) -> str:
    """A database in which somebody looked at Maija's data; the verification's id."""
    world = World(tmp_path)
    desk = Browser(world)
    verification = seen_at_the_desk(world, desk)
    world.run(desk.client.aclose())
    world.close()
    return verification


def test_the_log_is_exported(run, looked: str) -> None:
    done = run("access-log", "export")
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert sorted(line["shown"] for line in lines) == ["person", "values"]
    assert {line["viewer"] for line in lines} == {f"Liisa Virkailija ({STAFF})"}
    assert {line["verification"] for line in lines} == {looked}
    assert "Mallikas" not in done.output


@pytest.mark.parametrize(
    ("lang", "when"), [("fi", "klo 11.30"), ("sv", "kl. 11.30"), ("en", "11:30")]
)
def test_a_clients_question_is_answered(run, looked: str, lang: str, when: str) -> None:
    asked = ("access-log", "find", "--name", MAIJA["name"], "--birthdate", MAIJA["birthdate"])
    told = run("--lang", lang, *asked)
    assert told.exit_code == 0, told.output
    assert told.output.count("Liisa Virkailija") == 2
    assert when in told.output
    assert len(run("--json", *asked).output.splitlines()) == 2


def test_nobody_looked(run, looked: str) -> None:
    asked = ("access-log", "find", "--name", "Joku Muu", "--birthdate", "1988-04-12")
    said = {lang: run("--lang", lang, *asked).output for lang in ("fi", "sv", "en")}
    assert len(set(said.values())) == 3
    assert run("--json", *asked).output == ""
    assert run("access-log", "find", "--name", "x", "--birthdate", "12.4.1988").exit_code == 2


def test_the_log_is_purged_by_hand(run, looked: str) -> None:
    assert "0" in run("access-log", "purge").output
    before = (NOW + timedelta(days=1)).date().isoformat()
    assert "2" in run("--lang", "en", "access-log", "purge", "--before", before).output
    assert run("access-log", "export").output == ""
