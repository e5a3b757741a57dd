"""The edges: what they make of the network, the keyring, files and the environment."""

import asyncio
from datetime import UTC, datetime, timedelta

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from keys.checks import AddressForbidden, UrlForbidden
from keys.devkeys import make_demo_pki
from keys.fetch import Fetcher
from keys.jose import parse_jws, public_jwk
from keys.opener import ScryptCost, create_keys
from keys.software_signer import SoftwareSigner
from keys.strict_json import loads_object
from wallet_sim import edges
from wallet_sim.adding_failures import ProviderMissing
from wallet_sim.failures import FileMissing, FileTooLarge, KeyringUnavailable
from wallet_sim.flow_failures import ConnectionLost

run = asyncio.run


def network(address: str = "203.0.113.1") -> edges.GuardedNetwork:
    async def resolve(_host: str, _port: int) -> list[str]:
        if address == "":
            raise OSError
        return [address]

    return edges.GuardedNetwork(Fetcher(resolve=resolve))


# --- network -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_name_that_nobody_knows_is_a_lost_connection(method):
    call = network("")
    asked = (
        call.get("https://a.example/", accept="*/*")
        if method == "get"
        else call.post("https://a.example/", json={})
    )
    with pytest.raises(ConnectionLost):
        run(asked)


@pytest.mark.req("VCT-19")
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_private_address_is_refused_and_that_is_no_lost_connection(method):
    call = network("192.168.1.1")
    asked = (
        call.get("https://router.example/", accept="*/*")
        if method == "get"
        else call.post("https://router.example/", form={})
    )
    with pytest.raises(AddressForbidden):
        run(asked)


def test_an_encrypted_request_goes_by_the_same_rules():
    with pytest.raises(ConnectionLost):
        run(network("").post_jwt("https://a.example/", "e.e.e.e.e", {}))
    with pytest.raises(AddressForbidden):
        run(network("192.168.1.1").post_jwt("https://router.example/", "e.e.e.e.e", {}))


@pytest.mark.parametrize(
    ("setting", "copies"),
    [(None, 1), ("", 1), ("many", 1), ("0", 1), ("3", 3), ("99999", 10), ("-2", 1)],
)
def test_how_many_copies_a_wallet_asks_for(setting, copies):
    assert edges.wanted_copies(setting) == copies


def test_plain_http_is_refused():
    with pytest.raises(UrlForbidden):
        run(network().get("http://a.example/", accept="*/*"))


# --- trust list source ---------------------------------------------------------------------------


def test_a_trust_list_file(tmp_path):
    file = tmp_path / "list.jws"
    file.write_text("a.b.c\n")
    assert run(edges.TrustListSource(network()).read(str(file))) == "a.b.c\n"


def test_a_trust_list_file_that_is_gone(tmp_path):
    with pytest.raises(FileMissing):
        run(edges.TrustListSource(network()).read(str(tmp_path / "gone")))


def test_a_trust_list_file_of_absurd_size(tmp_path):
    file = tmp_path / "list.jws"
    with file.open("wb") as out:
        out.truncate(edges.LARGEST_TEXT_FILE + 1)
    with pytest.raises(FileTooLarge):
        run(edges.TrustListSource(network()).read(str(file)))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://a.example/list", True),
        ("HTTP://a", True),
        ("/tmp/list", False),
        ("C:\\list", False),
    ],
)
def test_addresses_are_told_from_files(text, is_one):
    assert edges.is_address(text) is is_one


# --- keyring -------------------------------------------------------------------------------------


class KeyringOfTheTest(KeyringBackend):
    """A real backend of the keyring library, in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def use_backend():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_the_keyring_keeps_a_secret_under_the_wallets_name(use_backend):
    backend = KeyringOfTheTest()
    use_backend(backend)
    own = edges.SystemKeyring()
    assert own.get("wallet-1") is None
    own.set("wallet-1", "secret")
    assert own.get("wallet-1") == "secret"
    assert list(backend.kept) == [(edges.KEYRING_SERVICE, "wallet-1")]


def test_a_computer_without_a_keyring(use_backend):
    use_backend(fail.Keyring())
    with pytest.raises(KeyringUnavailable):
        edges.SystemKeyring().get("wallet-1")
    with pytest.raises(KeyringUnavailable):
        edges.SystemKeyring().set("wallet-1", "secret")


# --- clock, randomness, environment --------------------------------------------------------------


def test_the_clock_speaks_utc():
    assert edges.SystemClock().now().tzinfo is UTC
    assert edges.SystemClock().now().utcoffset() == timedelta(0)


def test_random_bytes_are_fresh():
    draws = {edges.SystemRandom().bytes(16) for _ in range(8)}
    assert len(draws) == 8
    assert {len(draw) for draw in draws} == {16}


def test_home_and_passphrase_come_from_the_environment(monkeypatch):
    monkeypatch.setenv(edges.HOME_VARIABLE, "/somewhere")
    monkeypatch.setenv(edges.PASSPHRASE_VARIABLE, "secret words")
    around = edges.real_surroundings()
    assert (around.home, around.passphrase) == ("/somewhere", "secret words")
    assert "secret words" not in repr(around)
    monkeypatch.delenv(edges.HOME_VARIABLE)
    monkeypatch.setenv(edges.PASSPHRASE_VARIABLE, "")
    around = edges.real_surroundings()
    assert "kykylompakko" in around.home
    assert around.passphrase is None


@pytest.mark.parametrize("unsafe", [True, False])
def test_real_tools_remember_whether_they_are_unsafe(unsafe):
    tools = edges.real_tools(unsafe)
    assert tools.unsafe_loopback_http is unsafe
    assert "self_assessment_result" in tools.catalogue.types


# --- the demo wallet provider --------------------------------------------------------------------


def test_without_a_provider_in_the_environment_nobody_vouches():
    assert edges.demo_provider({}) is None
    assert edges.real_tools(False).provider is None


@pytest.mark.parametrize(
    ("passphrase", "is_right"), [("kolme pientä porsasta", True), ("x", False)]
)
def test_the_demo_provider_takes_its_key_when_it_is_needed(tmp_path, passphrase, is_right):
    made = make_demo_pki(at=datetime.now(UTC))
    key = (edges.PROVIDER, edges.PROVIDER_PURPOSE)
    create_keys(
        tmp_path,
        passphrase="kolme pientä porsasta",
        signers={key: made.signer(edges.PROVIDER, "wallet-attestation")},
        secrets={},
        cost=ScryptCost(log2_n=10, r=8, p=1),
    )
    provider = edges.demo_provider(
        {
            edges.PROVIDER_KEYS_VARIABLE: str(tmp_path),
            edges.PROVIDER_PASSPHRASE_VARIABLE: passphrase,
        }
    )
    assert provider is not None
    jwk = public_jwk(SoftwareSigner.generate().public_key)
    if not is_right:
        with pytest.raises(ProviderMissing):
            run(provider.attest_instance(jwk))
        return
    claims = loads_object(parse_jws(run(provider.attest_instance(jwk))).payload)
    assert claims["cnf"] == {"jwk": jwk}
