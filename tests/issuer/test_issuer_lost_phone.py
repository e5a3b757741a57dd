"""A lost phone: everything on it stops counting in one call, whatever a wallet does meanwhile."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from issuer.adapters.sql.tables import audit_entries, offers
from issuer.model import Caller
from issuer.parts.services import make_services
from issuer.usecases.after.lose_phone import Loss, LossHandled
from keys.ports import Signer
from openid4vc.status_list.bits import Status
from tests.issuer.redeeming import Redeeming, live, race
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, claims_of, demo_pki, offer_body

PATH = "/api/v1/mallimaa/subjects/lost-phone"
DECISION = "authority_decision"


def lost(
    world: World,
    *,
    ref: str = "client-4711",
    again: list[dict[str, Any]] | None = None,
    key: str = "call-1",
    types: tuple[str, ...] = (),
) -> Any:
    body: dict[str, Any] = {"subject_ref": ref}
    if again is not None:
        body["again"] = again
    headers = world.auth("mallimaa", *types) | {"Idempotency-Key": key}
    return world.post(PATH, json=body, headers=headers)


def done(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert isinstance(told, dict)
    return told


def wish(type_id: str = "statement_feedback", channel: str = "message") -> dict[str, Any]:
    ours = {"issuing_authority": claims_of("statement_feedback")["issuing_authority"]}
    claims = {**claims_of(type_id), **ours}
    return {"type": type_id, "claims": claims, "delivery": {"channel": channel}}


def audit(world: World) -> list[tuple[str, str | None]]:
    def read(connection: Any) -> list[tuple[str, str | None]]:
        rows = connection.execute(audit_entries.select().order_by(audit_entries.c.id)).mappings()
        return [(row["action"], row["reason"]) for row in rows if "create" not in row["action"]]

    return world.run(world.parts.database.read(read))


def test_cards_are_revoked_and_offers_taken_back(world: World, wallet: TinyWallet) -> None:
    kept = [wallet.receive(world.offer()["offer_link"]) for _ in range(2)]
    another = wallet.receive(world.offer(offer_body(subject_ref="client-4712"))["offer_link"])
    waiting = world.offer()

    told = done(lost(world))

    assert [wallet.status_of(card) for card in kept] == [Status.INVALID, Status.INVALID]
    assert wallet.status_of(another) is Status.VALID
    assert (len(told["revoked"]), told["withdrawn"]) == (2, [waiting["offer_id"]])
    assert (told["withdrawn_letters"], told["out_of_scope"]) == ([], 0)
    assert (told["offers"], told["letters"]) == ([], [])
    assert world.offer_state(waiting["offer_id"])["state"] == "withdrawn"
    assert wallet.ask_token(wallet.open_link(waiting["offer_link_by_value"])).status_code == 400
    assert audit(world) == [
        ("withdraw_offer", "device_lost"),
        ("revoke", "device_lost"),
        ("revoke", "device_lost"),
        ("lost_phone", "device_lost"),
    ]


def test_new_offers_are_made_in_the_same_call(world: World, wallet: TinyWallet) -> None:
    old = wallet.receive(world.offer()["offer_link"])
    told = done(lost(world, again=[wish(), wish(DECISION, "screen")]))

    message, screen = told["offers"]
    assert len(message["pin"]) == 6
    assert "pin" not in screen
    new = wallet.receive(message["offer_link"], message["pin"])
    assert wallet.status_of(old) is Status.INVALID
    assert wallet.status_of(new) is Status.VALID


def test_a_letter_is_taken_back_and_another_made(world: World) -> None:
    body = {"type": "statement_feedback", "claims": claims_of("statement_feedback")}
    letter = {**body, "subject_ref": "client-4711", "pin_medium": "in_person"}
    first = world.post("/api/v1/mallimaa/letters", json=letter, headers=world.auth())
    assert first.status_code == 201, first.text
    by_letter = {**body, "letter": {"pin_medium": "phone_call", "recipient": ["Maija Mallikas"]}}

    told = done(lost(world, again=[wish(), by_letter]))

    assert told["withdrawn_letters"] == [first.json()["letter_id"]]
    (made,) = told["letters"]
    assert (made["state"], len(made["pin"])) == ("sent", 6)
    assert len(told["offers"]) == 1
    path = f"/api/v1/mallimaa/letters/{first.json()['letter_id']}"
    assert world.get(path, headers=world.auth()).json()["state"] == "withdrawn"
    again = done(lost(world, again=[wish(), by_letter]))
    assert [one["letter_id"] for one in again["letters"]] == [made["letter_id"]]
    for wrong, place in (
        ({**wish(), "letter": {"pin_medium": "in_person"}}, "/again/0/letter"),
        (body, "/again/0/delivery"),
        ({**body, "letter": {"pin_medium": "letter"}}, "/again/0/letter/pin_medium"),
    ):
        answer = lost(world, again=[wrong], key="call-9")
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["problems"]] == [place]


def test_a_repeated_call_does_nothing_more_and_tells_the_same(
    world: World, wallet: TinyWallet
) -> None:
    wallet.receive(world.offer()["offer_link"])
    first = done(lost(world, again=[wish()]))
    assert done(lost(world, again=[wish()])) == first
    (made,) = first["offers"]
    new = wallet.receive(made["offer_link"], made["pin"])

    again = done(lost(world, again=[wish()]))

    # The client has got the card again; a late repetition leaves it alone, and tells no PIN.
    assert wallet.status_of(new) is Status.VALID
    assert again["revoked"] == first["revoked"]
    assert [one["offer_id"] for one in again["offers"]] == [made["offer_id"]]
    assert "pin" not in again["offers"][0]
    # Under another key it is another loss.
    assert len(done(lost(world, key="call-2"))["revoked"]) == 1
    assert wallet.status_of(new) is Status.INVALID


def test_a_call_that_broke_off_after_revoking_carries_on(world: World, wallet: TinyWallet) -> None:
    wallet.receive(world.offer()["offer_link"])
    first = done(lost(world, again=[wish(), wish(DECISION)]))

    def forget_last(connection: Any) -> None:
        """As if the service had stopped before the second offer was made."""
        ids = [one["offer_id"] for one in first["offers"]][1:]
        for table in (world_tables("remembered_calls"), world_tables("sealed_claims")):
            connection.execute(table.delete().where(table.c.offer_id.in_(ids)))
        connection.execute(offers.delete().where(offers.c.id.in_(ids)))

    world.run(world.parts.database.write(forget_last))
    again = done(lost(world, again=[wish(), wish(DECISION)]))
    assert again["offers"][0] == first["offers"][0]
    assert again["offers"][1]["offer_id"] != first["offers"][1]["offer_id"]
    assert again["revoked"] == first["revoked"]


def world_tables(name: str) -> Any:
    return offers.metadata.tables[name]


def test_one_key_stands_for_one_call(world: World) -> None:
    done(lost(world))
    other = lost(world, ref="client-4712")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    missing = world.post(PATH, json={"subject_ref": "x"}, headers=world.auth())
    assert (missing.status_code, missing.json()["code"]) == (422, "request_invalid")


def test_a_wish_that_cannot_be_offered_stops_everything(world: World, wallet: TinyWallet) -> None:
    card = wallet.receive(world.offer()["offer_link"])
    bad = wish(DECISION)
    bad["claims"]["favourite_colour"] = "red"

    answer = lost(world, again=[wish(), bad])

    assert answer.status_code == 422
    (fault,) = answer.json()["problems"]
    assert fault["pointer"] == "/again/1/claims/favourite_colour"
    assert "red" not in answer.text
    assert wallet.status_of(card) is Status.VALID
    assert audit(world) == []


def test_what_the_caller_is_not_for_is_counted_and_left(world: World, wallet: TinyWallet) -> None:
    card = wallet.receive(world.offer()["offer_link"])
    waiting = world.offer()

    told = done(lost(world, types=(DECISION,)))

    assert (told["revoked"], told["withdrawn"], told["out_of_scope"]) == ([], [], 2)
    assert wallet.status_of(card) is Status.VALID
    assert world.offer_state(waiting["offer_id"])["state"] == "offered"


def test_where_four_eyes_are_needed_the_first_call_suspends(tmp_path: Path) -> None:
    place = frozenset({"mallimaa/statement_feedback"})
    world = World(f"sqlite:///{tmp_path}/careful.db", four_eyes=place)
    wallet = TinyWallet(world)
    card = wallet.receive(world.offer()["offer_link"])
    token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    underway, _ = wallet.credential(token)

    told = done(lost(world))

    # Nobody has confirmed the copy that is on its way: it ends with its offer, as ever.
    assert wallet.status_of(underway) is Status.INVALID
    assert wallet.status_of(card) is Status.SUSPENDED
    (waiting,) = told["awaits_second_pair"]
    assert waiting not in told["revoked"]
    # The same system is no second pair, however often it calls; another one is.
    assert done(lost(world, key="again"))["awaits_second_pair"] == [waiting]
    assert wallet.status_of(card) is Status.SUSPENDED
    second = done(lost(world, key="second", types=("statement_feedback",)))
    assert (second["revoked"], second["awaits_second_pair"]) == ([waiting], [])
    assert wallet.status_of(card) is Status.INVALID
    world.close()


def test_nobody_elses_client_is_touched(world: World, wallet: TinyWallet) -> None:
    """The same reference at another organisation is another client."""
    card = wallet.receive(world.offer()["offer_link"])
    answer = world.post(
        "/api/v1/kela/subjects/lost-phone",
        json={"subject_ref": "client-4711"},
        headers=world.auth("kela") | {"Idempotency-Key": "k"},
    )
    assert done(answer)["revoked"] == []
    assert wallet.status_of(card) is Status.VALID
    assert world.post(PATH, json={"subject_ref": "client-4711"}).status_code == 401


def test_a_reference_never_stands_in_an_address_or_a_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        done(lost(world, ref="secret-ref-77"))
    assert "secret-ref-77" not in caplog.text
    assert "secret-ref-77" not in repr(world.dump())


def test_a_wallet_that_waits_for_its_claims_gets_nothing(world: World, wallet: TinyWallet) -> None:
    body = {name: value for name, value in offer_body().items() if name != "claims"}
    made = world.offer(body)
    token = wallet.token(wallet.open_link(made["offer_link"]))
    waiting = wallet.ask_credential(token, wallet.request("statement_feedback"))
    assert waiting.status_code == 202, waiting.text

    assert done(lost(world))["withdrawn"] == [made["offer_id"]]

    path = f"/api/v1/mallimaa/offers/{made['offer_id']}/claims"
    claims = {"claims": claims_of("statement_feedback")}
    assert world.run(world.client.put(path, json=claims, headers=world.auth())).status_code == 409
    asked = world.post(
        "/mallimaa/deferred-credential",
        json={"transaction_id": waiting.json()["transaction_id"]},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert asked.status_code >= 400
    assert live(world) == []


# Races ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(6))
def test_no_card_outlives_a_loss_that_comes_while_it_is_redeemed(
    world: World, wallet: TinyWallet, at: int
) -> None:
    """The loss is reported at another moment in each case: before, between, after the steps."""
    racing = Redeeming(world, wallet, world.offer()["offer_link"])
    headers = world.auth() | {"Idempotency-Key": "race"}

    race(world, racing, headers=headers, at=at)

    assert live(world) == []
    assert [wallet.status_of(card) for card in racing.got] == [Status.INVALID] * len(racing.got)


class SlowKeys:
    """The demo's keys; before a credential is signed, something else happens."""

    def __init__(self) -> None:
        self.before_signing: Callable[[], None] = lambda: None

    def signer(self, org: str, purpose: str) -> Signer:
        signer = demo_pki().keys.signer(org, purpose)
        return _SlowSigner(self, signer) if purpose == "credential" else signer

    def names(self) -> list[tuple[str, str]]:
        return demo_pki().keys.names()

    def secret(self, name: str) -> bytes:
        return demo_pki().keys.secret(name)


