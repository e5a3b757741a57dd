"""Status lists in both forms, kept in step by several processes, and named all together."""

import zlib
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from issuer.adapters.sql.store import MIGRATIONS
from issuer.model import PublishedList, Standing
from issuer.parts.services import make_services
from issuer.usecases.open_status_list import open_status_list
from keys import strict_json
from keys.jose import b64url_decode, parse_jws
from keys.trust import TrustedIssuer
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.status_list.aggregation import read_aggregation
from openid4vc.status_list.bits import Status
from openid4vc.status_list.cwt import read_status_list_cwt
from openid4vc.status_list.token import read_status_list
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World, demo_pki

LIST = "/mallimaa/status-lists/1"
LISTS = "/mallimaa/status-lists"
JWT, CWT = "application/statuslist+jwt", "application/statuslist+cwt"


@pytest.fixture
def card(world: World, wallet: TinyWallet) -> tuple[int, str]:
    """The index of an accepted credential, and its id."""
    made = world.offer()
    reference = status_reference(parse(wallet.receive(made["offer_link"])).claims)
    assert reference is not None
    (told,) = world.offer_state(made["offer_id"])["credentials"]
    return reference.index, told["credential_id"]


def issuer() -> TrustedIssuer:
    return next(each for each in demo_pki().trust_list.issuers if each.id == "mallimaa")


def change(world: World, card_id: str, action: str, reason: str | None = None) -> None:
    body = {"action": action} if reason is None else {"action": action, "reason": reason}
    path = f"/api/v1/mallimaa/credentials/{card_id}/status"
    assert world.post(path, json=body, headers=world.auth()).status_code == 200


def suspend(world: World, card_id: str) -> None:
    change(world, card_id, "suspend", "appeal_pending")


def get(world: World, accept: str, **more: str) -> Any:
    return world.get(LIST, headers={"Accept": accept, "Accept-Encoding": "identity", **more})


# --- forms ---


@pytest.mark.req("TSL-04", "TSL-13")
def test_both_forms_say_the_same(world: World, card: tuple[int, str]) -> None:
    index, card_id = card
    suspend(world, card_id)
    as_jwt, as_cwt = get(world, JWT), get(world, f"{JWT};q=0.1, {CWT}")
    assert as_jwt.headers["content-type"] == JWT
    assert as_cwt.headers["content-type"] == CWT
    named: dict[str, Any] = {"uri": f"{BASE}{LIST}", "issuer": issuer(), "at": world.clock.now()}
    first = read_status_list(as_jwt.text, **named)
    second = read_status_list_cwt(as_cwt.content, **named)
    assert first.entries.packed() == second.entries.packed()
    assert first.status_at(index) is Status.SUSPENDED
    assert (first.issued_at, first.expires_at, first.ttl) == (
        second.issued_at,
        second.expires_at,
        second.ttl,
    )
    assert len(as_cwt.content) < len(as_jwt.content) * 3 / 4


@pytest.mark.req("TSL-13")
def test_each_form_has_its_own_tag(world: World, card: tuple[int, str]) -> None:
    forms = {
        "jwt": {"Accept": JWT, "Accept-Encoding": "identity"},
        "gzip": {"Accept": JWT, "Accept-Encoding": "gzip"},
        "cwt": {"Accept": CWT, "Accept-Encoding": "gzip"},
    }
    answers = {name: world.get(LIST, headers=headers) for name, headers in forms.items()}
    tags = {name: answer.headers["etag"] for name, answer in answers.items()}
    assert len(set(tags.values())) == 3
    assert "content-encoding" not in answers["cwt"].headers
    for name, headers in forms.items():
        assert answers[name].headers["vary"].startswith("Accept, Accept-Encoding")
        for other, tag in tags.items():
            again = world.get(LIST, headers={**headers, "If-None-Match": tag})
            assert again.status_code == (304 if other == name else 200)
            assert again.headers["vary"] == answers[name].headers["vary"]
            assert again.headers["etag"] == tags[name]


