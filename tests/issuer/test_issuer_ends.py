"""Cards that end: who is told and when, and how a new card takes the place of an old one."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from issuer.parts.after import make_remind_expiring
from issuer.parts.lives import make_sweep_expired
from issuer.ports.webhooks import Endpoint, Event
from openid4vc.openid4vci.notification import Event as Report
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import NOW, World, claims_of, offer_body

EXPIRING = "/api/v1/mallimaa/credentials/expiring"
RENEW = "/api/v1/mallimaa/subjects/renew"


def card_of(world: World, offer_id: str) -> dict[str, Any]:
    (card,) = world.offer_state(offer_id)["credentials"]
    assert isinstance(card, dict)
    return card


def ends(world: World, offer_id: str) -> datetime:
    return datetime.fromisoformat(card_of(world, offer_id)["valid_until"])


def expiring(world: World, *types: str, **query: Any) -> dict[str, Any]:
    answer = world.get(EXPIRING, params=query, headers=world.auth("mallimaa", *types))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert isinstance(told, dict)
    return told


def ids(told: dict[str, Any]) -> list[str]:
    return [one["credential_id"] for one in told["credentials"]]


def days_before(world: World, offer_id: str, days: int) -> None:
    """Move the clock to so many days before the card's end."""
    world.clock.at = ends(world, offer_id) - timedelta(days=days)
    world._keys.clear()  # those made before have ended meanwhile


def renewal(world: World, credential_id: str, **changes: Any) -> Any:
    body = {
        "subject_ref": "client-4711",
        "credential_id": credential_id,
        "claims": claims_of("statement_feedback"),
        "delivery": {"channel": "screen"},
    }
    return world.post(RENEW, json={**body, **changes}, headers=world.auth())


# Lists and reminders ----------------------------------------------------------------------------


def test_cards_that_end_soon_are_listed_by_id(world: World, wallet: TinyWallet) -> None:
    made = world.offer()
    wallet.receive(made["offer_link"])
    world.offer()  # never fetched: nobody's card
    card = card_of(world, made["offer_id"])
    assert ids(expiring(world, days=1)) == []
    days_before(world, made["offer_id"], 10)
    assert ids(expiring(world, days=9)) == []
    told = expiring(world, days=10)
    assert ids(told) == [card["credential_id"]]
    assert set(told["credentials"][0]) == set(card)
    assert "subject" not in str(told)
    world.clock.advance(days=10)
    assert ids(expiring(world, days=400)) == [], "it is over"


@pytest.mark.parametrize("action", ["suspend", "revoke"])
def test_only_valid_cards_are_listed(world: World, wallet: TinyWallet, action: str) -> None:
    made = world.offer()
    wallet.receive(made["offer_link"])
    card_id = card_of(world, made["offer_id"])["credential_id"]
    reason = {"suspend": "appeal_pending", "revoke": "corrected"}[action]
    path = f"/api/v1/mallimaa/credentials/{card_id}/status"
    changed = world.post(path, json={"action": action, "reason": reason}, headers=world.auth())
    assert changed.status_code in {200, 202}, changed.text
    assert ids(expiring(world, days=400)) == []


def test_the_list_comes_in_pages_in_the_order_of_the_ends(world: World, wallet: TinyWallet) -> None:
    for _ in range(5):
        wallet.receive(world.offer()["offer_link"])
        world.clock.advance(minutes=1)
    everything = ids(expiring(world, days=400))
    seen: list[str] = []
    page = expiring(world, days=400, limit=2)
    while page["next"] is not None:
        seen += ids(page)
        page = expiring(world, days=400, limit=2, after=page["next"])
    assert seen + ids(page) == everything
    assert len(set(everything)) == 5


def test_other_types_and_bad_questions(world: World, wallet: TinyWallet) -> None:
    wallet.receive(world.offer()["offer_link"])
    assert ids(expiring(world, "authority_decision", days=400)) == []
    for query in ({"days": 0}, {"days": 401}, {"limit": 0}, {"after": "x"}, {"days": "soon"}):
        assert world.get(EXPIRING, params=query, headers=world.auth()).status_code == 422
    assert world.get(EXPIRING).status_code == 401


