"""Claims that come later, with a wallet of other people's libraries."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from demo.services import RunningServices
from keys.trust import TrustList
from tests.interop.npm_programs import NpmWallet, WalletRefused
from tests.interop.story import STATEMENT, hand_in, offered, pinned

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An offer without claims, and what their wallet was told when it asked for the credential."""

    api: httpx2.Client
    offer: dict[str, Any]
    told: dict[str, Any]

    @property
    def state(self) -> dict[str, Any]:
        address = f"/api/v1/{STATEMENT.org}/offers/{self.offer['offer_id']}"
        state: dict[str, Any] = self.api.get(address).json()
        return state


@pytest.fixture
def waiting(services: RunningServices, wallet: NpmWallet) -> Waiting:
    api, offer = offered(services, STATEMENT, later=True)
    return Waiting(api, offer, wallet.receive(offer["offer_link"]))


@pytest.mark.req("VCI-63", "VCI-66", "VCI-75")
def test_it_waits_comes_back_and_collects(
    wallet: NpmWallet, trust: TrustList, waiting: Waiting
) -> None:
    assert waiting.told["status"] == 202
    first = waiting.told["waiting"]
    assert first["interval"] > 0

    again = wallet.collect(first)
    assert (again["status"], again["waiting"]) == (202, first)

    hand_in(waiting.api, STATEMENT, waiting.offer)
    got = wallet.collect(first, **pinned(trust, STATEMENT))
    claims = STATEMENT.claims
    assert {name: got["claims"][name] for name in claims} == claims
    assert got["claims"]["cnf"]["jwk"] == got["holderJwk"]
    assert got["credentialCount"] == 1
    # Their library would throw an answer with a `notification_id` away, so there was none.
    assert got["notified"] is None
    assert [one["delivery"] for one in waiting.state["credentials"]] == ["issued"]


@pytest.mark.req("VCI-66", "VCI-67")
def test_a_transaction_is_good_once_and_only_if_it_is_one(
    wallet: NpmWallet, waiting: Waiting
) -> None:
    first = waiting.told["waiting"]
    with pytest.raises(WalletRefused) as made_up:
        wallet.collect({**first, "transactionId": "made-up"})
    assert (made_up.value.status, made_up.value.code) == (400, "invalid_transaction_id")

    hand_in(waiting.api, STATEMENT, waiting.offer)
    assert wallet.collect(first)["credentialCount"] == 1
    with pytest.raises(WalletRefused) as used:
        wallet.collect(first)
    assert (used.value.status, used.value.code) == (400, "invalid_transaction_id")


@pytest.mark.req("VCI-75")
def test_without_its_access_token_it_learns_nothing(wallet: NpmWallet, waiting: Waiting) -> None:
    with pytest.raises(WalletRefused) as refusal:
        wallet.collect({**waiting.told["waiting"], "accessToken": "somebody-elses"})
    assert refusal.value.status == 401
