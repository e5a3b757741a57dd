"""The records' contract, and the races, on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, inspect

from issuer.adapters.sql.tables import metadata
from issuer.model import (
    DELIVERY_NEXT,
    OFFER_NEXT,
    STANDING_NEXT,
    ApiKey,
    AuditEntry,
    Channel,
    ClientKey,
    Credential,
    Delivery,
    Grant,
    Offer,
    OfferState,
    PublishedList,
    RememberedCall,
    SealedClaims,
    Standing,
    StatusListRow,
    StatusPlace,
    SystemToken,
)
from issuer.parts.letters import make_expire_letters, make_letters
from issuer.ports import Event, Records
from issuer.ports.after import Closing, ExpiryQuery
from issuer.ports.lives import Deferral
from issuer.ports.webhooks import Endpoint
from issuer.usecases.addresses import Addresses
from issuer.usecases.letters.open_letter import Opened, OpensNothing, PinLocked, PinWrong
from openid4vc.openid4vci.credential import read_credential_response
from openid4vc.openid4vci.token import token_request_form
from openid4vc.status_list.bits import Status
from tests.issuer.letters import make_letter, wrong_pin
from tests.issuer.redeeming import Redeeming, live, race
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, NOW, World, offer_body
from tests.support.postgres import running_postgres

LATER = NOW + timedelta(minutes=10)
HOUR = timedelta(hours=1)
SEALED = SealedClaims(b"wrapped", b"sealed")


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.slow])], scope="module"
)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('store')}/issuer.db"
        return
    with running_postgres() as postgres_url:
        yield postgres_url


@pytest.fixture
def stored(url: str) -> Iterator[World]:
    world = World(url)

    def empty(connection: Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())

    world.run(world.parts.database.write(empty))
    yield world
    world.close()


def do(world: World, work: Any) -> Any:
    return world.run(world.parts.store.write(work))


def offer(offer_id: str = "o1", **changes: Any) -> Offer:
    fields: dict[str, Any] = {
        "id": offer_id,
        "organisation": "mallimaa",
        "type_id": "statement_feedback",
        "schema_version": 1,
        "state": OfferState.OFFERED,
        "channel": Channel.SCREEN,
        "has_pin": True,
        "attempts": 0,
        "subject_mac": b"subject",
        "reference_mac": f"reference {offer_id}".encode(),
        "code_mac": f"code {offer_id}".encode(),
        "created_at": NOW,
        "expires_at": LATER,
    }
    return Offer(**{**fields, **changes})


def credential(credential_id: str = "c1", index: int = 5, **changes: Any) -> Credential:
    fields: dict[str, Any] = {
        "id": credential_id,
        "organisation": "mallimaa",
        "type_id": "statement_feedback",
        "offer_id": "o1",
        "subject_mac": b"subject",
        "notification_mac": f"notification {credential_id}".encode(),
        "delivery": Delivery.RECORDED,
        "standing": Standing.VALID,
        "place": StatusPlace("mallimaa", 1, index),
        "recorded_at": NOW,
        "expires_at": LATER,
    }
    return Credential(**{**fields, **changes})


def test_the_migrations_make_exactly_the_tables(stored: World) -> None:
    def shape(connection: Connection) -> dict[str, tuple[set[str], set[str]]]:
        found = inspect(connection)
        return {
            name: (
                {str(column["name"]) for column in found.get_columns(name)},
                {str(index["name"]) for index in found.get_indexes(name)}
                | {str(unique["name"]) for unique in found.get_unique_constraints(name)},
            )
            for name in found.get_table_names()
            if name != "alembic_version"
        }

    made = stored.run(stored.parts.database.read(shape))
    assert set(made) == set(metadata.tables)
    for name, table in metadata.tables.items():
        columns, named = made[name]
        assert columns == {column.name for column in table.columns}
        assert {str(index.name) for index in table.indexes} <= named
        unique = {
            str(constraint.name)
            for constraint in table.constraints
            if type(constraint).__name__ == "UniqueConstraint"
        }
        assert unique <= named
    stored.parts.store.upgrade()  # a second time changes nothing


def test_offers_come_back_as_they_were(stored: World) -> None:
    def work(records: Records) -> None:
        records.offers.add(offer(), SEALED)
        assert records.offers.get("mallimaa", "o1") == offer()
        assert records.offers.get("kela", "o1") is None
        assert records.offers.by_reference("mallimaa", b"reference o1") == offer()
        assert records.offers.by_reference("kela", b"reference o1") is None
        assert records.offers.by_code("mallimaa", b"code o1") == offer()
        assert records.offers.by_code("kela", b"code o1") is None
        assert records.offers.sealed_claims("o1") == SEALED
        records.offers.erase_claims("o1")
        assert records.offers.sealed_claims("o1") is None

    do(stored, work)


@pytest.mark.parametrize("target", list(OfferState))
@pytest.mark.parametrize("source", list(OfferState))
def test_an_offer_moves_as_the_table_says(
    stored: World, source: OfferState, target: OfferState
) -> None:
    def work(records: Records) -> None:
        records.offers.add(offer(state=source), SEALED)
        allowed = target in OFFER_NEXT[source]
        assert records.offers.move("o1", target) == ("mallimaa" if allowed else None)
        kept = records.offers.get("mallimaa", "o1")
        assert kept is not None
        assert kept.state is (target if allowed else source)

    do(stored, work)


@pytest.mark.parametrize("target", list(Delivery))
@pytest.mark.parametrize("source", list(Delivery))
def test_a_copy_moves_as_the_table_says(stored: World, source: Delivery, target: Delivery) -> None:
    def work(records: Records) -> None:
        records.offers.add(offer(), SEALED)
        records.credentials.add(credential(delivery=source))
        allowed = target in DELIVERY_NEXT[source]
        assert records.credentials.deliver("c1", target) is allowed
        kept = records.credentials.get("mallimaa", "c1")
        assert kept is not None
        assert kept.delivery is (target if allowed else source)

    do(stored, work)


@pytest.mark.parametrize("target", list(Standing))
@pytest.mark.parametrize("source", list(Standing))
def test_a_standing_moves_as_the_table_says_and_shows_on_the_list(
    stored: World, source: Standing, target: Standing
) -> None:
    place = StatusPlace("mallimaa", 1, 5)

    def work(records: Records) -> None:
        records.offers.add(offer(), SEALED)
        records.status_lists.open("mallimaa", 1, size=64)
        assert records.status_lists.reserve(place)
        records.credentials.add(credential())
        if source is not Standing.VALID:
            assert records.credentials.stand("c1", source)
        before = records.status_lists.get("mallimaa", 1)
        assert before is not None
        allowed = target in STANDING_NEXT[source]
        assert records.credentials.stand("c1", target) is allowed
        now = target if allowed else source
        was_changed = source is not Standing.VALID or allowed
        shown = records.status_lists.changes("mallimaa", 1, after=0)
        assert shown == ([(5, now)] if was_changed else [])
        since = records.status_lists.changes("mallimaa", 1, after=before.version)
        assert since == ([(5, now)] if allowed else [])
        after = records.status_lists.get("mallimaa", 1)
        assert after is not None
        assert after.version == before.version + int(allowed)

    do(stored, work)


def test_attempts_are_counted_while_the_code_lives(stored: World) -> None:
    def work(records: Records) -> None:
        records.offers.add(offer(), SEALED)
        records.offers.add(offer("o2", state=OfferState.CLAIMED), SEALED)
        counts = [records.offers.count_attempt("o1", now=NOW, limit=3) for _ in range(5)]
        assert counts == [1, 2, 3, None, None]
        assert records.offers.count_attempt("o2", now=NOW, limit=3) is None
        records.offers.add(offer("o3"), SEALED)
        assert records.offers.count_attempt("o3", now=LATER, limit=3) is None
        assert records.offers.expired(NOW, limit=9) == []
        assert sorted(records.offers.expired(LATER, limit=9)) == ["o1", "o3"]
        assert len(records.offers.expired(LATER, limit=1)) == 1

    do(stored, work)


def test_a_grant_is_held_while_it_lives(stored: World) -> None:
    grant = Grant(b"token", "o1", "mallimaa", "statement_feedback", 1, LATER, None)

    def work(records: Records) -> None:
        records.offers.add(offer(), SEALED)
        records.grants.add(grant, at=NOW)
        assert records.grants.by_token(b"token") == grant
        assert records.grants.by_token(b"other") is None
        assert records.grants.hold(b"token", now=NOW)
        assert not records.grants.hold(b"token", now=LATER)
        assert records.grants.run_out(NOW, limit=9) == []
        assert records.grants.run_out(LATER, limit=9) == ["o1"]
        records.grants.end("o1", at=NOW)
        records.grants.end("o1", at=LATER)
        assert not records.grants.hold(b"token", now=NOW)
        assert records.grants.run_out(LATER, limit=9) == []
        ended = records.grants.by_token(b"token")
        assert ended is not None
        assert ended.ended_at == NOW

    do(stored, work)


def test_credentials_come_back_as_they_were(stored: World) -> None:
    first, second = credential(), credential("c2", 6, recorded_at=NOW + timedelta(seconds=1))

    def work(records: Records) -> None:
        records.offers.add(offer(), SEALED)
        records.credentials.add(second)
        records.credentials.add(first)
        assert records.credentials.get("mallimaa", "c1") == first
        assert records.credentials.get("kela", "c1") is None
        assert records.credentials.by_notification("mallimaa", b"notification c2") == second
        assert records.credentials.by_notification("kela", b"notification c2") is None
        assert records.credentials.of_offer("o1") == [first, second]
        assert records.credentials.of_offer("o2") == []

    do(stored, work)


def test_a_list_keeps_its_entries_and_its_newest_token(stored: World) -> None:
    def work(records: Records) -> None:
        lists = records.status_lists
        assert lists.newest("mallimaa") is None
        assert lists.open("mallimaa", 1, size=64)
        assert not lists.open("mallimaa", 1, size=128)
        assert lists.open("mallimaa", 2, size=128)
        assert lists.newest("mallimaa") == StatusListRow("mallimaa", 2, 128, 1)
        assert lists.get("mallimaa", 1) == StatusListRow("mallimaa", 1, 64, 1)
        place = StatusPlace("mallimaa", 1, 3)
        assert [lists.reserve(place), lists.reserve(place)] == [True, False]
        assert lists.published("mallimaa", 1) is None
        newest = PublishedList("t3", b"c3", 3, NOW, LATER)
        lists.publish("mallimaa", 1, newest)
        lists.publish("mallimaa", 1, PublishedList("t2", b"c2", 2, NOW, LATER + HOUR))
        lists.publish("mallimaa", 1, PublishedList("t3 again", b"c3 again", 3, NOW, LATER))
        assert lists.published("mallimaa", 1) == newest
        longer = PublishedList("t3 longer", b"c3 longer", 3, LATER, LATER + HOUR)
        lists.publish("mallimaa", 1, longer)
        assert lists.published("mallimaa", 1) == longer

    do(stored, work)


def test_a_list_begins_with_entries_that_nobody_gets(stored: World) -> None:
    def work(records: Records) -> None:
        lists = records.status_lists
        lists.open("mallimaa", 1, size=64)
        lists.fill("mallimaa", 1, set())
        assert lists.changes("mallimaa", 1, after=0) == []
        lists.fill("mallimaa", 1, {3, 60})
        changes = sorted(lists.changes("mallimaa", 1, after=0))
        assert changes == [(3, Standing.REVOKED), (60, Standing.REVOKED)]
        assert lists.changes("mallimaa", 1, after=1) == []
        taken = [lists.reserve(StatusPlace("mallimaa", 1, index)) for index in (3, 4, 60)]
        assert taken == [False, True, False]

    do(stored, work)


def test_one_time_values_calls_and_keys(stored: World) -> None:
    key = ApiKey("k1", "kela", "s", frozenset({"a", "b"}), b"mac", NOW, LATER, None)
    call = RememberedCall(b"body", "o1")

    def work(records: Records) -> None:
        taken = [records.one_time.consume("nonce", b"n", keep_until=LATER) for _ in range(2)]
        assert taken == [True, False]
        assert records.one_time.consume("other", b"n", keep_until=LATER)
        assert [records.one_time.forget(NOW), records.one_time.forget(LATER)] == [0, 2]
        # Remembered before the offer is there, as the use case does it.
        assert records.calls.remember(b"k", call, keep_until=LATER)
        records.offers.add(offer(), SEALED)
        assert not records.calls.remember(b"k", RememberedCall(b"x", "o1"), keep_until=LATER)
        assert records.calls.get(b"k") == call
        assert [records.calls.forget(NOW), records.calls.forget(LATER)] == [0, 1]
        assert records.calls.get(b"k") is None
        records.api_keys.add(key)
        assert records.api_keys.get("k1") == key
        assert records.api_keys.all() == [key]
        assert [records.api_keys.revoke("k1", at=NOW) for _ in range(2)] == [True, False]
        records.audit.add(AuditEntry(NOW, "kela", "k1", "revoke", "c1", "used"))

    do(stored, work)


def test_client_keys_and_their_tokens(stored: World) -> None:
    key = ClientKey(
        id="k1",
        organisation="mallimaa",
        client="lifecare",
        jwk={"kty": "EC", "x": "1"},
        thumbprint="t1",
        scopes=frozenset({"offer:a", "status:a"}),
        created_at=NOW,
        expires_at=LATER,
        revoked_at=None,
    )
    token = SystemToken(b"m" * 32, "k1", frozenset({"offer:a"}), LATER)

    assert do(stored, lambda r: r.clients.add(key))
    assert not do(stored, lambda r: r.clients.add(replace(key, id="k2")))  # the same thumbprint
    do(stored, lambda r: r.clients.add_token(token))
    assert do(stored, lambda r: r.clients.get("k1")) == key
    assert do(stored, lambda r: r.clients.all()) == [key]
    assert do(stored, lambda r: r.clients.of_client("mallimaa", "lifecare")) == [key]
    assert do(stored, lambda r: r.clients.of_client("kela", "lifecare")) == []
    assert do(stored, lambda r: r.clients.token(b"m" * 32)) == token
    assert do(stored, lambda r: r.clients.forget_tokens(NOW)) == 0
    assert do(stored, lambda r: r.clients.revoke("k1", at=NOW))
    assert not do(stored, lambda r: r.clients.revoke("k1", at=LATER))
    assert do(stored, lambda r: r.clients.get("k1")) == replace(key, revoked_at=NOW)
    assert do(stored, lambda r: r.clients.token(b"m" * 32)) is None
    do(stored, lambda r: r.clients.add_token(token))
    assert do(stored, lambda r: r.clients.forget_tokens(LATER)) == 1


def test_what_raises_keeps_nothing(stored: World) -> None:
    def work(records: Records) -> None:
        records.offers.add(offer(), SEALED)
        raise LookupError

    with pytest.raises(LookupError):
        do(stored, work)
    assert not stored.dump()["offers"]


def test_the_whole_way_and_its_races(stored: World) -> None:
    """Ten calls, ten redemptions and ten requests at once: one offer, one token, one card."""
    world, wallet = stored, TinyWallet(stored)
    headers = world.auth() | {"Idempotency-Key": "k"}
    body = offer_body(delivery={"channel": "screen", "pin": True})
    made = world.all_at_once(
        [
            lambda: world.client.post("/api/v1/mallimaa/offers", json=body, headers=headers)
            for _ in range(10)
        ]
    )
    assert len({answer.text for answer in made}) == 1
    content = wallet.open_link(made[0].json()["offer_link"])
    form = token_request_form(content.pre_authorized_code or "", tx_code=made[0].json()["pin"])
    tokens = world.all_at_once(
        [lambda: world.client.post("/mallimaa/token", data=form) for _ in range(10)]
    )
    assert sorted(answer.status_code for answer in tokens) == [200] + [400] * 9
    (token,) = [a.json()["access_token"] for a in tokens if a.status_code == 200]
    bearer = {"Authorization": f"Bearer {token}"}

    def asking(request: object) -> Any:
        return lambda: world.client.post("/mallimaa/credential", json=request, headers=bearer)

    answers = world.all_at_once([asking(wallet.request("statement_feedback")) for _ in range(10)])
    assert {answer.status_code for answer in answers} <= {200, 400}
    issued = [
        read_credential_response(answer.json()).credentials[0]
        for answer in answers
        if answer.status_code == 200
    ]
    assert [wallet.status_of(one) for one in issued].count(Status.VALID) == 1
    standing = [
        copy["state"] for copy in world.offer_state(made[0].json()["offer_id"])["credentials"]
    ]
    assert sorted(standing) == ["revoked"] * 9 + ["valid"]


# --- What is told, and what waits -----------------------------------------------------------------


def test_messages_are_claimed_in_order_and_go_with_their_address(stored: World) -> None:
    def begin(records: Records) -> None:
        records.webhooks.set(Endpoint("mallimaa", "https://a.example", "s", NOW))
        for number in range(3):
            records.events.tell("mallimaa", Event.OFFER_EXPIRED, f"o{number}", NOW, state="expired")
        records.events.tell("kela", Event.OFFER_EXPIRED, "o9", NOW)

    do(stored, begin)
    lease = {"at": NOW, "until": LATER}
    first = do(stored, lambda records: records.webhooks.claim(**lease, limit=2))
    rest = do(stored, lambda records: records.webhooks.claim(**lease, limit=9))
    assert [one.object_id for one in (*first, *rest)] == ["o0", "o1", "o2"]
    assert do(stored, lambda records: records.webhooks.claim(**lease, limit=9)) == []
    numbers = [one.number for one in first]
    do(stored, lambda records: records.webhooks.release(numbers, next_at=NOW))
    do(stored, lambda records: records.webhooks.put_off(numbers[0], next_at=LATER, fault="x"))
    (again,) = do(stored, lambda records: records.webhooks.claim(**lease, limit=9))
    assert again.number == numbers[1]
    assert do(stored, lambda records: records.webhooks.bury(NOW, at=LATER)) == 3
    dead = do(stored, lambda records: records.webhooks.dead("mallimaa", limit=9))
    assert [(one.failures, one.fault) for one in dead] == [(1, "x"), (0, None), (0, None)]
    assert do(stored, lambda records: records.webhooks.revive("mallimaa", at=LATER)) == 3
    assert do(stored, lambda records: records.webhooks.waiting("mallimaa")) == 3
    gone = Endpoint("mallimaa", "https://a.example", "s", NOW)
    do(stored, lambda records: records.webhooks.stop(gone, at=NOW))
    assert do(stored, lambda records: records.webhooks.claim(at=LATER, until=LATER, limit=9)) == []
    assert do(stored, lambda records: records.webhooks.any())
    assert do(stored, lambda records: records.webhooks.remove("mallimaa"))
    assert not do(stored, lambda records: records.webhooks.any())
    assert not do(stored, lambda records: records.webhooks.remove("mallimaa"))


def test_an_offer_waits_turns_and_is_collected_once(stored: World) -> None:
    waiting = Deferral("o1", 1, False, None, None, LATER)
    grant = Grant(b"token", "o1", "mallimaa", "statement_feedback", 1, NOW, None)

    def begin(records: Records) -> None:
        records.offers.add(offer(state=OfferState.CLAIMED), None)
        records.grants.add(grant, at=NOW)
        records.deferrals.add(waiting)

    do(stored, begin)
    assert do(stored, lambda records: records.deferrals.get("o1")) == waiting
    assert do(stored, lambda records: records.grants.run_out(NOW, limit=9)) == []
    assert do(stored, lambda records: records.grants.run_out(LATER, limit=9)) == ["o1"]
    turns = [do(stored, lambda records: records.deferrals.turn("o1", generation=1)) for _ in "ab"]
    assert turns == [True, False]
    do(stored, lambda records: records.deferrals.use("o1"))

    def ask(records: Records) -> None:
        records.deferrals.await_claims("o1", transaction_mac=b"t", holder=SEALED)

    do(stored, ask)
    found = do(stored, lambda records: records.deferrals.get("o1"))
    assert found == Deferral("o1", 2, True, b"t", SEALED, LATER)
    collected = [
        do(stored, lambda records, mac=mac: records.deferrals.collect("o1", mac))
        for mac in (b"x", b"t", b"t")
    ]
    assert collected == [False, True, False]
    do(stored, lambda records: records.deferrals.shorten("o1", NOW))
    assert do(stored, lambda records: records.grants.run_out(NOW, limit=9)) == ["o1"]
    renewed = [
        do(stored, lambda records, mac=mac: records.grants.renew("o1", mac, now=NOW, until=LATER))
        for mac in (b"u", b"v")
    ]
    assert renewed == [True, True]
    assert do(stored, lambda records: records.grants.by_token(b"u")) is None
    given = [do(stored, lambda records: records.offers.give_claims("o1", SEALED)) for _ in "ab"]
    assert given == [True, False]
    do(stored, lambda records: records.grants.end("o1", at=NOW))
    assert not do(stored, lambda records: records.grants.renew("o1", b"w", now=NOW, until=LATER))
    assert do(stored, lambda records: records.offers.hold("o1"))
    do(stored, lambda records: records.deferrals.end("o1"))
    assert do(stored, lambda records: records.deferrals.get("o1")) is None


def test_a_letter_opens_for_the_right_pin_alone_and_makes_one_live_offer(stored: World) -> None:
    made = make_letter(stored, key="once")
    assert make_letter(stored, key="once") == made
    open_one = make_letters(stored.parts, Addresses(BASE)).open
    reference = made["link"].rsplit("/", 1)[1]

    async def with_pin() -> object:
        return await open_one(reference, made["pin"])

    answers = stored.all_at_once([with_pin] * 6)

    assert {type(answer) for answer in answers} == {Opened}
    offers = [row for row in stored.dump()["offers"] if "offered" in row]
    assert len(offers) == 1
    assert len(stored.dump()["offers"]) == 6


def test_no_letter_takes_a_sixth_pin_however_many_come_at_once(stored: World) -> None:
    made = make_letter(stored)
    open_one = make_letters(stored.parts, Addresses(BASE)).open

    async def guess() -> object:
        return await open_one(made["typed_code"], wrong_pin(made))

    kinds = [type(answer) for answer in stored.all_at_once([guess] * 12)]

    assert (kinds.count(PinWrong), kinds.count(PinLocked)) == (4, 1)
    assert kinds.count(OpensNothing) == 7
    (state,) = [one for row in stored.dump()["letters"] for one in row if one == "locked"]
    assert state == "locked"


def test_a_letter_that_nobody_came_for_is_erased(stored: World) -> None:
    make_letter(stored)
    stored.clock.advance(days=31)
    assert stored.run(make_expire_letters(stored.parts)()) == 1
    assert not stored.dump()["letter_seals"]


@pytest.mark.parametrize("at", range(3))
def test_a_lost_phone_leaves_no_live_card_on_either_engine(stored: World, at: int) -> None:
    wallet = TinyWallet(stored)
    racing = Redeeming(stored, wallet, stored.offer()["offer_link"])
    race(stored, racing, headers=stored.auth() | {"Idempotency-Key": "race"}, at=at)
    assert live(stored) == []
    assert [wallet.status_of(card) for card in racing.got] == [Status.INVALID] * len(racing.got)


def test_an_erased_client_leaves_nothing_on_either_engine(stored: World) -> None:
    wallet = TinyWallet(stored)
    card = wallet.receive(stored.offer(key="once")["offer_link"])
    make_letter(stored)
    told = stored.post(
        "/api/v1/mallimaa/subjects/erase",
        json={"subject_ref": "client-4711"},
        headers=stored.auth(),
    )
    assert told.status_code == 200, told.text
    assert told.json()["erased"]["offers"] == 1
    mac = stored.parts.vault.mac("subject", "mallimaa", "client-4711")
    assert not [row for rows in stored.dump().values() for row in rows if mac in row]
    assert wallet.status_of(card) is Status.VALID


def test_ends_successors_and_closings_on_either_engine(stored: World) -> None:
    places = [StatusPlace("mallimaa", 1, index) for index in range(3)]

    def begin(records: Records) -> None:
        records.offers.add(offer(), SEALED)
        records.status_lists.open("mallimaa", 1, size=8)
        for number, place in enumerate(places):
            ends = LATER + timedelta(days=number // 2)
            kept: dict[str, Any] = {
                "delivery": Delivery.ACCEPTED,
                "place": place,
                "expires_at": ends,
            }
            records.credentials.add(credential(f"c{number}", **kept))

    do(stored, begin)
    query = ExpiryQuery(
        organisation="mallimaa",
        types=frozenset({"statement_feedback"}),
        now=NOW,
        until=LATER + timedelta(days=9),
        after=None,
        limit=2,
    )

    def page(after: str | None) -> list[str]:
        asked = replace(query, after=after)
        return [one.id for one in do(stored, lambda records: records.expiries.expiring(asked))]

    assert (page(None), page("c1"), page("c2"), page("x")) == (
        ["c0", "c1"],
        ["c2"],
        [],
        ["c0", "c1"],
    )
    told = [do(stored, lambda records: records.expiries.reminded("c0", at=NOW)) for _ in "ab"]
    assert told == [True, False]
    unreminded = do(
        stored, lambda records: records.expiries.unreminded(NOW, until=query.until, limit=9)
    )
    assert [one.id for one in unreminded] == ["c1", "c2"]
    do(stored, lambda records: records.expiries.follow("o1", "c0"))
    assert do(stored, lambda records: records.expiries.followed_by("o1")) == "c0"
    found = do(stored, lambda records: records.expiries.at_place(places[2]))
    assert found.id == "c2"
    assert do(stored, lambda records: records.closings.last_end("mallimaa")) == LATER + timedelta(
        days=1
    )
    closing = Closing("mallimaa", NOW, LATER)
    kept = [do(stored, lambda records: records.closings.add(closing)) for _ in "ab"]
    assert kept == [True, False]
    assert do(stored, lambda records: records.closings.get("mallimaa")) == closing
    assert do(stored, lambda records: records.closings.open_offers("mallimaa", limit=9)) == ["o1"]
    assert do(stored, lambda records: records.closings.open_letters("mallimaa", limit=9)) == []
