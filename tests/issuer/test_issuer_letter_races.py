"""A letter that is being opened while its maker ends it, on SQLite and on a real PostgreSQL."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from issuer.usecases.letters.open_letter import Opened
from tests.issuer.letters import (
    LETTERS,
    form_token,
    letter_state,
    make_letter,
    open_letter,
    path_of,
)
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World
from tests.support.postgres import running_postgres

_BLOCKED = 0.3  # seconds after which whoever has not come through is waiting for the other
_AT_MOST = 20.0

ENDINGS = {
    "withdraw": (f"{LETTERS}/{{letter_id}}/withdraw", None),
    "renew": (f"{LETTERS}/{{letter_id}}/renew", {}),
    "lost phone": ("/api/v1/mallimaa/subjects/lost-phone", {"subject_ref": "client-4711"}),
    "erase": ("/api/v1/mallimaa/subjects/erase", {"subject_ref": "client-4711"}),
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.slow])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/issuer.db"
        return
    with running_postgres() as postgres_url:
        yield postgres_url


@pytest.fixture
def worlds(url: str) -> Iterator[tuple[World, World]]:
    """Two processes over one database."""
    one, other = World(url), World(url)
    yield one, other
    one.close()
    other.close()


class SlowOpening:
    """Opens a letter in a thread; its transaction stays uncommitted while the other one works."""

    def __init__(self, world: World, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.made_offer, self.may_commit = threading.Event(), threading.Event()
        database = world.parts.database
        write = database.write

        async def held(work: Callable[[Connection], Any]) -> Any:
            def slow(connection: Connection) -> Any:
                done = work(connection)
                if isinstance(done, Opened):
                    self.made_offer.set()
                    self.may_commit.wait(_BLOCKED)
                return done

            return await write(slow)

        monkeypatch.setattr(database, "write", held)
        form = {"token": form_token(world.get(f"{path_of(made)}/pin")), "pin": made["pin"]}
        self._thread = threading.Thread(
            target=lambda: world.post(f"{path_of(made)}/pin", data=form)
        )

    def __enter__(self) -> None:
        self._thread.start()
        assert self.made_offer.wait(_AT_MOST)

    def __exit__(self, *_: object) -> None:
        self.may_commit.set()
        self._thread.join(_AT_MOST)


@pytest.mark.parametrize("how", ENDINGS)
def test_what_is_opened_while_its_letter_ends_leads_nowhere(
    worlds: tuple[World, World], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = worlds
    made = make_letter(one)
    path, body = ENDINGS[how]
    headers = other.auth() | {"Idempotency-Key": "once"}
    with SlowOpening(one, made, monkeypatch):
        answer = other.post(path.format_map(made), json=body, headers=headers)
    assert answer.is_success, answer.text
    kept = other.dump()
    assert not kept["sealed_claims"], "no claims are left of the earlier letter's offer"
    assert "offered" not in {one for row in kept["offers"] for one in row}


def test_an_offer_of_a_letter_that_is_made_again_stays_the_letters(
    world: World, wallet: TinyWallet
) -> None:
    made = make_letter(world)
    first = open_letter(world, made)
    again = reoffered(world, made)
    with pytest.raises(AssertionError, match="offer_not_found"):
        wallet.open_link(first)
    newest = open_letter(world, made)
    with pytest.raises(AssertionError, match="offer_not_found"):
        wallet.open_link(again)
    wallet.receive(newest)
    assert letter_state(world, made) == "collected"


def test_a_letter_ends_with_the_offer_that_took_the_place_of_its_own(
    world: World, wallet: TinyWallet
) -> None:
    collected, withdrawn = make_letter(world), make_letter(world, subject_ref="client-4712")
    open_letter(world, collected)
    wallet.receive(reoffered(world, collected))
    assert letter_state(world, collected) == "collected"
    open_letter(world, withdrawn)
    again = reoffered(world, withdrawn)
    answer = world.post(f"{LETTERS}/{withdrawn['letter_id']}/withdraw", headers=world.auth())
    assert answer.status_code == 200, answer.text
    with pytest.raises(AssertionError, match="offer_not_found"):
        wallet.open_link(again)


def reoffered(world: World, made: dict[str, Any]) -> str:
    """Make a letter's newest offer again; returns the link."""
    letter = world.get(f"{LETTERS}/{made['letter_id']}", headers=world.auth()).json()
    path = f"/api/v1/mallimaa/offers/{letter['offer_id']}/reoffer"
    answer = world.post(path, json={}, headers=world.auth())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["offer_link"])
