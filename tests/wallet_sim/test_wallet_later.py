"""A card that comes later: the wallet keeps what it needs, comes back, and ends up with one card.

The honest issuer here is the product's own, in this process; the others are bent by the tests.
"""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from keys.software_signer import SoftwareSigner
from tests.issuer.world import BASE, claims_of, demo_pki, offer_body
from tests.issuer.world import World as IssuerWorld
from tests.wallet_sim.terminal import Terminal
from tests.wallet_sim.world import ISSUER, PIN, Answer, OsRandom, TextSource, World, json_answer
from wallet_sim.contents_json import from_json, to_json
from wallet_sim.errors import sentence
from wallet_sim.flow_failures import (
    CardComesLater,
    ConnectionLost,
    IssuerBusy,
    IssuerRefused,
    OfferGone,
)
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Card, Contents, Kind, Outcome
from wallet_sim.pending import Pending
from wallet_sim.tools import Tools
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet
from wallet_sim.words import Words

INTERVAL = timedelta(minutes=5)


class ToTheIssuer:
    """The network between the wallet and the product's issuer; may lose answers."""

    def __init__(self, issuer: IssuerWorld) -> None:
        self.issuer = issuer
        self.posts: list[str] = []
        self.lose: dict[str, int] = {}

    async def get(self, url: str, *, accept: str) -> Answer:
        answer = await self.issuer.client.get(url, headers={"Accept": accept})
        return self._answer(answer)

    async def post(self, url: str, *, form=None, json=None, headers=None) -> Answer:
        path = url.removeprefix(BASE)
        self.posts.append(path)
        answer = await self.issuer.client.post(url, data=form, json=json, headers=headers)
        if self.lose.get(path, 0):
            self.lose[path] -= 1
            raise ConnectionLost
        return self._answer(answer)

    async def post_jwt(self, url: str, text: str, headers: Mapping[str, str]) -> Answer:
        self.posts.append(url.removeprefix(BASE))
        sent = {**headers, "Content-Type": "application/jwt"}
        return self._answer(await self.issuer.client.post(url, content=text, headers=sent))

    @staticmethod
    def _answer(answer: Any) -> Answer:
        kind = answer.headers.get("content-type", "").partition(";")[0]
        return Answer(answer.status_code, kind, answer.content, dict(answer.headers))


class Later:
    """A wallet that has taken an offer of the product's issuer whose claims are missing."""

    def __init__(self, issuer: IssuerWorld, *, copies: int = 1) -> None:
        self.issuer = issuer
        self.network = ToTheIssuer(issuer)
        settings, _ = first_settings(
            location="trust-list.jws",
            jws=demo_pki().trust_list_jws,
            operator_pem=demo_pki().operator_anchor.public_bytes(Encoding.PEM),
            clock=issuer.clock,
        )
        self.store = MemoryStore(Contents(trust=settings))
        tools = Tools(
            network=self.network,
            clock=issuer.clock,
            random=OsRandom(),
            new_key=SoftwareSigner.generate,
            catalogue=issuer.parts.catalogue,
            copies=copies,
        )
        source = TextSource(demo_pki().trust_list_jws)
        self.wallet = Wallet(store=self.store, tools=tools, trust_source=source)
        body = offer_body()
        del body["claims"]
        self.made = issuer.offer(body)
        with pytest.raises(CardComesLater):
            issuer.run(self.wallet.receive(self.made["offer_link"]))

    @property
    def pending(self) -> Pending:
        (pending,) = self.wallet.waiting.all()
        return pending

    def ask(self) -> tuple[Card, ...] | None:
        """Ask once, and keep what comes."""

        async def ask() -> tuple[Card, ...] | None:
            fetched = await self.wallet.waiting.ask(self.pending)
            return None if fetched is None else await self.wallet.keep(fetched)

        return self.issuer.run(ask())

    def put(self) -> None:
        path = f"/api/v1/mallimaa/offers/{self.made['offer_id']}/claims"
        body = {"claims": claims_of("statement_feedback")}
        client = self.issuer.client
        answer = self.issuer.run(client.put(path, json=body, headers=self.issuer.auth()))
        assert answer.status_code == 200, answer.text

    def pass_by(self, time: timedelta = INTERVAL) -> None:
        self.issuer.clock.advance(seconds=time.total_seconds())

    @property
    def state(self) -> str:
        return str(self.issuer.offer_state(self.made["offer_id"])["state"])


@pytest.fixture
def later(tmp_path: Path) -> Iterator[Later]:
    issuer = IssuerWorld(f"sqlite:///{tmp_path}/issuer.db")
    yield Later(issuer)
    issuer.close()


