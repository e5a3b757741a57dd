"""Every misbehaviour of the wallet before our own verifier: the check that it names catches it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from credential_schemas.loader import load_catalogue
from keys.software_signer import SoftwareSigner
from tests.verifier.world import World, demo_pki, make_card
from tests.wallet_sim.test_wallet_meets_desk import ToTheDesk
from tests.wallet_sim.world import OsRandom, TextSource
from wallet_sim.consent import Wish
from wallet_sim.flow_failures import ReceiverRefused
from wallet_sim.memory_store import MemoryStore
from wallet_sim.mischief import HONEST, misbehaviours
from wallet_sim.model import Card, Contents
from wallet_sim.tools import Tools
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet

ALL = misbehaviours(SoftwareSigner.generate())
AT_THE_DOOR = {
    "in-the-clear",
    "no-array",
    "wrong-state",
    "no-state",
    "wrong-encryption-key",
}
"""What is no response to this request at all: it is refused, and the request stays open."""
BY_THE_CHECKS = ALL.keys() - AT_THE_DOOR - {"replay", "over-disclose"}
SITE = "https://kunta.example"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, return_origins=(SITE,))
    yield world
    world.close()


@pytest.fixture
def way(world: World) -> ToTheDesk:
    return ToTheDesk(world)


@pytest.fixture
def wallet(world: World, way: ToTheDesk) -> Wallet:
    """A wallet with one good card of the demo's issuer."""
    pki, held = demo_pki(), make_card()
    settings, _ = first_settings(
        location="trust-list.jws",
        jws=pki.trust_list_jws,
        operator_pem=pki.operator_anchor.public_bytes(Encoding.PEM),
        clock=world.clock,
    )
    card = Card(
        id="0a1b2c3d",
        type_id="self_assessment_result",
        vct="urn:kykylompakko:self-assessment-result:1",
        issuer_id="itsearviointi",
        issuer_names={"fi": "Mallimaan itsearviointipalvelu (TESTI)"},
        sd_jwt=held.text,
        holder_key=held.holder.private_key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        ),
        received_at=world.clock.now(),
        expires_at=None,
    )
    tools = Tools(
        network=way,
        clock=world.clock,
        random=OsRandom(),
        new_key=SoftwareSigner.generate,
        catalogue=load_catalogue(),
    )
    return Wallet(
        store=MemoryStore(Contents(trust=settings, cards=(card,))),
        tools=tools,
        trust_source=TextSource(pki.trust_list_jws),
    )


@pytest.mark.req("VP-16", "VP-17", "VP-32")
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_honest_wallet_is_accepted(world: World, wallet: Wallet, method: str) -> None:
    asked = world.start(request_uri_method=method)
    receipt = world.run(wallet.present(asked.started["request_link"], Wish(), manners=HONEST))
    assert asked.confirm(receipt.confirmation_code).status_code == 200
    assert asked.identity().json()["outcome"] == "accept"


@pytest.mark.req("VP-26", "VP-27", "HAIP-13")
def test_on_the_same_device_the_wallet_leads_the_browser_back(world: World, wallet: Wallet) -> None:
    session = "istunto-0123456789abcdefgh"
    asked = world.start(return_to=f"{SITE}/back", session=session)
    receipt = world.run(wallet.present(asked.started["request_link"], Wish()))
    assert receipt.confirmation_code is None
    page, _, code = str(receipt.redirect_uri).partition("?response_code=")
    assert page == f"{SITE}/back"
    reply = world.post(
        f"/api/v1/verifications/{asked.id}/return",
        json={"response_code": code, "session": session},
        headers=world.bearer,
    )
    assert reply.json()["state"] == "identity_pending"


@pytest.mark.req("VP-23", "VP-28", "VP-29")
@pytest.mark.parametrize("name", sorted(AT_THE_DOOR))
def test_what_is_no_response_is_refused_at_the_door(
    world: World, wallet: Wallet, way: ToTheDesk, name: str
) -> None:
    asked = world.start()
    with pytest.raises(ReceiverRefused):
        world.run(wallet.present(asked.started["request_link"], Wish(), manners=ALL[name].manners))
    assert way.last.json() == {"error": "invalid_request", "error_description": ALL[name].code}
    assert asked.read()["state"] == "fetched"


@pytest.mark.req("SDJWT-13", "SDJWT-20", "SDJWT-21", "VP-31", "VP-32", "VP-33", "DCQL-08")
@pytest.mark.parametrize("name", sorted(BY_THE_CHECKS))
def test_the_named_check_of_our_verifier_catches_it(
    world: World, wallet: Wallet, name: str
) -> None:
    asked = world.start()
    world.run(wallet.present(asked.started["request_link"], Wish(), manners=ALL[name].manners))
    state = asked.read()
    failed = [one["code"] for one in state["checks"] if one["result"] == "failed"]
    assert (state["code"], failed, state["cards"]) == (ALL[name].code, [ALL[name].code], None)
    assert state["outcome"] in {"reject", "not_shown"}


@pytest.mark.req("VP-28", "DESK-07")
def test_a_second_answer_is_refused(world: World, wallet: Wallet, way: ToTheDesk) -> None:
    asked = world.start()
    with pytest.raises(ReceiverRefused):
        world.run(
            wallet.present(asked.started["request_link"], Wish(), manners=ALL["replay"].manners)
        )
    assert way.last.json()["error_description"] == ALL["replay"].code
    assert asked.read()["state"] == "code_pending"


@pytest.mark.req("VP-33", "DCQL-16")
def test_what_nobody_asked_for_is_not_kept(world: World, wallet: Wallet) -> None:
    asked = world.start()
    manners = ALL["over-disclose"].manners
    receipt = world.run(wallet.present(asked.started["request_link"], Wish(), manners=manners))
    asked.confirm(receipt.confirmation_code)
    asked.identity()
    (card,) = asked.read()["cards"]
    assert "personal_administrative_number" not in card["claims"]
