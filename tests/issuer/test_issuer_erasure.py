"""What is kept of a client goes on request, and what stays leads to nobody."""

from pathlib import Path
from typing import Any

import pytest

from issuer.adapters.sql.subjects import TYPED
from issuer.adapters.sql.tables import metadata
from issuer.parts.lives import make_sweep_expired
from openid4vc.openid4vci.notification import Event
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, offer_body

PATH = "/api/v1/mallimaa/subjects/erase"
REF = "client-4711"


def erase(world: World, *, types: tuple[str, ...] = (), lang: str = "en", **body: Any) -> Any:
    headers = world.auth("mallimaa", *types) | {"Accept-Language": lang}
    answer = world.post(PATH, json={"subject_ref": REF, **body}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def kept(told: Any) -> dict[str, Any]:
    return {one["what"]: one for one in told["kept"]}


def traces(world: World, needles: set[object]) -> set[str]:
    """Tables in which one of these values stands in some row."""
    return {
        name
        for name, rows in world.dump().items()
        if any(not needles.isdisjoint(row) for row in rows)
    }


def macs_and_ids(world: World) -> set[object]:
    """Whatever ties a row to the client or to another row of the same client."""
    mac = world.parts.vault.mac("subject", "mallimaa", REF)
    found: set[object] = {mac}
    for name in ("offers", "credentials", "grants", "letters"):
        table = metadata.tables[name]

        def read(connection: Any, table: Any = table) -> list[dict[str, Any]]:
            return [dict(row) for row in connection.execute(table.select()).mappings()]

        for row in world.run(world.parts.database.read(read)):
            found |= {
                value
                for column, value in row.items()
                if value is not None and (column.endswith("_mac") or column in {"id", "offer_id"})
            }
    return found


def test_nothing_is_left_that_leads_to_the_client(world: World, wallet: TinyWallet) -> None:
    wallet.receive(world.offer(key="a")["offer_link"])
    wallet.token(wallet.open_link(world.offer()["offer_link"]))
    later = {name: value for name, value in offer_body().items() if name != "claims"}
    waiting = wallet.token(wallet.open_link(world.offer(later)["offer_link"]))
    assert wallet.ask_credential(waiting, wallet.request("statement_feedback")).is_success
    letter = {name: value for name, value in offer_body().items() if name != "delivery"}
    letter["pin_medium"] = "in_person"
    posted = world.post("/api/v1/mallimaa/letters", json=letter, headers=world.auth())
    assert posted.status_code == 201, posted.text
    before = macs_and_ids(world)
    known_by = {"offers", "credentials", "grants", "remembered_calls", "letters", "deferrals"}
    assert traces(world, before) > known_by

    told = erase(world, revoke_cards=True)

    # The audit record keeps ids, which lead nowhere: no other row has one of them.
    assert traces(world, before) == {"audit_entries"}
    assert told["erased"] == {"offers": 3, "letters": 1, "cards": 1}
    assert (told["revoked"], told["out_of_scope"]) == (1, 0)
    dump = world.dump()
    assert [dump[name] for name in ("offers", "grants", "sealed_claims", "credentials")] == [[]] * 4


@pytest.mark.req("TSL-16")
def test_entries_of_status_lists_stay_taken(world: World, wallet: TinyWallet) -> None:
    card = wallet.receive(world.offer()["offer_link"])
    before = {row[:3] for row in world.dump()["status_entries"]}
    told = erase(world, revoke_cards=True)
    assert {row[:3] for row in world.dump()["status_entries"]} == before
    assert wallet.status_of(card) is Status.INVALID
    assert kept(told)["status_entries"]["count"] == 1


def test_a_valid_card_stays_valid_and_its_record_leads_to_nobody(
    world: World, wallet: TinyWallet
) -> None:
    cards = [wallet.receive(world.offer()["offer_link"]) for _ in range(2)]
    before = macs_and_ids(world)

    told = erase(world)

    ids = kept(told)["cards"]["ids"]
    assert (len(ids), told["revoked"]) == (2, 0)
    assert traces(world, before - set(ids)) == {"audit_entries"}
    assert [wallet.status_of(card) for card in cards] == [Status.VALID, Status.VALID]
    # Two records of one client have nothing in common any more, not even a time.
    rows = [row for row in world.dump()["credentials"] if row[0] in ids]
    assert len({row[4] for row in rows}) == len({row[3] for row in rows}) == 2
    # Each can still be revoked by its id.
    change = world.post(
        f"/api/v1/mallimaa/credentials/{ids[0]}/status",
        json={"action": "revoke", "reason": "corrected"},
        headers=world.auth(),
    )
    assert change.status_code == 200, change.text
    assert {wallet.status_of(card) for card in cards} == {Status.VALID, Status.INVALID}


def test_erasure_is_no_way_around_four_eyes(tmp_path: Path) -> None:
    place = frozenset({"mallimaa/statement_feedback"})
    world = World(f"sqlite:///{tmp_path}/careful.db", four_eyes=place)
    wallet = TinyWallet(world)
    card = wallet.receive(world.offer()["offer_link"])
    told = erase(world, revoke_cards=True)
    assert (told["revoked"], kept(told)["cards"]["count"]) == (0, 1)
    assert wallet.status_of(card) is Status.VALID
    world.close()


def test_the_answer_says_what_stays_and_why_in_three_languages(
    world: World, wallet: TinyWallet
) -> None:
    wallet.receive(world.offer()["offer_link"])
    told = [kept(erase(world, lang=lang)) for lang in ("fi", "sv", "en")]
    assert set(told[0]) == {"status_entries", "cards", "audit_record", "elsewhere"}
    assert "peruutuslistalla" in told[0]["status_entries"]["why"]
    assert set(told[1]) == {"audit_record", "elsewhere"}, "there is nothing left the second time"
    assert "händelseloggen" in told[1]["audit_record"]["why"]
    assert "audit record" in told[2]["audit_record"]["why"]


def test_a_repeated_call_finds_nothing(world: World, wallet: TinyWallet) -> None:
    wallet.receive(world.offer()["offer_link"])
    first = erase(world, revoke_cards=True)
    again = erase(world, revoke_cards=True)
    assert again["erased"] == {"offers": 0, "letters": 0, "cards": 0}
    assert again["erasure_id"] != first["erasure_id"]
    assert world.dump()["audit_entries"][-1][5] != REF


def test_the_erasure_is_on_record_by_an_id_of_its_own(world: World, wallet: TinyWallet) -> None:
    wallet.receive(world.offer()["offer_link"])
    told = erase(world)
    entries = [row for row in world.dump()["audit_entries"] if "erase_subject" in row]
    assert [row[5] for row in entries] == [told["erasure_id"]]


def test_a_wallet_in_the_middle_of_it_gets_nothing(world: World, wallet: TinyWallet) -> None:
    offer = wallet.open_link(world.offer()["offer_link"])
    token = wallet.token(offer)
    erase(world)
    answer = wallet.ask_credential(token, wallet.request("statement_feedback"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert wallet.ask_token(offer).status_code == 400
    assert world.dump()["credentials"] == []


def test_a_late_report_of_the_wallet_changes_nothing(world: World, wallet: TinyWallet) -> None:
    token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    card, notification = wallet.credential(token)
    erase(world)
    assert wallet.notify(token, notification, Event.DELETED).status_code == 401
    assert wallet.status_of(card) is Status.VALID
    world.clock.advance(days=2)
    world.run(make_sweep_expired(world.parts)())
    assert wallet.status_of(card) is Status.VALID


def test_what_the_caller_is_not_for_stays(world: World, wallet: TinyWallet) -> None:
    card = wallet.receive(world.offer()["offer_link"])
    told = erase(world, types=("authority_decision",), revoke_cards=True)
    assert told["out_of_scope"] == 2
    assert told["erased"] == {"offers": 0, "letters": 0, "cards": 0}
    assert wallet.status_of(card) is Status.VALID


def test_other_clients_stay(world: World, wallet: TinyWallet) -> None:
    world.offer()
    other = wallet.receive(world.offer(offer_body(subject_ref="client-4712"))["offer_link"])
    erase(world, revoke_cards=True)
    assert wallet.status_of(other) is Status.VALID
    assert len(world.dump()["offers"]) == 1


def test_a_lost_phone_call_of_the_client_is_forgotten_too(world: World, wallet: TinyWallet) -> None:
    wallet.receive(world.offer()["offer_link"])
    headers = world.auth() | {"Idempotency-Key": "k"}
    path = "/api/v1/mallimaa/subjects/lost-phone"
    assert world.post(path, json={"subject_ref": REF}, headers=headers).status_code == 200
    assert world.dump()["subject_calls"] != []
    erase(world)
    assert world.dump()["subject_calls"] == []


def test_every_table_that_knows_a_client_is_reached() -> None:
    """A table that is added later is found by these columns, or erasure would pass it over."""
    knowing = {table.name for table in metadata.sorted_tables if "subject_mac" in table.c}
    found = {table.name for table in metadata.sorted_tables if set(TYPED) <= set(table.c.keys())}
    assert knowing - {"subject_calls"} == found
