"""Offering again, four eyes for revoking, referrals taken in; and what attackers would try."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from issuer.model import RevocationRequest
from issuer.parts.lives import make_four_eyes
from issuer.parts.webhooks import make_administer_webhooks
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import (
    AlreadyTakenIn,
    IdempotencyKeyReused,
    OfferNotOpen,
    OrganisationUnknown,
    PinRequired,
    ReferenceUnknown,
    RevocationIsFinal,
    SecondPairNeeded,
    StatusChangeConflicts,
    TypeNotInScope,
    TypeNotIssuedHere,
)
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, NOW, PAYLOADS, World, claims_of, offer_body

TYPE = "statement_feedback"
REFERRAL = "work_ability_referral"


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# --- Offering again -------------------------------------------------------------------------------


def reoffer(
    world: World, offer_id: str, body: dict[str, Any] | None = None, key: str | None = None
) -> httpx2.Response:
    headers = world.auth() | ({} if key is None else {"Idempotency-Key": key})
    path = f"/api/v1/mallimaa/offers/{offer_id}/reoffer"
    return world.post(path, json=body or {}, headers=headers)


def test_offering_again_gives_the_same_claims_under_a_new_link_code_and_pin(
    world: World, wallet: TinyWallet
) -> None:
    old = world.offer(offer_body(delivery={"channel": "screen", "pin": True}))
    opened = wallet.open_link(old["offer_link"])
    answer = reoffer(world, old["offer_id"])
    assert answer.status_code == 201
    new = answer.json()
    assert new["offer_id"] != old["offer_id"]
    assert new["offer_link"] != old["offer_link"]
    assert new["pin"] is not None
    assert world.offer_state(old["offer_id"])["state"] == "withdrawn"
    assert wallet.ask_token(opened, old["pin"]).json()["error"] == "invalid_grant"
    fresh = wallet.open_link(new["offer_link"])
    assert fresh.pre_authorized_code != opened.pre_authorized_code
    shown = parse(wallet.receive(new["offer_link"], new["pin"]))
    assert claims_of(TYPE)["family_name"] in json.dumps([one.value for one in shown.disclosures])
    assert len(world.dump()["sealed_claims"]) == 0


def test_a_copy_on_its_way_is_revoked_when_its_offer_is_made_again(
    world: World, wallet: TinyWallet
) -> None:
    old = world.offer()
    token = wallet.token(wallet.open_link(old["offer_link"]))
    lost, _ = wallet.credential(token)
    new = reoffer(world, old["offer_id"]).json()
    assert wallet.status_of(lost) is Status.INVALID
    again = wallet.ask_credential(token, wallet.request(TYPE))
    assert again.json()["error"] == "credential_request_denied"
    assert wallet.status_of(wallet.receive(new["offer_link"])) is Status.VALID


def test_the_same_call_offers_again_once_and_another_under_its_key_is_refused(
    world: World,
) -> None:
    old = world.offer()
    first = reoffer(world, old["offer_id"], key="again-1").json()
    assert reoffer(world, old["offer_id"], key="again-1").json() == first
    other = reoffer(world, first["offer_id"], key="again-1")
    assert code(other) == (422, IdempotencyKeyReused.code)
    assert code(reoffer(world, old["offer_id"])) == (409, OfferNotOpen.code)
    assert len(world.dump()["offers"]) == 2


def test_of_several_at_once_one_offers_again(world: World) -> None:
    old = world.offer()
    path, headers = f"/api/v1/mallimaa/offers/{old['offer_id']}/reoffer", world.auth()
    answers = world.all_at_once([lambda: world.client.post(path, json={}, headers=headers)] * 4)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(world.dump()["offers"]) == 2


def test_an_offer_goes_another_way_the_second_time(world: World) -> None:
    old = world.offer()
    message = {"delivery": {"channel": "message"}}
    new = reoffer(world, old["offer_id"], message).json()
    assert new["pin"] is not None
    assert world.offer_state(new["offer_id"])["channel"] == "message"
    open_message = {"delivery": {"channel": "message", "pin": False}}
    assert code(reoffer(world, new["offer_id"], open_message)) == (422, PinRequired.code)
    assert world.offer_state(new["offer_id"])["state"] == "offered"


def test_what_has_ended_or_is_over_is_not_offered_again(world: World, wallet: TinyWallet) -> None:
    done = world.offer()
    wallet.receive(done["offer_link"])
    assert code(reoffer(world, done["offer_id"])) == (409, OfferNotOpen.code)
    assert reoffer(world, "0" * 32).status_code == 404
    late = world.offer()
    world.clock.advance(minutes=15)
    assert code(reoffer(world, late["offer_id"])) == (409, OfferNotOpen.code)


def test_claims_that_are_awaited_are_awaited_again(world: World, wallet: TinyWallet) -> None:
    body = offer_body()
    del body["claims"]
    old = world.offer(body)
    new = reoffer(world, old["offer_id"]).json()
    token = wallet.ask_token(wallet.open_link(new["offer_link"])).json()["access_token"]
    assert wallet.ask_credential(token, wallet.request(TYPE)).status_code == 202


# --- Four eyes ------------------------------------------------------------------------------------


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[World]:
    """An issuer where Mallimaa's feedback is revoked by two pairs of eyes."""
    world = World(f"sqlite:///{tmp_path}/careful.db", four_eyes=frozenset({f"mallimaa/{TYPE}"}))
    yield world
    world.close()


