"""What a client takes back while it is being sent, on SQLite and on a real PostgreSQL."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.support.postgres import running_postgres
from tests.verifier.places import HOOK, ISSUER, SECRET, Place, place_of
from tests.verifier.receipts import given, withdraw
from verifier.adapters import client_side_store
from verifier.usecases.client_side_model import Holdings

_BLOCKED = 0.5  # seconds after which whoever has not come through is waiting for the other


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.slow])])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    systems = {
        "webhook_url": HOOK,
        "webhook_secret": SECRET,
        "receipt_issuer_url": ISSUER,
        "receipt_api_key": "kyky_key",
    }
    if request.param == "sqlite":
        yield from _open(place_of(tmp_path, **systems))
        return
    with running_postgres() as url:
        yield from _open(place_of(tmp_path, database=url, **systems))


def _open(place: Place) -> Iterator[Place]:
    yield place
    place.world.run(place.desk.client.aclose())
    place.world.close()


def test_what_is_said_to_be_erased_is_not_sent(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = place.accepted()
    place.desk.submit(f"/desk/send/{asked.id}")
    receipt = given(place, asked)
    place.outside.posted.clear()
    deliver = place.world.parts.hand_on.deliver
    sending = threading.Thread(target=lambda: asyncio.run(deliver()))
    holdings = client_side_store._holdings

    def slow(sql: Connection, about: str) -> Holdings:
        found = holdings(sql, about)
        sending.start()
        sending.join(_BLOCKED)
        return found

    monkeypatch.setattr(client_side_store, "_holdings", slow)
    assert withdraw(place.world, receipt, "erasure").json() == {"outcome": "erased"}
    sending.join()
    assert place.outside.posted == []
