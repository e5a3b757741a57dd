"""A person revokes an own card: the whole way to the real issuer, and whoever stands between."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.loader import load_catalogue
from keys.jose import EncryptionKey
from keys.ports import Signer
from keys.software_signer import SoftwareSigner
from openid4vc.checks import CheckFailed
from openid4vc.dcql.query import SD_JWT_VC, ClaimsQuery, CredentialQuery, Query
from openid4vc.openid4vp.client_id import x509_hash
from openid4vc.openid4vp.errors import TransactionDataNotSupported
from openid4vc.openid4vp.link import request_link
from openid4vc.openid4vp.transaction_data import REVOKE_CARD, transaction_text
from openid4vc.openid4vp.write_request import REQUEST_TYPE, AuthorizationRequest, sign_request
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, demo_pki
from tests.wallet_sim.terminal import PASSPHRASE, KeyringInMemory
from tests.wallet_sim.world import Answer, OsRandom, TextSource
from wallet_sim.cli import main
from wallet_sim.flow_failures import ConnectionLost, IssuerAnswerUnclear, ReceiverRefused
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Card, Contents, Kind, Outcome, Standing
from wallet_sim.revoking import Revoking
from wallet_sim.revoking_failures import RevocationNotPossible, RevocationRequestUnfit
from wallet_sim.surroundings import Surroundings
from wallet_sim.tools import Tools
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet

VCT = "urn:kykylompakko:statement-feedback:1"
Bend = Callable[[str, Answer], Answer]


@dataclass
class IssuerNetwork:
    """A wallet's way to a real issuer; a test may bend what comes back."""

    world: World
    bend: Bend = lambda _path, answer: answer
    posted: list[str] = field(default_factory=list)

    async def get(self, url: str, *, accept: str) -> Answer:
        reply = await self.world.client.get(_path(url), headers={"Accept": accept})
        return self._answer(url, reply)

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        self.posted.append(_path(url))
        sent: dict[str, Any] = {"data": form} if form is not None else {"json": json}
        if form is None and json is None:
            sent = {}
        reply = await self.world.client.post(_path(url), headers=headers, **sent)
        return self._answer(url, reply)

    def _answer(self, url: str, reply: Any) -> Answer:
        kind = reply.headers.get("content-type", "").partition(";")[0]
        answer = Answer(reply.status_code, kind, reply.content, dict(reply.headers))
        return self.bend(_path(url), answer)


def _path(url: str) -> str:
    parts = urlsplit(url)
    assert parts.netloc == "issuer.test", url
    return parts.path