@dataclass
class _SlowSigner:
    keys: SlowKeys
    signer: Signer

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self.signer.public_key

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        return self.signer.certificate_chain

    def sign(self, message: bytes) -> bytes:
        self.keys.before_signing()
        return self.signer.sign(message)


def test_a_copy_that_is_being_signed_is_refused_to_its_wallet(tmp_path: Path) -> None:
    """The intent is recorded, the signer is slow, the phone is reported lost in between."""
    keys = SlowKeys()
    world = World(f"sqlite:///{tmp_path}/issuer.db", keys=keys)
    wallet = TinyWallet(world)
    token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    body = wallet.request("statement_feedback")
    caller = Caller(
        key_id="k",
        organisation="mallimaa",
        system="tests",
        types=frozenset({"statement_feedback"}),
        status_types=frozenset({"statement_feedback"}),
    )
    handled: list[LossHandled] = []

    async def report() -> None:
        lose_phone = make_services(world.parts).after.lose_phone
        handled.append(await lose_phone(caller, Loss("client-4711"), idempotency_key="slow"))

    def elsewhere() -> None:
        thread = Thread(target=lambda: asyncio.run(report()))
        thread.start()
        thread.join()

    keys.before_signing = elsewhere
    answer = wallet.ask_credential(token, body)

    assert (answer.status_code, answer.json()["error"]) == (400, "credential_request_denied")
    assert len(handled[0].done.revoked) == 1
    assert live(world) == []
    world.close()


def test_an_erasure_by_a_system_for_other_types_leaves_the_call_remembered(
    world: World, wallet: TinyWallet
) -> None:
    wallet.receive(world.offer()["offer_link"])
    told = done(lost(world, again=[wish()]))
    (offer,) = told["offers"]
    card = wallet.receive(offer["offer_link"], offer["pin"])
    headers = world.auth("mallimaa", "service_plan")
    erased = world.post(
        "/api/v1/mallimaa/subjects/erase", json={"subject_ref": "client-4711"}, headers=headers
    )
    assert erased.json()["out_of_scope"] > 0
    assert done(lost(world, again=[wish()]))["revoked"] == told["revoked"]
    assert wallet.status_of(card) is Status.VALID, "the same call again revokes nothing"
