"""Wallets, and keys in them, that their provider has revoked."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from issuer.adapters.wallet_status import FetchedWalletStatus
from issuer.usecases.proving.failures import WalletStatusUnknown
from keys.checks import FetchFailed
from keys.fetch import Reply
from keys.ports import Signer
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.token import sign_status_list
from tests.issuer.asking import PROVIDER, AskingWorld
from tests.issuer.proving import refusal
from tests.issuer.test_issuer_proving_clients import push
from tests.issuer.test_issuer_proving_holders import Holder
from tests.issuer.world import demo_pki

URI = "https://lompakontarjoaja-malli.example/status/1"
GOOD, REVOKED, SUSPENDED, STRANGE = 0, 1, 2, 9_999


@dataclass
class TestStatusLists:
    """The provider's status list, as the test wants it."""

    __test__ = False

    now: Any = None
    signer: Signer = field(default_factory=lambda: demo_pki().signer(PROVIDER, "status-list"))
    failure: Exception | None = None
    asked: int = 0
    revoked: set[int] = field(default_factory=lambda: {REVOKED})

    async def fetch(self, uri: str) -> str:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        assert uri == URI
        listed = StatusList(64)
        for index in self.revoked:
            listed.set(index, Status.INVALID)
        listed.set(SUSPENDED, Status.SUSPENDED)
        at: datetime = self.now()
        return sign_status_list(
            listed,
            uri=uri,
            issued_at=at,
            expires_at=at + timedelta(hours=1),
            ttl=timedelta(minutes=5),
            signer=self.signer,
        )


@pytest.fixture
def lists() -> TestStatusLists:
    return TestStatusLists()


@pytest.fixture
def wallet(tmp_path: Path, lists: TestStatusLists) -> Iterator[Holder]:
    world = AskingWorld(f"sqlite:///{tmp_path}/issuer.db", tmp_path, wallet_status=lists)
    lists.now = world.clock.now
    yield Holder(world)
    world.close()


def status(index: int) -> dict[str, object]:
    return {"status": {"status_list": {"uri": URI, "idx": index}}, "exp": 2_000_000_000}


def ask(wallet: Holder, index: int, *, in_proof: bool = False) -> Any:
    """Ask for a card with a key attestation that names its status."""
    (key,) = wallet.keys()
    attestation = wallet.key_attestation(key, key_storage_status=status(index))
    if in_proof:
        return wallet.ask(proofs=[wallet.proof(key, attestation)])
    return wallet.ask(attestation=attestation)


def pushed(wallet: Holder, index: int) -> Any:
    return push(wallet, wallet.attested(wallet.attestation(client_status=status(index))))


@pytest.mark.req("ARF-32", "ABCA-18")
def test_a_wallet_in_force_gets_in(wallet: Holder) -> None:
    assert pushed(wallet, GOOD).status_code == 201
    assert ask(wallet, GOOD).status_code == 200
    assert ask(wallet, GOOD, in_proof=True).status_code == 200


@pytest.mark.req("ARF-32", "ABCA-18")
@pytest.mark.parametrize("index", [REVOKED, SUSPENDED])
def test_a_revoked_wallet_does_not(wallet: Holder, index: int) -> None:
    refused = (400, "invalid_client_attestation", "wallet_revoked")
    assert refusal(pushed(wallet, index)) == refused
    sent = wallet.attested(wallet.attestation(client_status=status(index)))
    assert refusal(wallet.redeem(*sent)) == refused


@pytest.mark.req("ARF-32", "ABCA-18")
@pytest.mark.parametrize("in_proof", [True, False])
def test_keys_in_a_revoked_storage_get_no_card(wallet: Holder, *, in_proof: bool) -> None:
    answer = ask(wallet, REVOKED, in_proof=in_proof)
    assert refusal(answer) == (400, "invalid_proof", "key_storage_revoked")


@pytest.mark.req("ARF-32")
def test_when_nobody_knows_it_is_no_yes(wallet: Holder, lists: TestStatusLists) -> None:
    unknown = (503, "temporarily_unavailable", "wallet_status_unknown")
    assert refusal(pushed(wallet, STRANGE)) == unknown
    lists.failure = FetchFailed("timeout")
    wallet.world.clock.advance(minutes=6)
    assert refusal(pushed(wallet, GOOD)) == unknown
    assert refusal(ask(wallet, GOOD)) == unknown


@pytest.mark.req("ARF-32", "TRUST-05")
@pytest.mark.parametrize(
    "name", [("kela", "status-list"), (PROVIDER, "wallet-attestation"), (PROVIDER, "wallet-ca")]
)
def test_only_the_providers_own_list_counts(
    wallet: Holder, lists: TestStatusLists, name: tuple[str, str]
) -> None:
    lists.signer = demo_pki().keys.signer(*name)
    answer = refusal(pushed(wallet, GOOD))
    assert answer == (503, "temporarily_unavailable", "wallet_status_unknown")


def test_a_copy_serves_for_its_time(wallet: Holder, lists: TestStatusLists) -> None:
    for _ in range(3):
        assert pushed(wallet, GOOD).status_code == 201
    assert lists.asked == 1
    lists.revoked.add(GOOD)
    wallet.world.clock.advance(minutes=5)
    assert refusal(pushed(wallet, GOOD))[2] == "wallet_revoked"
    assert lists.asked == 2


def test_an_attestation_that_names_no_status_needs_no_list(
    wallet: Holder, lists: TestStatusLists
) -> None:
    assert push(wallet, wallet.attested()).status_code == 201
    assert lists.asked == 0


class Fetching:
    """Answers like the guarded client."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        assert (url, accept) == (URI, "application/statuslist+jwt")
        assert max_bytes is not None
        return self.reply


def fetched(status_code: int, media_type: str) -> str:
    source = FetchedWalletStatus(Fetching(Reply(status_code, media_type, {}, b"token")))
    return asyncio.run(source.fetch(URI))


@pytest.mark.parametrize(
    ("status_code", "media_type"), [(404, "application/statuslist+jwt"), (200, "text/html")]
)
def test_what_is_no_list_is_not_read(status_code: int, media_type: str) -> None:
    assert fetched(200, "application/statuslist+jwt") == "token"
    with pytest.raises(WalletStatusUnknown):
        fetched(status_code, media_type)