class Person:
    """A wallet with one card of the wellbeing services county."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.network = IssuerNetwork(world)
        self.tools = Tools(
            network=self.network,
            clock=world.clock,
            random=OsRandom(),
            new_key=SoftwareSigner.generate,
            catalogue=load_catalogue(),
        )
        pem = demo_pki().operator_anchor.public_bytes(Encoding.PEM)
        self.source = TextSource(demo_pki().trust_list_jws)
        settings, _ = first_settings(
            location="list", jws=demo_pki().trust_list_jws, operator_pem=pem, clock=world.clock
        )
        self.store = MemoryStore(Contents(trust=settings))
        self.wallet = Wallet(store=self.store, tools=self.tools, trust_source=self.source)
        self.revoking = Revoking(store=self.store, tools=self.tools, trust_source=self.source)
        (self.card,) = world.run(self.wallet.receive(world.offer()["offer_link"]))

    def status(self) -> Status:
        return TinyWallet(self.world).status_of(self.card.sd_jwt)

    def revoke(self) -> Card:
        opened = self.world.run(self.revoking.open(self.revoking.card(self.card.id)))
        return self.world.run(self.revoking.revoke(opened))

    def last(self) -> tuple[Kind, Outcome, str | None]:
        entry = self.wallet.log()[-1]
        return entry.kind, entry.outcome, entry.reason

    def fails(self, failure: type[CheckFailed]) -> None:
        with pytest.raises(failure):
            self.revoke()
        assert self.status() is Status.VALID


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(f"sqlite:///{tmp_path}/issuer.db")
    yield world
    world.close()


@pytest.fixture
def person(world: World) -> Person:
    return Person(world)


@pytest.mark.req("VP-19", "VP-20", "VP-24", "VP-29")
def test_a_person_revokes_an_own_card(person: Person) -> None:
    card = person.revoke()
    assert person.status() is Status.INVALID
    assert card.checked is not None
    assert card.checked.standing is Standing.REVOKED
    assert person.last() == (Kind.REVOKE, Outcome.REVOKED, None)
    entry = person.wallet.log()[-1]
    assert entry.party_id == "NTRFI-0000129-0"
    assert [(one.type_id, one.shown) for one in entry.cards] == [("statement_feedback", ())]


def test_nothing_leaves_before_the_person_has_read_what_it_means(person: Person) -> None:
    opened = person.world.run(person.revoking.open(person.revoking.card(person.card.id)))
    assert person.network.posted[-1] == "/mallimaa/revocations"
    person.revoking.leave(opened)
    assert person.network.posted[-1] == "/mallimaa/revocations"
    assert person.last() == (Kind.REVOKE, Outcome.NOT_ANSWERED, None)
    assert person.status() is Status.VALID


def test_a_lost_answer_and_a_second_try(person: Person) -> None:
    def lose(path: str, answer: Answer) -> Answer:
        if path.endswith("/answer"):
            raise ConnectionLost
        return answer

    person.network.bend = lose
    with pytest.raises(ConnectionLost):
        person.revoke()
    assert person.last() == (Kind.REVOKE, Outcome.UNCLEAR, "connection_lost")
    person.network.bend = lambda _path, answer: answer
    person.revoke()
    assert person.last()[1] is Outcome.REVOKED
    assert person.status() is Status.INVALID


@pytest.mark.req("VP-19", "VP-42")
def test_a_request_to_revoke_that_somebody_shows_is_refused(person: Person) -> None:
    """It begins in the wallet only: nobody gets a card revoked by showing a code."""
    started = person.world.post("/mallimaa/revocations", data={"vct": VCT})
    with pytest.raises(TransactionDataNotSupported):
        person.world.run(person.wallet.open_request(started.json()["request_link"]))
    assert person.status() is Status.VALID


def test_an_issuer_that_does_not_take_it(person: Person) -> None:
    gone = Answer(404, "application/json", b'{"error":"invalid_request"}')
    person.network.bend = lambda path, answer: gone if "revocations" in path else answer
    person.fails(RevocationNotPossible)
    assert person.last() == (Kind.REVOKE, Outcome.REFUSED, "revocation_not_possible")
    nonsense = Answer(200, "application/json", b"{}")
    person.network.bend = lambda path, answer: nonsense if "revocations" in path else answer
    person.fails(IssuerAnswerUnclear)
    refusing = Answer(400, "application/json", b'{"error":"invalid_request"}')
    person.network.bend = lambda path, answer: refusing if path.endswith("answer") else answer
    with pytest.raises(ReceiverRefused):
        person.revoke()


# Whoever stands in between ----------------------------------------------------------------------


def transaction(**details: str) -> str:
    named = {"organisation": "mallimaa", "card_type": VCT, **details}
    return transaction_text(REVOKE_CARD, credential_ids=["card"], details=named)


def asking(*paths: str, vct: str = VCT) -> Query:
    claims = tuple(ClaimsQuery((path,), f"c{at}") for at, path in enumerate(paths))
    return Query((CredentialQuery("card", SD_JWT_VC, (vct,), claims),))


def signed(person: Person, signer: Signer, **changes: Any) -> str:
    request = AuthorizationRequest(
        client_id=x509_hash(signer.certificate_chain[0]),
        response_uri="https://issuer.test/anywhere",
        nonce="n" * 43,
        state="s" * 43,
        query=asking(),
        encryption_jwk=EncryptionKey.generate().public_jwk,
        transaction_data=(transaction(),),
    )
    return sign_request(
        replace(request, **changes), signer=signer, issued_at=person.world.clock.now()
    )


SERVICE = ("korttien-peruutus", "access")
DESK = ("te-toimisto-malli", "access")
OTHER_VCT = "urn:kykylompakko:authority-decision:1"
UNFIT: Mapping[str, tuple[tuple[str, str], dict[str, Any]]] = {
    "a desk asks to revoke": (DESK, {}),
    "data are asked for": (SERVICE, {"query": asking("family_name")}),
    "no transaction": (SERVICE, {"transaction_data": ()}),
    "two transactions": (SERVICE, {"transaction_data": (transaction(), transaction())}),
    "another organisation's card": (
        SERVICE,
        {"transaction_data": (transaction(organisation="kela"),)},
    ),
    "another type in the words": (
        SERVICE,
        {"transaction_data": (transaction(card_type=OTHER_VCT),)},
    ),
    "another type in the query": (SERVICE, {"query": asking(vct=OTHER_VCT)}),
    "two cards": (
        SERVICE,
        {"query": Query((*asking().credentials, replace(asking().credentials[0], id="more")))},
    ),
}


@pytest.mark.req("VP-06", "VP-19")
def test_a_request_for_anything_else_is_refused(person: Person) -> None:
    for who, changes in UNFIT.values():
        text = signed(person, demo_pki().keys.signer(*who), **changes)
        client = x509_hash(demo_pki().keys.signer(*who).certificate_chain[0])
        link = request_link(client, "https://issuer.test/mallimaa/revocations/x")
        started = Answer(200, "application/json", json.dumps({"request_link": link}).encode())
        fetched = Answer(200, f"application/{REQUEST_TYPE}", text.encode())

        def bend(
            path: str, answer: Answer, started: Answer = started, fetched: Answer = fetched
        ) -> Answer:
            bent = {"/mallimaa/revocations": started, "/mallimaa/revocations/x": fetched}
            return bent.get(path, answer)

        person.network.bend = bend
        person.fails(RevocationRequestUnfit)
        assert person.last() == (Kind.REVOKE, Outcome.REFUSED, "revocation_request_unfit")
        assert not [path for path in person.network.posted if path == "/anywhere"]


# At the terminal --------------------------------------------------------------------------------


@dataclass
class AtTerminal:
    """The same wallet in a folder, behind the real command line."""

    person: Person
    folder: Path

    def __post_init__(self) -> None:
        self.around = Surroundings(
            make_tools=lambda unsafe: replace(self.person.tools, unsafe_loopback_http=unsafe),
            keyring=KeyringInMemory(),
            random=OsRandom(),
            home=str(self.folder / "wallet"),
            passphrase=PASSPHRASE,
            scrypt_n=2**4,
        )
        trust, operator = self.folder / "list.jws", self.folder / "operator.pem"
        trust.write_text(demo_pki().trust_list_jws)
        operator.write_bytes(demo_pki().operator_anchor.public_bytes(Encoding.PEM))
        self.run("init", "--trust-list", str(trust), "--operator", str(operator))
        link = self.person.world.offer()["offer_link"]
        self.card = json.loads(self.run("--json", "receive", link, "--approve"))["cards"][0]["id"]

    def run(self, *args: str, typed: str = "", code: int = 0) -> str:
        done = CliRunner().invoke(main, args, input=typed, obj=self.around)
        assert done.exit_code == code, done.output
        return done.output

    def page(self, *args: str, typed: str = "") -> str:
        return " ".join(self.run(*args, typed=typed).split())


@pytest.fixture
def at(person: Person, tmp_path: Path) -> AtTerminal:
    return AtTerminal(person, tmp_path)


def test_the_command_shows_what_it_means_and_asks(at: AtTerminal) -> None:
    said = at.page("revoke", at.card[:4], typed="e\n")
    assert "Perumista ei voi kumota." in said
    assert "Syytä ei kysytä" in said
    assert "Mallimaan hyvinvointialue (TESTI)" in said
    assert "Korttia ei peruttu. Mitään ei lähetetty." in said

    said = at.page("--lang", "en", "revoke", at.card, typed="y\n")
    assert "This cannot be undone." in said
    assert "The card is revoked." in said
    assert f"kyky-wallet forget {at.card}" in said
    assert "Du återkallade ett kort." in at.page("--lang", "sv", "log")


def test_the_command_in_json(at: AtTerminal) -> None:
    unasked = json.loads(at.run("--json", "revoke", at.card))
    assert unasked == {"outcome": "not_revoked", "card": at.card}
    done = json.loads(at.run("--json", "revoke", at.card, "--approve"))
    assert done == {"outcome": "revoked", "card": at.card}
    again = json.loads(at.run("--json", "revoke", at.card, "--approve"))
    assert again["outcome"] == "revoked"
    nobody = json.loads(at.run("--json", "revoke", "zzzz", code=1))
    assert nobody["error"] == "card_not_found"
