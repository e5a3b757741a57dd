"""Real services and the npm wallet, for the tests of this folder."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest
from cryptography import x509

from demo.services import RunningServices
from keys.trust import TrustList, read_trust_list
from tests.interop.npm_programs import NpmWallet
from tools.node import Node


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServices]:
    """Issuer and verifier; copies of a status list are good for one second."""
    directory = tmp_path_factory.mktemp("services")
    with RunningServices(directory, extra={"KYKY_ISSUER_STATUS_TTL_SECONDS": "1"}) as running:
        yield running


@pytest.fixture
def trust(services: RunningServices) -> TrustList:
    """The services' trust list."""
    operator = x509.load_pem_x509_certificate(services.operator_anchor.read_bytes())
    text = services.trust_list.read_text("ascii")
    return read_trust_list(text, operator_anchors=[operator], at=datetime.now(UTC))


@pytest.fixture
def wallet(needs_node: Node) -> NpmWallet:
    """A wallet of other people's libraries."""
    return NpmWallet(needs_node)


@pytest.fixture
def desk(services: RunningServices) -> httpx2.Client:
    """The API of a TE-office desk."""
    return services.verifier_api("te_office")