@pytest.mark.req("VCI-66", "VCI-75")
def test_a_card_is_kept_for_later_asked_for_in_time_and_stored(later: Later) -> None:
    assert [entry.outcome for entry in later.wallet.log()] == [Outcome.COMES_LATER]
    posted = len(later.network.posts)
    assert later.ask() is None
    assert len(later.network.posts) == posted  # not before the interval is over
    later.pass_by()
    assert later.ask() is None
    assert later.network.posts[posted:] == ["/mallimaa/token", "/mallimaa/deferred-credential"]
    later.pass_by(timedelta(days=3))
    later.put()
    kept = later.ask()
    assert kept is not None
    assert [card.type_id for card in kept] == ["statement_feedback"]
    assert later.wallet.waiting.all() == ()
    assert later.state == "completed"  # the issuer has heard
    assert later.wallet.card(kept[0].id).claims["family_name"] == "Mallikas"
    assert [entry.outcome for entry in later.wallet.log()][-1] is Outcome.RECEIVED


def test_the_same_link_once_more_asks_for_what_is_on_its_way(later: Later) -> None:
    first = later.pending
    link = later.made["offer_link"]
    with pytest.raises(CardComesLater):
        later.issuer.run(later.wallet.receive(link))
    assert later.pending == first
    later.pass_by()
    later.put()
    (card,) = later.issuer.run(later.wallet.receive(link))
    assert later.wallet.cards() == (card,)
    assert later.wallet.waiting.all() == ()


def test_a_lost_refresh_and_a_lost_card_are_asked_for_again(later: Later) -> None:
    later.put()
    for path in ("/mallimaa/token", "/mallimaa/deferred-credential"):
        later.network.lose[path] = 1
        later.pass_by(timedelta(minutes=6))
        with pytest.raises(ConnectionLost):
            later.ask()
        assert len(later.wallet.waiting.all()) == 1
    later.pass_by(timedelta(seconds=1))
    kept = later.ask()  # a new copy, for the first one got lost on its way
    assert kept is not None
    assert len(kept) == 1
    assert later.network.posts[-3:-1] == ["/mallimaa/nonce", "/mallimaa/credential"]
    copies = later.issuer.offer_state(later.made["offer_id"])["credentials"]
    assert [copy["state"] for copy in copies] == ["revoked", "valid"]


def test_a_withdrawn_offer_is_forgotten_and_said(later: Later) -> None:
    path = f"/api/v1/mallimaa/offers/{later.made['offer_id']}/withdraw"
    later.issuer.post(path, headers=later.issuer.auth())
    later.pass_by()
    with pytest.raises(OfferGone):
        later.ask()
    assert later.wallet.waiting.all() == ()
    last = later.wallet.log()[-1]
    assert (last.outcome, last.reason) == (Outcome.REFUSED, OfferGone.code)


def test_a_wallet_that_slept_too_long_is_told_so(later: Later) -> None:
    later.pass_by(timedelta(days=31))
    with pytest.raises(OfferGone):
        later.ask()
    assert later.wallet.waiting.all() == ()


def test_a_card_that_the_person_does_not_want_is_given_back(later: Later) -> None:
    later.put()
    later.pass_by()

    async def refuse() -> None:
        fetched = await later.wallet.waiting.ask(later.pending)
        assert fetched is not None
        await later.wallet.refuse(fetched)

    later.issuer.run(refuse())
    assert later.wallet.waiting.all() == ()
    assert later.wallet.cards() == ()
    (copy,) = later.issuer.offer_state(later.made["offer_id"])["credentials"]
    assert (copy["delivery"], copy["state"]) == ("deleted", "revoked")


def test_what_is_kept_comes_back_from_the_store_and_shows_no_secret(later: Later) -> None:
    contents = later.store.load()
    assert from_json(to_json(contents)) == contents
    shown = repr(contents.pending)
    pending = later.pending
    for secret in (pending.transaction_id, pending.access_token, pending.refresh_token):
        assert secret is not None
        assert secret not in shown


# --- Issuers that are bent ------------------------------------------------------------------------


class Bent:
    """A wallet that waits at a simulated issuer."""

    def __init__(self, **more: object) -> None:
        self.world = World()
        body = {"access_token": self.world.issuer.token, "token_type": "Bearer", **more}
        self.on("token", json_answer({**body, "expires_in": 300}))
        self.on("credential", json_answer({"transaction_id": "t", "interval": 60}, 202))
        with pytest.raises(CardComesLater):
            asyncio.run(self.world.wallet.receive(self.world.issuer.link(), pin=PIN))
        self.world.clock.pass_by(timedelta(seconds=60))

    def on(self, endpoint: str, answer: Answer) -> None:
        self.world.network.on("POST", f"{ISSUER}/{endpoint}", lambda _: answer)

    def ask(self) -> object:
        waiting = self.world.wallet.waiting
        return asyncio.run(waiting.ask(waiting.all()[0]))


