"""The wallet asks for cards encrypted where it can, and takes no answer in the clear then."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from keys import strict_json
from keys.checks import CheckFailed, DecryptionFailed, MalformedJwe
from keys.jose import EncryptionKey, encrypt_jwe
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.encryption import encryption_metadata, open_request
from openid4vc.openid4vci.wallet_errors import (
    CredentialResponseInTheClear,
    EncryptionNotSupported,
    MalformedCredentialResponse,
)
from tests.issuer.world import World as IssuerWorld
from tests.issuer.world import demo_pki
from tests.wallet_sim.test_wallet_later import ToTheIssuer
from tests.wallet_sim.world import PIN, Answer, Call, OsRandom, TextSource, World
from wallet_sim.flow_failures import IssuerRefused
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Contents
from wallet_sim.tools import Tools
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[IssuerWorld]:
    world = IssuerWorld(f"sqlite:///{tmp_path}/issuer.db")
    yield world
    world.close()


@pytest.mark.req("VCI-04", "VCI-59", "VCI-60")
def test_a_card_of_our_own_issuer_travels_encrypted(issuer: IssuerWorld) -> None:
    network = ToTheIssuer(issuer)
    sealed: list[tuple[str, str]] = []

    async def post_jwt(url: str, text: str, headers: Mapping[str, str]) -> Answer:
        sent = {**headers, "Content-Type": "application/jwt"}
        answer = await issuer.client.post(url, content=text, headers=sent)
        sealed.append((url, answer.headers["content-type"]))
        return Answer(answer.status_code, answer.headers["content-type"], answer.content)

    settings, _ = first_settings(
        location="trust-list.jws",
        jws=demo_pki().trust_list_jws,
        operator_pem=demo_pki().operator_anchor.public_bytes(Encoding.PEM),
        clock=issuer.clock,
    )
    tools = Tools(
        network=network,
        clock=issuer.clock,
        random=OsRandom(),
        new_key=SoftwareSigner.generate,
        catalogue=issuer.parts.catalogue,
        post_jwt=post_jwt,
    )
    store = MemoryStore(Contents(trust=settings))
    source = TextSource(demo_pki().trust_list_jws)
    wallet = Wallet(store=store, tools=tools, trust_source=source)
    (card,) = issuer.run(wallet.receive(issuer.offer()["offer_link"]))
    assert card.type_id == "statement_feedback"
    assert [media_type for _, media_type in sealed] == ["application/jwt"]
    assert not [path for path in network.posts if path.endswith("/credential")]


class Bent:
    """A wallet that encrypts, and an issuer whose answers a test bends."""

    def __init__(self, answer: Callable[[dict[str, object], Answer], Answer]) -> None:
        self.world = World()
        self.key = EncryptionKey.generate()
        plain = self.world.issuer.metadata()
        self.offered = encryption_metadata(self.key.public_jwk)
        self.world.issuer.metadata = lambda: {**plain, **self.offered}  # type: ignore[method-assign]  # a bent issuer
        self.answer = answer
        self.world.tools = replace(self.world.tools, post_jwt=self.post_jwt)
        self.wallet = Wallet(
            store=self.world.store, tools=self.world.tools, trust_source=self.world.source
        )

    async def post_jwt(self, url: str, text: str, headers: Mapping[str, str]) -> Answer:
        body = open_request(text, self.key)
        assert isinstance(body, dict)
        honest = self.world.issuer.give_credential(Call("POST", url, json=body, headers=headers))
        return self.answer(body["credential_response_encryption"], honest)

    def receive(self) -> None:
        asyncio.run(self.wallet.receive(self.world.issuer.link(), pin=PIN))


def sealed(asked: dict[str, object], honest: Answer) -> Answer:
    jwk = asked["jwk"]
    assert isinstance(jwk, dict)
    return Answer(200, "application/jwt", encrypt_jwe(honest.body, jwk, enc="A256GCM").encode())


def sealed_to_another(asked: dict[str, object], honest: Answer) -> Answer:
    jwk = asked["jwk"]
    assert isinstance(jwk, dict)
    other = {**EncryptionKey.generate().public_jwk, "kid": jwk["kid"]}
    return sealed({"jwk": other}, honest)


@pytest.mark.req("VCI-60")
def test_an_encrypted_answer_is_opened() -> None:
    bent = Bent(sealed)
    bent.receive()
    assert len(bent.wallet.cards()) == 1


@pytest.mark.req("VCI-60")
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (lambda _asked, honest: honest, CredentialResponseInTheClear),
        (sealed_to_another, DecryptionFailed),
        (lambda _asked, _honest: Answer(200, "application/jwt", b"a.b.c"), MalformedJwe),
        (
            lambda asked, _honest: sealed(asked, Answer(200, "", b"[]")),
            MalformedCredentialResponse,
        ),
        (
            lambda _asked, _honest: Answer(
                400, "application/json", strict_json.dumps({"error": "credential_request_denied"})
            ),
            IssuerRefused,
        ),
    ],
)
def test_an_answer_that_is_not_encrypted_to_us_is_refused(
    answer: Callable[[dict[str, object], Answer], Answer], failure: type[CheckFailed]
) -> None:
    bent = Bent(answer)
    with pytest.raises(failure):
        bent.receive()
    assert bent.wallet.cards() == ()


@pytest.mark.req("VCI-59")
@pytest.mark.parametrize(
    "name", ["credential_request_encryption", "credential_response_encryption"]
)
def test_where_encryption_is_required_nothing_goes_in_the_clear(name: str) -> None:
    bent = Bent(sealed)
    needed = dict(bent.offered)
    member = needed[name]
    assert isinstance(member, dict)
    needed[name] = {**member, "encryption_required": True}
    bent.offered = needed
    bent.wallet = bent.world.wallet  # one that cannot encrypt
    with pytest.raises(EncryptionNotSupported):
        bent.receive()
    assert bent.world.network.calls_to("/credential") == []
