"""What organisations' systems are told: with the change itself, signed, until it arrives."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from issuer.adapters.sql.store import SqlStore
from issuer.cli import main
from issuer.parts.lives import make_sweep_expired
from issuer.parts.webhooks import make_administer_webhooks, make_deliver_events
from issuer.ports import Event, Records
from issuer.ports.webhooks import Answer
from issuer.usecases.failures import OrganisationUnknown
from issuer.usecases.webhooks.administer import AdministerWebhooks
from issuer.usecases.webhooks.deliver import Delivered, DeliverEvents
from issuer.usecases.webhooks.failures import WebhookAddressUnfit, WebhookNotSet
from keys import strict_json
from keys.checks import AddressForbidden, FetchFailed
from keys.fetch import Fetcher
from openid4vc.openid4vci import notification
from service_kit.sql import Database
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import NOW, World, claims_of, offer_body

URL = "https://cases.example/hooks"


@dataclass
class Receiver:
    """An organisation's system: remembers what came, answers as told."""

    answers: dict[str, Answer] = field(default_factory=dict)
    got: list[tuple[str, dict[str, Any], Mapping[str, str]]] = field(default_factory=list)
    lost: bool = False

    async def send(
        self, url: str, message: Mapping[str, object], *, headers: Mapping[str, str]
    ) -> Answer:
        if self.lost:
            raise FetchFailed("timeout")
        self.got.append((url, json.loads(strict_json.dumps(message)), headers))
        return self.answers.get(url, Answer(204))

    @property
    def told(self) -> list[tuple[str, str | None]]:
        return [(body["type"], body["data"].get("state")) for _, body, _ in self.got]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def deliver(world: World, receiver: Receiver) -> Callable[[], Delivered]:
    parts = world.parts
    chore = DeliverEvents(
        store=parts.store,
        vault=parts.vault,
        sender=receiver,
        clock=parts.clock,
        random=parts.random,
    )
    return lambda: world.run(chore())


@pytest.fixture
def administer(world: World) -> AdministerWebhooks:
    return make_administer_webhooks(world.parts)


def listen(world: World, org: str = "mallimaa", url: str = URL) -> str:
    """Set an address; returns the secret."""
    return world.run(make_administer_webhooks(world.parts).set(org, url)).secret