def reminders(world: World) -> list[tuple[str, str]]:
    table = [row for row in world.dump()["webhook_messages"] if "credential.expiring" in row]
    return [(str(row[2]), str(row[3])) for row in table]


def listen(world: World) -> None:
    endpoint = Endpoint("mallimaa", "https://mallimaa.example/events", "s", set_at=NOW)
    world.run(world.parts.store.write(lambda records: records.webhooks.set(endpoint)))


def test_the_organisation_is_told_once_of_each_card(world: World, wallet: TinyWallet) -> None:
    listen(world)
    remind = make_remind_expiring(world.parts)
    made = world.offer()
    wallet.receive(made["offer_link"])
    card_id = card_of(world, made["offer_id"])["credential_id"]
    days_before(world, made["offer_id"], 31)
    assert world.run(remind()) == 0
    world.clock.advance(days=1)
    assert world.run(remind()) == 1
    assert world.run(remind()) == 0
    assert reminders(world) == [(Event.CREDENTIAL_EXPIRING, card_id)]


def test_two_processes_tell_once(world: World, wallet: TinyWallet) -> None:
    listen(world)
    made = world.offer()
    wallet.receive(made["offer_link"])
    days_before(world, made["offer_id"], 5)
    remind = make_remind_expiring(world.parts)
    world.all_at_once([remind, remind, remind])
    assert len(reminders(world)) == 1


def test_where_nobody_listens_nothing_is_kept_for_later(world: World, wallet: TinyWallet) -> None:
    made = world.offer()
    wallet.receive(made["offer_link"])
    days_before(world, made["offer_id"], 5)
    assert world.run(make_remind_expiring(world.parts)()) == 1
    assert reminders(world) == []


# A new card in the place of an old one ----------------------------------------------------------


def test_the_old_card_counts_until_the_new_one_has_arrived(
    world: World, wallet: TinyWallet
) -> None:
    made = world.offer()
    old = wallet.receive(made["offer_link"])
    card_id = card_of(world, made["offer_id"])["credential_id"]

    answer = renewal(world, card_id)
    assert answer.status_code == 201, answer.text
    offer = wallet.open_link(answer.json()["offer_link"])
    assert wallet.status_of(old) is Status.VALID
    token = wallet.token(offer)
    new, notification = wallet.credential(token)
    assert wallet.status_of(old) is Status.VALID, "the answer may still be lost"
    assert wallet.notify(token, notification, Report.ACCEPTED).status_code == 204

    assert wallet.status_of(old) is Status.INVALID
    assert wallet.status_of(new) is Status.VALID
    last = world.dump()["audit_entries"][-1]
    assert {"revoke", "wallet", "superseded", card_id} <= set(last)


def test_a_wallet_that_reports_nothing_has_the_new_card_all_the_same(
    world: World, wallet: TinyWallet
) -> None:
    made = world.offer()
    old = wallet.receive(made["offer_link"])
    link = renewal(world, card_of(world, made["offer_id"])["credential_id"]).json()["offer_link"]
    token = wallet.token(wallet.open_link(link))
    new, _ = wallet.credential(token)
    world.clock.advance(days=2)
    world.run(make_sweep_expired(world.parts)())
    assert (wallet.status_of(old), wallet.status_of(new)) == (Status.INVALID, Status.VALID)


@pytest.mark.parametrize("how", ["deleted", "failed", "never fetched", "never claimed"])
def test_a_new_card_that_does_not_arrive_leaves_the_old_one(
    world: World, wallet: TinyWallet, how: str
) -> None:
    made = world.offer()
    old = wallet.receive(made["offer_link"])
    link = renewal(world, card_of(world, made["offer_id"])["credential_id"]).json()["offer_link"]
    if how != "never claimed":
        token = wallet.token(wallet.open_link(link))
        if how != "never fetched":
            _, notification = wallet.credential(token)
            event = {"deleted": Report.DELETED, "failed": Report.FAILURE}[how]
            wallet.notify(token, notification, event)
    world.clock.advance(days=2)
    world.run(make_sweep_expired(world.parts)())
    assert wallet.status_of(old) is Status.VALID


