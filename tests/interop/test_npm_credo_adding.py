"""Our issuer, asked by a wallet on Credo: authorization code, DPoP, wallet attestation."""

import pytest

from tests.interop.asking import LOOPBACK, PEKKA, AskedIssuer, agreed
from tests.interop.npm_programs import CredoWallet, WalletRefused
from tests.interop.story import DECISION, by_use, hand_in
from tools.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

SAID = {"benefit_or_service": "vocational_rehabilitation", "decision_outcome": "granted"}


@pytest.fixture
def asking(needs_node: Node, running_credo: CredoWallet, issuer: AskedIssuer) -> CredoWallet:
    """An empty wallet on Credo that trusts the asked issuer."""
    del needs_node
    running_credo.open(by_use(issuer.trust), ["issuer", "status"])
    return running_credo


def begun(issuer: AskedIssuer, wallet: CredoWallet) -> str:
    wish = {"redirectUri": LOOPBACK, "provider": issuer.vendor.provider}
    return wallet.begin(issuer.address(DECISION.org), DECISION.type, **wish)


@pytest.mark.req("HAIP-01", "HAIP-02", "VCI-40", "VCI-41", "VCI-42", "VCI-59", "DPOP-04")
def test_it_asks_and_gets_copies_of_a_card(issuer: AskedIssuer, asking: CredoWallet) -> None:
    """Encrypted, too, by an envelope around its requests: by itself it encrypts none."""
    got = asking.finish(agreed(begun(issuer, asking)), copies=2)
    copies = [one["claims"] for one in got["copies"]]
    assert len({one["cnf"]["jwk"]["x"] for one in copies}) == 2
    for copy in copies:
        assert copy | SAID == copy
        assert asking.verify(got["copies"][0]["credential"])["isValid"] is True
    assert got["refreshes"] is True
    assert got["seen"][-1]["status"] == 204


@pytest.mark.req("VCI-63", "VCI-66")
def test_it_waits_comes_back_and_collects(issuer: AskedIssuer, asking: CredoWallet) -> None:
    told = asking.finish(agreed(begun(issuer, asking), person=PEKKA))
    assert told["waiting"]["interval"] > 0
    api = issuer.services.issuer_api(DECISION.org, DECISION.type)
    hand_in(api, DECISION, {"offer_id": issuer.register.requests[-1]})
    (copy,) = asking.collect()["copies"]
    assert {name: copy["claims"][name] for name in DECISION.claims} == DECISION.claims


@pytest.mark.req("VCI-42")
def test_a_no_reaches_it_as_the_protocol_says(issuer: AskedIssuer, asking: CredoWallet) -> None:
    back = agreed(begun(issuer, asking), decision="decline")
    with pytest.raises(WalletRefused) as refusal:
        asking.finish(back)
    assert refusal.value.code == "access_denied"
