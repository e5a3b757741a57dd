"""Each misbehaviour of a wallet that asks for a card is caught by the check that it names."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.credential import read_credential_response
from openid4vc.openid4vci.encryption import Recipient
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World
from wallet_sim.mischief_receiving import (
    AskingManners,
    Sent,
    Situation,
    asking_misbehaviours,
)

ALL = asking_misbehaviours(SoftwareSigner.generate())


class Asking:
    """A wallet with a token at the product's own issuer, in this process."""

    def __init__(self, world: World) -> None:
        self.world, self.wallet = world, TinyWallet(world)
        self.made = world.offer()
        self.token = self.wallet.token(self.wallet.open_link(self.made["offer_link"]))
        metadata = world.get("/.well-known/openid-credential-issuer/mallimaa").json()
        (key,) = metadata["credential_request_encryption"]["jwks"]["keys"]
        self.situation = Situation(
            signers=(SoftwareSigner.generate(), SoftwareSigner.generate()),
            issuer=self.wallet.issuer,
            configuration_id="statement_feedback",
            nonce=self.wallet.nonce(),
            at=world.clock.now(),
            request_key=Recipient(key, "A256GCM"),
        )

    def send(self, manners: AskingManners) -> httpx2.Response:
        sent = manners.request(self.situation)
        for _ in range(manners.times_sent - 1):
            self.post(sent)
        return self.post(sent)

    def post(self, sent: Sent) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        if sent.jwt is None:
            return self.world.post("/mallimaa/credential", json=sent.body, headers=headers)
        headers["Content-Type"] = "application/jwt"
        return self.world.post("/mallimaa/credential", content=sent.jwt, headers=headers)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("issuer")
    world = World(f"sqlite:///{folder}/issuer.db")
    yield world
    world.close()


@pytest.mark.req("VCI-47", "VCI-48", "VCI-49", "VCI-50")
def test_the_honest_way_gives_a_card_in_two_copies(world: World) -> None:
    answer = Asking(world).send(AskingManners())
    assert answer.status_code == 200, answer.text
    assert len(read_credential_response(answer.json(), keys=2).credentials) == 2


@pytest.mark.req(
    "VCI-37",
    "VCI-47",
    "VCI-48",
    "VCI-49",
    "VCI-50",
    "VCI-51",
    "VCI-52",
    "VCI-58",
    "VCI-59",
    "VCI-60",
    "VCI-64",
    "VCI-73",
)
@pytest.mark.parametrize("name", ALL)
def test_each_misbehaviour_is_caught_by_its_check(world: World, name: str) -> None:
    misbehaviour = ALL[name]
    asking = Asking(world)
    answer = asking.send(misbehaviour.manners)
    assert answer.status_code == 400, answer.text
    caught = answer.json()["error_description"].partition(":")[0]
    assert caught == misbehaviour.code
    copies = world.offer_state(asking.made["offer_id"])["credentials"]
    assert len(copies) == misbehaviour.manners.times_sent - 1