def test_a_renewal_that_is_offered_again_takes_the_same_place(
    world: World, wallet: TinyWallet
) -> None:
    made = world.offer()
    old = wallet.receive(made["offer_link"])
    first = renewal(world, card_of(world, made["offer_id"])["credential_id"]).json()
    path = f"/api/v1/mallimaa/offers/{first['offer_id']}/reoffer"
    again = world.post(path, json={}, headers=world.auth())
    assert again.status_code == 201, again.text
    new = wallet.receive(again.json()["offer_link"])
    assert (wallet.status_of(old), wallet.status_of(new)) == (Status.INVALID, Status.VALID)


def test_a_renewal_is_of_that_clients_valid_card(world: World, wallet: TinyWallet) -> None:
    made = world.offer()
    wallet.receive(made["offer_link"])
    other = world.offer(offer_body(subject_ref="client-4712"))
    wallet.receive(other["offer_link"])
    mine = card_of(world, made["offer_id"])["credential_id"]
    theirs = card_of(world, other["offer_id"])["credential_id"]

    assert renewal(world, theirs).json()["code"] == "credential_not_found"
    assert renewal(world, "0" * 32).status_code == 404
    bad = renewal(world, mine, claims={"favourite_colour": "red"})
    assert (bad.status_code, bad.json()["code"]) == (422, "request_invalid")
    path = f"/api/v1/mallimaa/credentials/{mine}/status"
    body = {"action": "revoke", "reason": "corrected"}
    assert world.post(path, json=body, headers=world.auth()).status_code == 200
    assert renewal(world, mine).json()["code"] == "revocation_is_final"


def test_a_repeated_renewal_is_one_offer(world: World, wallet: TinyWallet) -> None:
    made = world.offer()
    old = wallet.receive(made["offer_link"])
    body = {
        "subject_ref": "client-4711",
        "credential_id": card_of(world, made["offer_id"])["credential_id"],
        "claims": claims_of("statement_feedback"),
        "delivery": {"channel": "message"},
    }
    headers = world.auth() | {"Idempotency-Key": "renew-1"}
    first, again = (world.post(RENEW, json=body, headers=headers).json() for _ in range(2))
    assert first == again
    wallet.receive(first["offer_link"], first["pin"])
    assert wallet.status_of(old) is Status.INVALID


@pytest.mark.parametrize("reports", [True, False])
def test_a_renewal_is_no_way_around_four_eyes(tmp_path: Path, reports: bool) -> None:
    world = World(f"sqlite:///{tmp_path}/issuer.db", four_eyes=["mallimaa/statement_feedback"])
    wallet = TinyWallet(world)
    made = world.offer()
    old = wallet.receive(made["offer_link"])
    card = card_of(world, made["offer_id"])["credential_id"]
    offer = wallet.open_link(renewal(world, card).json()["offer_link"])
    token = wallet.token(offer)
    new, notification = wallet.credential(token)
    if reports:
        wallet.notify(token, notification, Report.ACCEPTED)
    else:
        world.clock.advance(days=2)
        world.run(make_sweep_expired(world.parts)())
    assert (wallet.status_of(old), wallet.status_of(new)) == (Status.SUSPENDED, Status.VALID)

    def revoke(person: str) -> int:
        body = {"action": "revoke", "reason": "corrected", "person": person}
        path = f"/api/v1/mallimaa/credentials/{card}/status"
        return world.post(path, json=body, headers=world.auth()).status_code

    assert [revoke("one"), revoke("one"), revoke("two")] == [200, 409, 200]
    assert wallet.status_of(old) is Status.INVALID
    world.close()