@pytest.mark.req("TSL-13")
def test_any_page_may_fetch_either_form(world: World, card: tuple[int, str]) -> None:
    for accept in (JWT, CWT):
        answer = get(world, accept, Origin="https://verifier.example")
        assert answer.headers["access-control-allow-origin"] == "*"
    answer = world.get(LISTS, headers={"Origin": "https://verifier.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.req("TSL-15")
def test_no_form_is_kept_of_the_past(world: World, card: tuple[int, str]) -> None:
    for accept in (JWT, CWT, "text/html"):
        assert world.get(f"{LIST}?time=1", headers={"Accept": accept}).status_code == 501


# --- aggregation ---


@pytest.mark.req("TSL-14")
def test_all_lists_are_named(world: World, wallet: TinyWallet) -> None:
    before = world.get(LISTS)
    assert (before.status_code, before.json()) == (200, {"status_lists": []})
    wallet.receive(world.offer()["offer_link"])

    async def another() -> None:
        def work(records: Any) -> None:
            records.status_lists.open("mallimaa", 2, size=128)

        await world.parts.store.write(work)

    world.run(another())
    answer = world.get(LISTS)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=60"
    uris = read_aggregation(answer.content)
    assert uris == (f"{BASE}{LISTS}/1", f"{BASE}{LISTS}/2")
    assert [world.get(uri).status_code for uri in uris] == [200, 200]
    assert world.get("/kela/status-lists").json() == {"status_lists": []}
    for org in ("nobody", "te-toimisto-malli", "MALLIMAA", "a" * 100):
        assert world.get(f"/{org}/status-lists").status_code == 404
    assert world.run(world.client.head(LISTS)).status_code == 200


@pytest.mark.req("TSL-14")
def test_lists_and_metadata_say_where_that_is(world: World, card: tuple[int, str]) -> None:
    metadata = world.get("/.well-known/oauth-authorization-server/mallimaa").json()
    assert metadata["status_list_aggregation_endpoint"] == f"{BASE}{LISTS}"
    payload: Any = strict_json.loads(parse_jws(get(world, JWT).text).payload)
    assert payload["status_list"]["aggregation_uri"] == f"{BASE}{LISTS}"
    packed = zlib.decompress(b64url_decode(payload["status_list"]["lst"]))
    assert len(packed) == 128 * 2 // 8


# --- several processes ---


class Neighbour:
    """A second process of the same service: what it holds in memory is its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.services = make_services(world.parts)

    def published(self) -> PublishedList:
        return self.world.run(self.services.publish_status_list("mallimaa", 1))

    def status(self, index: int) -> Status:
        token = self.published().token
        at = self.world.clock.now()
        named = read_status_list(token, uri=f"{BASE}{LIST}", issuer=issuer(), at=at)
        return named.status_at(index)


@pytest.fixture
def neighbour(world: World) -> Neighbour:
    return Neighbour(world)


def test_what_one_process_holds_follows_what_others_change(
    world: World, neighbour: Neighbour, card: tuple[int, str]
) -> None:
    """Each signs in turn, so that each has missed a change that was made and undone meanwhile."""
    index, card_id = card
    third = Neighbour(world)
    assert neighbour.status(index) is Status.VALID
    suspend(world, card_id)
    assert third.status(index) is Status.SUSPENDED
    assert neighbour.published() == third.published()
    change(world, card_id, "reinstate")
    assert neighbour.status(index) is Status.VALID
    suspend(world, card_id)
    change(world, card_id, "reinstate")
    assert third.status(index) is Status.VALID
    change(world, card_id, "revoke", "used")
    assert neighbour.status(index) is Status.INVALID
    world.clock.advance(hours=13)
    assert third.status(index) is Status.INVALID


def test_a_restored_database_wins_over_memory(
    world: World, neighbour: Neighbour, card: tuple[int, str]
) -> None:
    index, card_id = card
    for action, reason in (("suspend", "appeal_pending"), ("reinstate", None), ("revoke", "used")):
        change(world, card_id, action, reason)
    assert neighbour.status(index) is Status.INVALID

    def restore(records: Any) -> None:
        connection = records.status_lists._connection
        connection.execute(text("UPDATE status_lists SET version = 2, token = NULL"))
        restored = "UPDATE status_entries SET standing = 'suspended', changed_in = 2"
        connection.execute(text(f"{restored} WHERE entry = {index}"))

    world.run(world.parts.store.write(restore))
    assert neighbour.status(index) is Status.SUSPENDED


def test_only_a_few_lists_are_held(world: World, neighbour: Neighbour) -> None:
    def work(records: Any) -> None:
        for number in range(1, 71):
            records.status_lists.open("mallimaa", number, size=64)

    world.run(world.parts.store.write(work))
    publish = neighbour.services.publish_status_list
    tokens = [world.run(publish("mallimaa", number)).token for number in range(1, 71)]
    assert len(set(tokens)) == 70
    assert len(publish._held) == 64


# --- decoys ---


class Countdown:
    """Randomness that gives the values it was told, then counts up."""

    def __init__(self, *values: int) -> None:
        self.values = list(values)
        self.bounds: list[int] = []

    def below(self, bound: int) -> int:
        self.bounds.append(bound)
        return self.values.pop(0) % bound

    def bytes(self, count: int) -> bytes:
        return bytes(count)

    def token(self, count: int = 32) -> str:
        return "x" * count


@pytest.mark.req("TSL-16", "TSL-17", "TSL-18")
def test_a_new_list_has_a_random_number_of_decoys_and_all_else_is_valid(world: World) -> None:
    random = Countdown(3, 17, 900, 17)

    def work(records: Any) -> list[tuple[int, Standing]]:
        open_status_list(records, "mallimaa", 1, size=1_024, random=random)
        open_status_list(records, "mallimaa", 1, size=1_024, random=Countdown())
        return sorted(records.status_lists.changes("mallimaa", 1, after=0))

    made = world.run(world.parts.store.write(work))
    # Three were to be made, and two of them fell on one entry.
    assert made == [(17, Standing.REVOKED), (900, Standing.REVOKED)]
    assert random.bounds == [9, 1_024, 1_024, 1_024]
    neighbour = Neighbour(world)
    statuses = [neighbour.status(index) for index in (0, 16, 17, 18, 900, 1_023)]
    valid, invalid = Status.VALID, Status.INVALID
    assert statuses == [valid, valid, invalid, valid, invalid, valid]


@pytest.mark.req("TSL-16")
def test_nobody_gets_the_entry_of_a_decoy(world: World, wallet: TinyWallet) -> None:
    def work(records: Any) -> None:
        records.status_lists.open("mallimaa", 1, size=128)
        records.status_lists.fill("mallimaa", 1, set(range(0, 128, 2)))

    world.run(world.parts.store.write(work))
    token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    for _ in range(20):
        reference = status_reference(parse(wallet.credential(token)[0]).claims)
        assert reference is not None
        assert reference.uri != f"{BASE}{LIST}" or reference.index % 2 == 1


# --- earlier databases ---


def test_an_earlier_database_keeps_what_it_says(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/earlier.db"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO status_lists VALUES"
                " ('mallimaa', 1, 128, 4, 'an old token', 4, 0, 4000000000000000)"
            )
        )
        for entry, standing in ((5, "valid"), (6, "suspended"), (7, "revoked")):
            row = f"('mallimaa', 1, {entry}, '{standing}')"
            connection.execute(text(f"INSERT INTO status_entries VALUES {row}"))
    engine.dispose()

    world = World(url)
    try:
        found = [Neighbour(world).status(index) for index in (4, 5, 6, 7)]
        assert found == [Status.VALID, Status.VALID, Status.SUSPENDED, Status.INVALID]
        assert get(world, CWT).status_code == 200
    finally:
        world.close()
