"""A wallet asks for a card by itself, from the pushed request to the card."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from openid4vc.status_list.bits import Status
from tests.issuer.asking import AskingWallet, AskingWorld


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[AskingWorld]:
    world = AskingWorld(f"sqlite:///{tmp_path}/issuer.db", tmp_path)
    yield world
    world.close()


@pytest.fixture
def wallet(asked: AskingWorld) -> AskingWallet:
    return AskingWallet(asked)


@pytest.mark.req("HAIP-01", "HAIP-02", "VCI-40", "VCI-41", "DPOP-04")
def test_a_wallet_asks_and_gets_a_card(asked: AskingWorld, wallet: AskingWallet) -> None:
    card, told = wallet.receive()

    assert told["token_type"] == "DPoP"
    assert wallet.holder.status_of(card) is Status.VALID
