"""Several copies of a card: asked for, checked against each other, and shown in turn."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from os import urandom
from pathlib import Path

import pytest

from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.credential import credential_response, read_credential_request
from openid4vc.openid4vci.proof import read_proof
from openid4vc.openid4vci.wallet_errors import MalformedCredentialResponse
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from tests.issuer.world import World as IssuerWorld
from tests.wallet_sim.test_wallet_later import Later
from tests.wallet_sim.world import ISSUER, PIN, Answer, Call, World, json_answer
from wallet_sim.contents_json import from_json, to_json
from wallet_sim.flow_failures import CopiesDiffer, CopiesLinked, NotBoundToOurKey
from wallet_sim.model import Card
from wallet_sim.wallet import Wallet

Change = Callable[[int, VcContent], VcContent]


class Batching:
    """A wallet that wants three copies, and an issuer whose copies a test bends."""

    def __init__(self, change: Change = lambda _n, content: content, count: int = 3) -> None:
        self.world = World()
        self.change, self.count = change, count
        self.world.network.on("POST", f"{ISSUER}/credential", self.give)
        tools = replace(self.world.tools, copies=3)
        self.wallet = Wallet(store=self.world.store, tools=tools, trust_source=self.world.source)

    def give(self, call: Call) -> Answer:
        issuer, now = self.world.issuer, self.world.clock.now()
        proofs = read_credential_request(call.json).proofs
        known = issuer.catalogue.types[issuer.type_id]
        texts = []
        for number, proof in enumerate(proofs):
            content = VcContent(
                vct=known.vct,
                issuer=issuer.base,
                claims=issuer.claims,
                always=known.always_disclosed(),
                issued_on=now.date(),
                expires_at=now + timedelta(days=100),
                holder_jwk=read_proof(proof, issuer=issuer.base, at=now).jwk,
                status=StatusReference(f"{issuer.base}/status-lists/1", number),
            )
            changed = self.change(number, content)
            texts.append(issue_vc(changed, signer=issuer.signer, random_bytes=urandom))
        return json_answer(credential_response((texts * 2)[: self.count], notification_id="n"))

    def receive(self) -> Card:
        (card,) = asyncio.run(self.wallet.receive(self.world.issuer.link(), pin=PIN))
        return card


@pytest.mark.req("VCI-10", "VCI-61", "ARF-24")
def test_copies_are_kept_as_one_card_and_shown_in_turn() -> None:
    batching = Batching()
    card = batching.receive()
    assert batching.wallet.cards() == (card,)
    assert len(card.spares) == 2
    texts = [card.sd_jwt, *(one.sd_jwt for one in card.spares)]
    bound = [parse(text).claims["cnf"] for text in texts]
    assert len({repr(one) for one in bound}) == 3
    shown = []
    for _ in range(4):
        shown.append(batching.wallet.cards()[0].sd_jwt)
        batching.world.store.change(lambda old: old.with_turned({card.id}))
    assert shown == [*texts, texts[0]]
    contents = batching.world.store.load()
    assert from_json(to_json(contents)) == contents
    assert card.spares[0].sd_jwt not in repr(contents)


@pytest.mark.req("VCI-10")
def test_each_showing_uses_another_copy() -> None:
    batching = Batching()
    card = batching.receive()
    receiver = batching.world.receiver
    asyncio.run(batching.wallet.present(receiver.link()))
    (presented,) = receiver.presented
    assert presented.holder_jwk == holder_of(card.sd_jwt)
    (turned,) = batching.wallet.cards()
    assert [turned.sd_jwt, *(one.sd_jwt for one in turned.spares)] == [
        *(one.sd_jwt for one in card.spares),
        card.sd_jwt,
    ]


@pytest.mark.req("VCI-61", "VCI-63", "VCI-66")
def test_copies_of_our_own_issuer_come_now_or_later(tmp_path: Path) -> None:
    issuer = IssuerWorld(f"sqlite:///{tmp_path}/issuer.db")
    later = Later(issuer, copies=3)
    later.pass_by()
    later.put()
    kept = later.ask()
    assert kept is not None
    now = issuer.run(later.wallet.receive(issuer.offer()["offer_link"]))
    for card in (*kept, *now):
        texts = [card.sd_jwt, *(one.sd_jwt for one in card.spares)]
        assert len({repr(holder_of(text)) for text in texts}) == 3
    issuer.close()


def holder_of(text: str) -> object:
    cnf = parse(text).claims["cnf"]
    assert isinstance(cnf, dict)
    return cnf["jwk"]


@pytest.mark.req("VCI-61")
def test_fewer_copies_than_keys_are_taken() -> None:
    assert len(Batching(count=2).receive().spares) == 1


def same_status(_number: int, content: VcContent) -> VcContent:
    return replace(content, status=StatusReference(f"{ISSUER}/status-lists/1", 7))


def other_end(number: int, content: VcContent) -> VcContent:
    return replace(content, expires_at=content.expires_at + timedelta(days=number))


def strange_key(_number: int, content: VcContent) -> VcContent:
    return replace(content, holder_jwk=public_jwk(SoftwareSigner.generate().public_key))


@pytest.mark.req("VCI-61", "VCI-69", "HAIP-16", "ARF-24", "SDJWT-22")
@pytest.mark.parametrize(
    ("change", "count", "failure"),
    [
        (same_status, 3, CopiesLinked),
        (lambda _n, content: content, 4, MalformedCredentialResponse),
        (other_end, 3, CopiesDiffer),
        (strange_key, 3, NotBoundToOurKey),
    ],
)
def test_copies_that_can_be_linked_or_differ_are_refused(
    change: Change, count: int, failure: type[Exception]
) -> None:
    batching = Batching(change, count)
    with pytest.raises(failure):
        batching.receive()
    assert batching.wallet.cards() == ()