@pytest.mark.parametrize(
    ("answer", "failure", "is_kept"),
    [
        (json_answer({"error": "credential_request_denied"}, 400), OfferGone, False),
        (json_answer({"error": "something"}, 400), IssuerRefused, False),
        (json_answer({"error": "invalid_token"}, 401), OfferGone, False),
        (Answer(503, "", b""), IssuerBusy, True),
    ],
)
def test_answers_of_the_deferred_endpoint(
    answer: Answer, failure: type[Exception], is_kept: bool
) -> None:
    bent = Bent()
    bent.on("deferred-credential", answer)
    with pytest.raises(failure):
        bent.ask()
    assert bool(bent.world.wallet.waiting.all()) is is_kept
    assert bent.world.wallet.cards() == ()


def test_a_transaction_forgotten_by_the_issuer_is_begun_anew() -> None:
    bent = Bent()
    bent.on("deferred-credential", json_answer({"error": "invalid_transaction_id"}, 400))
    bent.on("credential", json_answer({"transaction_id": "t2", "interval": 60}, 202))
    assert bent.ask() is None
    (pending,) = bent.world.wallet.waiting.all()
    assert pending.transaction_id == "t2"


def test_without_a_refresh_token_the_wallet_gives_up_when_the_token_ends() -> None:
    bent = Bent()
    bent.world.clock.pass_by(timedelta(minutes=5))
    with pytest.raises(OfferGone):
        bent.ask()
    assert bent.world.network.calls_to("/deferred-credential") == []


def test_an_issuer_without_a_deferred_endpoint_cannot_put_the_wallet_off() -> None:
    world = World()
    data = world.issuer.metadata()
    del data["deferred_credential_endpoint"]
    world.issuer.metadata = lambda: data  # type: ignore[method-assign]  # a bent issuer
    later = json_answer({"transaction_id": "t", "interval": 60}, 202)
    world.network.on("POST", f"{ISSUER}/credential", lambda _: later)
    with pytest.raises(IssuerBusy):
        asyncio.run(world.wallet.receive(world.issuer.link(), pin=PIN))
    assert world.wallet.waiting.all() == ()


# --- At the command line --------------------------------------------------------------------------


def test_the_command_line_takes_an_offer_and_gets_its_card_later(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    honest = terminal.world.issuer.give_credential
    network, clock = terminal.world.network, terminal.world.clock
    assert terminal.json("receive", "--pending")["outcome"] == "comes_later"
    assert "ei ole tulossa" in terminal.page("receive", "--pending")
    later = json_answer({"transaction_id": "t", "interval": 60}, 202)
    network.on("POST", f"{ISSUER}/credential", lambda _: later)
    link = terminal.world.issuer.link()
    took = terminal.json("receive", link, "--pin", PIN, "--approve")
    assert (took["outcome"], took["cards"]) == ("comes_later", [])
    assert "Yritä myöhemmin" in terminal.page("receive", "--pending")
    clock.pass_by(timedelta(seconds=61))
    unknown = json_answer({"error": "invalid_transaction_id"}, 400)
    network.on("POST", f"{ISSUER}/deferred-credential", lambda _: unknown)
    network.on("POST", f"{ISSUER}/credential", honest)
    got = terminal.json("receive", "--pending", "--approve")
    assert (got["outcome"], got["waiting"], len(got["cards"])) == ("received", 0, 1)
    assert terminal.run("receive", code=2).exit_code == 2
    assert terminal.run("receive", link, "--pending", code=2).exit_code == 2


def test_one_card_that_will_not_come_does_not_hold_up_another(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    later = json_answer({"transaction_id": "t", "interval": 60}, 202)
    terminal.world.network.on("POST", f"{ISSUER}/credential", lambda _: later)
    terminal.json("receive", terminal.world.issuer.link(), "--pin", PIN, "--approve")
    terminal.world.clock.pass_by(timedelta(seconds=61))
    denied = json_answer({"error": "credential_request_denied"}, 400)
    terminal.world.network.on("POST", f"{ISSUER}/deferred-credential", lambda _: denied)
    page = terminal.page("receive", "--pending", "--approve")
    words = Words("fi", terminal.world.tools.catalogue)
    assert sentence(words, OfferGone.code, Kind.RECEIVE) in page
    assert terminal.json("receive", "--pending")["waiting"] == 0
