"""Real services and the npm wallet, for the tests of this folder."""

from collections.abc import Iterator

import httpx2
import pytest

from demo.services import RunningServices, free_port
from keys.trust import TrustList
from tests.interop.asking import AskedIssuer, asked_issuer
from tests.interop.npm_programs import CredoWallet, NpmWallet, conversation, npm_wallet
from tests.interop.peers import Peers, their_side
from tests.interop.story import WEB_SERVICE, by_use, trust_of
from tools.needs import NPM_FOLDERS
from tools.node import Node, is_installed


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServices]:
    """Issuer and verifier; copies of a status list are good for one second.

    The verifier is at a host that its certificate carries, so that it may ask under its DNS name.
    """
    port = free_port()
    extra = {
        "KYKY_ISSUER_STATUS_TTL_SECONDS": "1",
        # the stock wallets encrypt nothing by themselves
        "KYKY_ISSUER_UNSAFE_CLEAR_HEALTH_DATA": "true",
        "KYKY_VERIFIER_BASE_URL": f"http://localhost:{port}",
        "KYKY_VERIFIER_RETURN_ORIGINS": f'["{WEB_SERVICE}"]',
    }
    directory = tmp_path_factory.mktemp("services")
    with RunningServices(directory, verifier_port=port, extra=extra) as running:
        yield running


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskedIssuer]:
    """An issuer that wallets ask by themselves."""
    with asked_issuer(tmp_path_factory.mktemp("asked")) as running:
        yield running


@pytest.fixture
def trust(services: RunningServices) -> TrustList:
    """The services' trust list."""
    return trust_of(services)


@pytest.fixture(scope="module")
def running_wallet(found_node: Node | None) -> Iterator[NpmWallet | None]:
    """One process for the tests of a file."""
    if found_node is None or not all(map(is_installed, NPM_FOLDERS)):
        yield None  # `needs_node` says why
        return
    with npm_wallet(found_node) as running:
        yield running


@pytest.fixture
def wallet(needs_node: Node, running_wallet: NpmWallet) -> NpmWallet:
    """A wallet of other people's libraries."""
    del needs_node  # it leaves the test out, or fails it, where there is no Node.js
    return running_wallet


@pytest.fixture(scope="module")
def running_credo(found_node: Node | None) -> Iterator[CredoWallet | None]:
    """One process for the tests of a file."""
    if found_node is None or not all(map(is_installed, NPM_FOLDERS)):
        yield None  # `needs_node` says why
        return
    with conversation(found_node, "credo_wallet.mjs") as ask:
        yield CredoWallet(ask)


@pytest.fixture
def trusted(trust: TrustList) -> dict[str, list[str]]:
    """The services' trust list as Credo takes it."""
    return by_use(trust)


@pytest.fixture
def credo(
    needs_node: Node, running_credo: CredoWallet, trusted: dict[str, list[str]]
) -> CredoWallet:
    """An empty wallet on Credo that heeds the text where Credo 0.6 asks more of a card."""
    del needs_node
    running_credo.open(trusted, ["issuer", "status"])
    return running_credo


@pytest.fixture(scope="module")
def running_peers(found_node: Node | None) -> Iterator[Peers | None]:
    """One process for the tests of a file."""
    if found_node is None:
        yield None  # `needs_node` says why
        return
    with their_side(found_node) as running:
        yield running


@pytest.fixture
def peers(needs_node: Node, running_peers: Peers) -> Peers:
    """An issuer and a verifier of other people's libraries."""
    del needs_node
    return running_peers


@pytest.fixture
def desk(services: RunningServices) -> httpx2.Client:
    """The API of a TE-office desk."""
    return services.verifier_api("te_office")