def waiting(world: World) -> int:
    return len([row for row in world.dump()["webhook_messages"] if row[-1] is None])


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """What a receiver does, written down on its own."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in headers["webhook-signature"].split(" ")


def test_each_step_of_an_offer_is_told_once_with_ids_and_state_only(
    world: World, wallet: TinyWallet, receiver: Receiver, deliver: Callable[[], Delivered]
) -> None:
    secret = listen(world)
    made = world.offer()
    wallet.receive(made["offer_link"])
    (copy,) = world.offer_state(made["offer_id"])["credentials"]
    path = f"/api/v1/mallimaa/credentials/{copy['credential_id']}/status"
    body = {"action": "suspend", "reason": "under_review"}
    assert world.post(path, json=body, headers=world.auth()).status_code == 200

    assert deliver() == Delivered(arrived=3, given_up=0)
    assert deliver() == Delivered(arrived=0, given_up=0)

    assert receiver.told == [
        ("offer.claimed", "claimed"),
        ("offer.completed", "completed"),
        ("credential.status_changed", "suspended"),
    ]
    first, last = receiver.got[0][1], receiver.got[2][1]
    assert first["data"] == {
        "organisation": "mallimaa",
        "offer_id": made["offer_id"],
        "state": "claimed",
    }
    assert first["timestamp"] == "2026-11-24T09:30:12.345Z"
    assert last["data"]["credential_id"] == copy["credential_id"]
    everything = json.dumps([body for _, body, _ in receiver.got])
    claims = claims_of("statement_feedback")
    for personal in (claims["family_name"], claims["birthdate"], "client-4711", "under_review"):
        assert personal not in everything
    for url, body, headers in receiver.got:
        assert url == URL
        assert is_signed(secret, headers, strict_json.dumps(body))
        assert not is_signed(secret, headers, strict_json.dumps({**body, "type": "offer.expired"}))
    assert len({headers["webhook-id"] for _, _, headers in receiver.got}) == 3


def test_every_end_of_an_offer_and_every_change_by_the_wallet_is_told(
    world: World, wallet: TinyWallet, receiver: Receiver, deliver: Callable[[], Delivered]
) -> None:
    listen(world)
    withdrawn = world.offer()
    world.post(f"/api/v1/mallimaa/offers/{withdrawn['offer_id']}/withdraw", headers=world.auth())
    blocked = wallet.open_link(
        world.offer(offer_body(delivery={"channel": "screen", "pin": True}))["offer_link"]
    )
    for _ in range(5):
        wallet.ask_token(blocked, "no")
    world.offer()
    lapsing = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    unwanted = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    _, number = wallet.credential(unwanted)
    wallet.notify(unwanted, number, notification.Event.DELETED)
    assert lapsing
    world.clock.advance(minutes=20)
    world.run(make_sweep_expired(world.parts)())

    deliver()

    assert sorted(receiver.told) == [
        ("credential.status_changed", "revoked"),
        ("offer.blocked", "blocked"),
        ("offer.claimed", "claimed"),
        ("offer.claimed", "claimed"),
        ("offer.completed", "completed"),
        ("offer.expired", "expired"),
        ("offer.lapsed", "lapsed"),
        ("offer.withdrawn", "withdrawn"),
    ]


def test_what_is_not_kept_is_not_told(world: World) -> None:
    listen(world)

    def change(records: Records) -> None:
        records.events.tell("mallimaa", Event.LETTER_LOCKED, "0" * 32, NOW)
        raise RuntimeError("the change fails")

    with pytest.raises(RuntimeError):
        world.run(world.parts.store.write(change))
    assert waiting(world) == 0


def test_who_does_not_listen_leaves_nothing_behind(world: World, wallet: TinyWallet) -> None:
    listen(world, org="kela")
    wallet.receive(world.offer()["offer_link"])
    assert waiting(world) == 0


def test_a_lost_message_comes_again_later_and_later_under_the_same_id(
    world: World, wallet: TinyWallet, receiver: Receiver, deliver: Callable[[], Delivered]
) -> None:
    listen(world)
    wallet.open_link(world.offer()["offer_link"])
    wallet.token(wallet.open_link(world.offer()["offer_link"]))
    receiver.answers[URL] = Answer(500)
    for failures, wait in enumerate((30, 60, 120)):
        deliver()
        assert len(receiver.got) == failures + 1
        world.clock.advance(seconds=wait - 1)
        assert deliver() == Delivered(0, 0)
        assert len(receiver.got) == failures + 1  # not yet
        world.clock.advance(seconds=wait / 4 + 1)
    receiver.answers.clear()
    assert deliver() == Delivered(arrived=1, given_up=0)
    headers = [headers for _, _, headers in receiver.got]
    assert len({one["webhook-id"] for one in headers}) == 1
    assert len({one["webhook-timestamp"] for one in headers}) == 4
    assert len({json.dumps(body) for _, body, _ in receiver.got}) == 1
    assert waiting(world) == 0


def test_retry_after_is_heeded_and_a_gone_address_is_left_alone(
    world: World, wallet: TinyWallet, receiver: Receiver, deliver: Callable[[], Delivered]
) -> None:
    listen(world)
    wallet.token(wallet.open_link(world.offer()["offer_link"]))
    receiver.answers[URL] = Answer(429, retry_after=3_600)
    deliver()
    world.clock.advance(minutes=50)
    deliver()
    assert len(receiver.got) == 1
    world.clock.advance(minutes=30)
    receiver.answers[URL] = Answer(410)
    deliver()
    world.clock.advance(hours=10)
    deliver()
    assert len(receiver.got) == 2  # it said that it is gone
    receiver.answers.clear()
    listen(world)
    assert deliver() == Delivered(arrived=1, given_up=0)


def test_messages_keep_their_order_and_one_address_does_not_hold_up_another(
    world: World, receiver: Receiver, deliver: Callable[[], Delivered]
) -> None:
    listen(world, url="https://slow.example/")
    listen(world, org="kela")

    def tell(records: Records) -> None:
        for number in range(3):
            for org in ("mallimaa", "kela"):
                records.events.tell(org, Event.OFFER_EXPIRED, f"{number:032d}", NOW)

    world.run(world.parts.store.write(tell))
    receiver.answers["https://slow.example/"] = Answer(503)
    assert deliver() == Delivered(arrived=3, given_up=0)
    slow = [body["data"]["offer_id"] for url, body, _ in receiver.got if url != URL]
    quick = [body["data"]["offer_id"] for url, body, _ in receiver.got if url == URL]
    assert (slow, quick) == ([f"{0:032d}"], [f"{number:032d}" for number in range(3)])
    receiver.answers.clear()
    world.clock.advance(seconds=40)
    assert deliver().arrived == 3
    assert waiting(world) == 0


def test_two_processes_send_each_message_once(
    world: World, receiver: Receiver, deliver: Callable[[], Delivered]
) -> None:
    listen(world)

    def tell(records: Records) -> None:
        for number in range(50):
            records.events.tell("mallimaa", Event.OFFER_EXPIRED, f"{number:032d}", NOW)

    world.run(world.parts.store.write(tell))
    parts = world.parts
    chores: list[Callable[[], Awaitable[Delivered]]] = [
        DeliverEvents(
            store=parts.store,
            vault=parts.vault,
            sender=receiver,
            clock=parts.clock,
            random=parts.random,
        )
        for _ in range(3)
    ]
    done = world.all_at_once(chores)
    assert sum(one.arrived for one in done) == 50
    assert len({headers["webhook-id"] for _, _, headers in receiver.got}) == len(receiver.got) == 50


def test_dead_letters_are_seen_sent_again_and_forgotten(
    world: World,
    wallet: TinyWallet,
    receiver: Receiver,
    deliver: Callable[[], Delivered],
    administer: AdministerWebhooks,
) -> None:
    listen(world)
    made = world.offer()
    wallet.token(wallet.open_link(made["offer_link"]))
    receiver.lost = True
    deliver()
    world.clock.advance(hours=73)
    assert deliver() == Delivered(arrived=0, given_up=1)
    (letter,) = world.run(administer.dead_letters("mallimaa"))
    assert (letter.message.fault, letter.message.object_id) == ("fetch_failed", made["offer_id"])
    assert world.run(administer.dead_letters("kela")) == []
    (shown,) = world.run(administer.show())
    assert (shown.waiting, shown.dead) == (0, 1)

    receiver.lost = False
    assert deliver() == Delivered(0, 0)  # what was given up stays so until somebody asks
    assert world.run(administer.retry("mallimaa")) == 1
    assert deliver() == Delivered(arrived=1, given_up=0)
    assert receiver.got[0][2]["webhook-id"] == letter.id
    assert receiver.got[0][1]["timestamp"] == "2026-11-24T09:30:12.345Z"  # when it happened

    receiver.lost = True
    world.offer_state(made["offer_id"])
    world.post(
        f"/api/v1/mallimaa/offers/{world.offer()['offer_id']}/withdraw", headers=world.auth()
    )
    world.clock.advance(hours=73)
    deliver()
    deliver()
    assert len(world.run(administer.dead_letters())) == 1
    world.clock.advance(days=31)
    deliver()
    assert world.run(administer.dead_letters()) == []


def test_a_new_secret_comes_into_use_without_a_gap(
    world: World,
    receiver: Receiver,
    deliver: Callable[[], Delivered],
    administer: AdministerWebhooks,
) -> None:
    def tell(records: Records) -> None:
        records.events.tell("mallimaa", Event.OFFER_EXPIRED, "0" * 32, world.clock.now())

    first = listen(world)
    assert listen(world) == first  # setting the address again keeps the secret
    second = world.run(administer.set("mallimaa", URL, new_secret=True)).secret
    other = listen(world, org="kela")
    assert len({first, second, other}) == 3
    for age, signed in ((timedelta(hours=23), [True, True]), (timedelta(hours=2), [False, True])):
        world.clock.advance(seconds=age.total_seconds())
        world.run(world.parts.store.write(tell))
        deliver()
        _, body, headers = receiver.got[-1]
        raw = strict_json.dumps(body)
        assert [is_signed(one, headers, raw) for one in (first, second)] == signed
        assert not is_signed(other, headers, raw)


def test_addresses_are_judged_and_removed_with_what_was_on_its_way(
    world: World, administer: AdministerWebhooks
) -> None:
    for url in ("http://cases.example/", "ftp://cases.example", "https://u@cases.example", "x"):
        with pytest.raises(WebhookAddressUnfit):
            world.run(administer.set("mallimaa", url))
    with pytest.raises(OrganisationUnknown):
        world.run(administer.set("nobody", URL))
    for act in (administer.remove, administer.retry):
        with pytest.raises(WebhookNotSet):
            world.run(act("mallimaa"))
    listen(world)
    world.offer()
    made = world.offer()
    world.post(f"/api/v1/mallimaa/offers/{made['offer_id']}/withdraw", headers=world.auth())
    assert waiting(world) == 1
    world.run(administer.remove("mallimaa"))
    assert waiting(world) == 0
    assert world.run(administer.show()) == []
    actions = [row[4] for row in world.dump()["audit_entries"]]
    assert {"set_webhook", "remove_webhook"} <= set(actions)


@pytest.mark.enable_socket
def test_a_real_receiver_gets_the_very_bytes_that_were_signed(
    world: World, wallet: TinyWallet
) -> None:
    requests: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = [
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        ]
        requests.append(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    async def deliver_to_it() -> tuple[str, Delivered]:
        server = await asyncio.start_server(take, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
            administer = make_administer_webhooks(world.parts)
            is_set = await administer.set("mallimaa", url, allow_loopback=True)
            chore = make_deliver_events(world.parts, fetcher=Fetcher(allow_loopback_http=True))
            await world.client.post("/mallimaa/token", data=form)
            return is_set.secret, await chore()

    offer = wallet.open_link(world.offer()["offer_link"])
    grant = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
    form = {"grant_type": grant, "pre-authorized_code": offer.pre_authorized_code}
    secret, done = world.run(deliver_to_it())

    assert done == Delivered(arrived=1, given_up=0)
    head, _, body = requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
    assert first == "POST /hooks HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert is_signed(secret, headers, body)
    assert json.loads(body)["type"] == "offer.claimed"


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254", "127.0.0.1"])
def test_an_address_that_leads_inwards_is_never_asked(
    world: World, administer: AdministerWebhooks, address: str
) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [address]

    listen(world)
    world.run(
        world.parts.store.write(
            lambda records: records.events.tell("mallimaa", Event.OFFER_EXPIRED, "0" * 32, NOW)
        )
    )
    chore = make_deliver_events(world.parts, fetcher=Fetcher(resolve=resolve))
    assert world.run(chore()) == Delivered(0, 0)
    world.clock.advance(hours=73)
    world.run(chore())
    (letter,) = world.run(administer.dead_letters())
    assert letter.message.fault == AddressForbidden.code


def test_the_operator_sets_shows_and_removes_addresses_and_sees_dead_letters(
    environment: None, tmp_path: Path
) -> None:
    def command(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    assert command("migrate").exit_code == 0
    made = command("webhooks", "set", "--org", "kela", "--url", "http://127.0.0.1:9/hooks")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("whsec_")
    with closing(Database(f"sqlite:///{tmp_path}/issuer.db")) as database:
        store = SqlStore(database)
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)

        def lose(records: Records) -> None:
            records.events.tell("kela", Event.OFFER_EXPIRED, "1" * 32, long_ago)
            records.webhooks.bury(long_ago, at=long_ago)

        asyncio.run(store.write(lose))
    shown = command("webhooks", "show").stdout
    assert shown.split() == ["kela", "http://127.0.0.1:9/hooks", "live", "0", "1"]
    assert "whsec_" not in shown
    assert "1" * 32 in command("webhooks", "dead-letters").stdout
    assert command("webhooks", "dead-letters", "--org", "mallimaa").stdout == ""
    assert command("webhooks", "dead-letters", "--retry").exit_code == 2
    assert command("webhooks", "dead-letters", "--retry", "--org", "kela").exit_code == 0
    assert command("webhooks", "show").stdout.split()[3:] == ["1", "0"]
    assert command("webhooks", "remove", "--org", "kela").exit_code == 0
    again = command("webhooks", "remove", "--org", "kela")
    assert (again.exit_code, WebhookNotSet.code in again.output) == (1, True)
    wrong = command("webhooks", "set", "--org", "kela", "--url", "ftp://x")
    assert (wrong.exit_code, WebhookAddressUnfit.code in wrong.output) == (1, True)