class Systems:
    """One card, and two systems that may change it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wallet = TinyWallet(world)
        made = world.offer()
        self.card = self.wallet.receive(made["offer_link"])
        (copy,) = world.offer_state(made["offer_id"])["credentials"]
        self.id = copy["credential_id"]
        # Two sets of types make two keys, each of a system of its own.
        self.one = world.auth("mallimaa", TYPE)
        self.other = world.auth("mallimaa", TYPE, REFERRAL)

    def change(
        self, who: dict[str, str], action: str = "revoke", person: str | None = None
    ) -> httpx2.Response:
        reasons = {"revoke": "corrected", "suspend": "under_review"}
        body = {"action": action, "reason": reasons.get(action), "person": person}
        path = f"/api/v1/mallimaa/credentials/{self.id}/status"
        return self.world.post(path, json=body, headers=who)

    def shown(self) -> Status:
        return self.wallet.status_of(self.card)


@pytest.fixture
def systems(careful: World) -> Systems:
    return Systems(careful)


def test_the_first_suspends_at_once_and_another_system_revokes(systems: Systems) -> None:
    asked = systems.change(systems.one)
    assert asked.status_code == 200
    assert (asked.json()["state"], asked.json()["awaits_second_pair"]) == ("suspended", True)
    assert systems.shown() is Status.SUSPENDED
    listed = systems.world.get("/api/v1/mallimaa/revocation-requests", headers=systems.other)
    (request,) = listed.json()["revocations"]
    assert (request["credential_id"], request["reason"]) == (systems.id, "corrected")

    done = systems.change(systems.other)
    assert (done.json()["state"], done.json()["awaits_second_pair"]) == ("revoked", False)
    assert systems.shown() is Status.INVALID
    assert code(systems.change(systems.other)) == (409, RevocationIsFinal.code)
    assert code(systems.change(systems.one, "reinstate")) == (409, RevocationIsFinal.code)
    listed = systems.world.get("/api/v1/mallimaa/revocation-requests", headers=systems.other)
    assert listed.json() == {"revocations": []}
    actions = [row[4] for row in systems.world.dump()["audit_entries"]]
    assert (actions.count("ask_revocation"), actions.count("revoke")) == (1, 1)


def test_the_same_eyes_count_once_however_often_they_look(systems: Systems) -> None:
    systems.change(systems.one)
    for person in (None, "clerk-1"):
        again = systems.change(systems.one, person=person)
        assert code(again) == (409, SecondPairNeeded.code)
    assert systems.shown() is Status.SUSPENDED


def test_two_persons_of_one_system_are_two_pairs_and_one_person_of_two_systems_is_one(
    systems: Systems,
) -> None:
    systems.change(systems.one, person="clerk-1")
    assert code(systems.change(systems.one)) == (409, SecondPairNeeded.code)
    assert code(systems.change(systems.one, person="clerk-1")) == (409, SecondPairNeeded.code)
    assert code(systems.change(systems.other, person="clerk-1")) == (409, SecondPairNeeded.code)
    assert systems.change(systems.one, person="clerk-2").json()["state"] == "revoked"
    dumped = repr(systems.world.dump())
    assert "clerk-1" not in dumped
    assert "clerk-2" not in dumped


def test_reinstating_takes_the_first_word_back(systems: Systems) -> None:
    systems.change(systems.one)
    assert systems.change(systems.other, "reinstate").json()["state"] == "valid"
    assert systems.shown() is Status.VALID
    first_again = systems.change(systems.one)
    assert (first_again.json()["state"], first_again.json()["awaits_second_pair"]) == (
        "suspended",
        True,
    )


def test_what_was_suspended_before_is_asked_for_and_revoked_alike(systems: Systems) -> None:
    systems.change(systems.one, "suspend")
    assert systems.change(systems.one).json()["awaits_second_pair"]
    assert systems.change(systems.other).json()["state"] == "revoked"


def test_of_second_eyes_at_once_one_revokes_and_of_first_ones_none(systems: Systems) -> None:
    world, path = systems.world, f"/api/v1/mallimaa/credentials/{systems.id}/status"
    body = {"action": "revoke", "reason": "corrected"}

    def calls(who: dict[str, str]) -> list[Any]:
        return [lambda: world.client.post(path, json=body, headers=who)] * 3

    firsts = world.all_at_once(calls(systems.one))
    assert sorted(answer.status_code for answer in firsts) == [200, 409, 409]
    assert systems.shown() is Status.SUSPENDED
    seconds = world.all_at_once(calls(systems.other))
    assert sorted(answer.status_code for answer in seconds) == [200, 409, 409]
    assert systems.shown() is Status.INVALID


def test_elsewhere_one_pair_of_eyes_is_enough(world: World) -> None:
    systems = Systems(world)
    assert systems.change(systems.one).json()["state"] == "revoked"


def test_four_eyes_are_set_where_there_is_something(world: World) -> None:
    catalogue = world.parts.catalogue
    with pytest.raises(OrganisationUnknown):
        make_four_eyes(frozenset({"nobody"}), catalogue)
    with pytest.raises(TypeNotIssuedHere):
        make_four_eyes(frozenset({f"kela/{TYPE}"}), catalogue)
    assert make_four_eyes(frozenset({"kela"}), catalogue).places == {"kela"}


def test_who_counts_as_another() -> None:
    plain = RevocationRequest("a", None, "corrected", NOW)
    named = RevocationRequest("a", b"1", "corrected", NOW)
    cases = [
        (plain, "a", None, False),
        (plain, "b", None, True),
        (plain, "a", b"1", False),
        (plain, "b", b"1", True),
        (named, "a", None, False),
        (named, "b", None, True),
        (named, "a", b"1", False),
        (named, "b", b"1", False),
        (named, "a", b"2", True),
        (named, "b", b"2", True),
    ]
    for first, system, person, expected in cases:
        assert first.is_another(system, person) is expected, (first, system, person)


# --- Taking in ------------------------------------------------------------------------------------


class Referral:
    """A referral in a client's wallet."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wallet = TinyWallet(world, org="tyollisyysalue")
        claims = json.loads((PAYLOADS / "05_work_ability_referral.json").read_text())["claims"]
        made = world.offer(
            {**offer_body(), "type": REFERRAL, "claims": claims}, org="tyollisyysalue"
        )
        self.card = self.wallet.receive(made["offer_link"])
        self.offer_id = made["offer_id"]
        reference = status_reference(parse(self.card).claims)
        assert reference is not None
        self.reference = {"uri": reference.uri, "idx": reference.index}

    def take(
        self,
        org: str = "mallimaa",
        reference: Mapping[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        return self.world.post(
            f"/api/v1/{org}/taken-in",
            json={"status_list": reference or self.reference},
            headers=headers or self.world.auth(org),
        )

    @property
    def copy(self) -> dict[str, Any]:
        (copy,) = self.world.offer_state(self.offer_id, org="tyollisyysalue")["credentials"]
        assert isinstance(copy, dict)
        return copy


@pytest.fixture
def referral(world: World) -> Referral:
    world.run(make_administer_webhooks(world.parts).set("tyollisyysalue", "https://cases.example/"))
    return Referral(world)


def told(world: World) -> list[object]:
    return [row[2] for row in world.dump()["webhook_messages"]]


def test_a_receiver_takes_a_referral_in_by_its_reference_alone_and_the_sender_hears_of_it(
    world: World, referral: Referral
) -> None:
    answer = referral.take()
    assert answer.status_code == 200
    at = NOW.isoformat().replace("+00:00", "Z")
    assert answer.json() == {"state": "taken_in", "taken_in_at": at}
    assert referral.wallet.status_of(referral.card) is Status.INVALID
    assert (referral.copy["state"], referral.copy["taken_in_at"]) == (
        "revoked",
        answer.json()["taken_in_at"],
    )
    assert {"credential.taken_in", "credential.status_changed"} <= set(told(world))
    before = len(told(world))
    world.clock.advance(hours=1)
    assert referral.take().json() == answer.json()  # the same call again
    assert len(told(world)) == before
    (noted,) = [row for row in world.dump()["audit_entries"] if "take_in" in row]
    assert "used" in noted


def test_only_who_is_named_by_the_type_takes_in_and_learns_nothing_else(
    world: World, referral: Referral
) -> None:
    unknown = (404, ReferenceUnknown.code)
    for org in ("tyollisyysalue", "kela"):
        assert code(referral.take(org)) == unknown
    feedback = TinyWallet(world)
    card = feedback.receive(world.offer()["offer_link"])
    reference = status_reference(parse(card).claims)
    assert reference is not None
    own = {"uri": reference.uri, "idx": reference.index}
    assert code(referral.take(reference=own)) == unknown  # nobody takes feedback in
    uri, index = str(referral.reference["uri"]), int(str(referral.reference["idx"]))
    strangers: tuple[dict[str, object], ...] = (
        {"uri": uri, "idx": (index + 1) % 128},
        {"uri": uri + "0", "idx": index},
        {"uri": uri.replace("issuer.test", "other.test"), "idx": index},
        {"uri": uri.replace("/1", "/01"), "idx": index},
        {"uri": "x", "idx": 0},
    )
    for strange in strangers:
        assert code(referral.take(reference=strange)) == unknown, strange
    assert referral.take(headers={"Authorization": "Bearer x"}).status_code == 401
    for broken in ({"uri": uri}, {"uri": uri, "idx": -1}, {"uri": uri, "idx": "1"}):
        assert referral.take(reference=broken).status_code == 422
    scoped = world.auth("mallimaa", TYPE)
    assert code(referral.take(headers=scoped)) == (403, TypeNotInScope.code)
    assert referral.wallet.status_of(referral.card) is Status.VALID


def test_a_referral_is_taken_in_once(world: World, referral: Referral) -> None:
    headers, body = world.auth("mallimaa"), {"status_list": referral.reference}
    answers = world.all_at_once(
        [lambda: world.client.post("/api/v1/mallimaa/taken-in", json=body, headers=headers)] * 4
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert told(world).count("credential.taken_in") == 1

    def by_another(records: Any) -> None:
        records.offers._connection.exec_driver_sql("UPDATE credentials SET taken_in_by = 'kela'")

    world.run(world.parts.store.write(by_another))
    assert code(referral.take()) == (409, AlreadyTakenIn.code)


@pytest.mark.parametrize(
    ("action", "failure"),
    [("revoke", RevocationIsFinal), ("suspend", StatusChangeConflicts)],
)
def test_what_is_not_valid_is_not_taken_in(
    world: World, referral: Referral, action: str, failure: type[StatusChangeConflicts]
) -> None:
    path = f"/api/v1/tyollisyysalue/credentials/{referral.copy['credential_id']}/status"
    reasons = {"revoke": "corrected", "suspend": "under_review"}
    body = {"action": action, "reason": reasons[action]}
    assert world.post(path, json=body, headers=world.auth("tyollisyysalue")).status_code == 200
    assert code(referral.take()) == (409, failure.code)
    assert referral.copy["taken_in_at"] is None


def test_a_status_reference_is_read_as_it_was_written() -> None:
    ours = Addresses(BASE)
    place = ours.status_place(ours.status_list("kela", 12), 5)
    assert place is not None
    assert (place.organisation, place.number, place.index) == ("kela", 12, 5)
    lists = ("kela/status-lists/0", "kela/status-lists/1?x", "ke\0la/status-lists/1", "a/b/1")
    for uri in ("", BASE, "kela/status-lists/1", *(f"{BASE}/{one}" for one in lists)):
        assert ours.status_place(uri, 5) is None
    assert ours.status_place(ours.status_list("kela", 12), -1) is None
