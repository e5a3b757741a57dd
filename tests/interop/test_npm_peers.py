"""Our wallet with an issuer and a verifier of other people's libraries."""

import asyncio
import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.loader import load_catalogue
from demo.payloads import example_claims
from keys.devkeys import DemoPki, make_demo_pki
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import query_json
from tests.interop.npm_programs import conversation, private_jwk
from tests.interop.story import pem
from tests.wallet_sim.world import TextSource
from tools.node import Node
from wallet_sim.edges import real_tools
from wallet_sim.flow_failures import CardComesLater, OfferGone, PinNotAccepted, PurposeUnknown
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Contents
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

Json = dict[str, Any]

TYPE, PROFILE, PIN = "self_assessment_result", "te_initial_interview", "271828"
PROFILE_FORMAT = "urn:kykylompakko:request-profile:1"
CATALOGUE = load_catalogue()


@dataclass(frozen=True, slots=True)
class Peers:
    """Their issuer and verifier, with demo keys, and a person with our wallet."""

    ask: Callable[[Json], Json]
    pki: DemoPki
    claims: Json

    def tell(self, command: str, **details: object) -> Json:
        given = {name: value for name, value in details.items() if value is not None}
        answer = self.ask({"do": command, **given})
        assert "error" not in answer, answer
        return answer

    def offer(self, **details: object) -> Json:
        shown = {name: value for name, value in self.claims.items() if isinstance(value, dict)}
        always = CATALOGUE.types[TYPE].always_disclosed()
        hidden = [name for name in self.claims if name not in always]
        frame: Json = {"_sd": hidden, "_sd_decoy": 2}
        frame |= {name: {"_sd": list(value)} for name, value in shown.items() if name in hidden}
        expires = int((datetime.now(UTC) + timedelta(days=30)).timestamp())
        return self.tell("offer", claims=self.claims, frame=frame, expires=expires, **details)

    def request(self, profile_id: str = PROFILE, **details: object) -> Json:
        query = query_json(query_for(CATALOGUE.profiles[profile_id], CATALOGUE))
        info = [{"format": PROFILE_FORMAT, "data": {"profile": profile_id}}]
        return self.tell("request", query=query, info=info, **details)

    def new_wallet(self) -> Wallet:
        tools = real_tools(unsafe_loopback_http=True)
        settings, _ = first_settings(
            location="trust-list.jws",
            jws=self.pki.trust_list_jws,
            operator_pem=self.pki.operator_anchor.public_bytes(Encoding.PEM),
            clock=tools.clock,
        )
        return Wallet(
            store=MemoryStore(Contents(trust=settings)),
            tools=tools,
            trust_source=TextSource(self.pki.trust_list_jws),
        )


def signing(signer: SoftwareSigner) -> Json:
    chain = [base64.b64encode(one).decode("ascii") for one in signer.certificate_chain]
    return {"key": private_jwk(signer), "x5c": chain}


@pytest.fixture(scope="module")
def opened(found_node: Node | None) -> Iterator[Peers | None]:
    if found_node is None:
        yield None  # `needs_node` says why
        return
    now = datetime.now(UTC).replace(microsecond=0)
    pki = make_demo_pki(at=now)
    (issuer,) = (one for one in pki.trust_list.issuers if one.id == "itsearviointi")
    claims = example_claims("01_self_assessment_result", today=now.date())
    with conversation(found_node, "peers.mjs") as ask:
        peers = Peers(ask, pki, claims)
        peers.tell(
            "open",
            issuer={
                **signing(pki.signer("itsearviointi", "credential")),
                "vct": CATALOGUE.types[TYPE].vct,
            },
            verifier={**signing(pki.signer("te-toimisto-malli", "access")), "dns": "localhost"},
            anchors=pem(issuer.issuing_anchors),
        )
        yield peers


@pytest.fixture
def peers(needs_node: Node, opened: Peers) -> Peers:
    del needs_node
    return opened


@pytest.mark.req("VCI-22", "VCI-34", "VCI-47", "VCI-48", "VCI-49", "VCI-68", "SDJWT-14")
@pytest.mark.parametrize("pin", [None, PIN], ids=["no PIN", "PIN"])
@pytest.mark.parametrize("by_reference", [False, True], ids=["by value", "by reference"])
def test_it_takes_a_card_from_their_issuer(
    peers: Peers, pin: str | None, by_reference: bool
) -> None:
    wallet = peers.new_wallet()
    offer = peers.offer(txCode=pin, byReference=by_reference)
    (card,) = asyncio.run(wallet.receive(offer["link"], pin=pin))
    assert card.issuer_id == "itsearviointi"
    said = wallet.card(card.id).claims
    assert {name: said[name] for name in peers.claims} == peers.claims
    assert peers.tell("issued", id=offer["id"])["events"] == ["credential_accepted"]


@pytest.mark.req("VCI-29", "VCI-35", "VCI-28")
def test_it_understands_their_refusals(peers: Peers) -> None:
    wallet = peers.new_wallet()
    with pytest.raises(PinNotAccepted):
        asyncio.run(wallet.receive(peers.offer(txCode=PIN)["link"], pin=PIN[::-1]))
    offer = peers.offer()
    asyncio.run(wallet.receive(offer["link"]))
    with pytest.raises(OfferGone):
        asyncio.run(wallet.receive(offer["link"]))


@pytest.mark.req("VCI-63", "VCI-66")
def test_it_waits_for_a_card_of_theirs(peers: Peers) -> None:
    wallet = peers.new_wallet()
    offer = peers.offer(later=True)
    with pytest.raises(CardComesLater):
        asyncio.run(wallet.receive(offer["link"]))
    time.sleep(1)  # their interval
    with pytest.raises(CardComesLater):
        asyncio.run(wallet.receive(offer["link"]))
    peers.tell("ready", id=offer["id"])
    time.sleep(1)
    (card,) = asyncio.run(wallet.receive(offer["link"]))
    assert card.type_id == TYPE
    assert peers.tell("issued", id=offer["id"])["waits"] == 2


@pytest.mark.req("VP-08", "VP-09", "VP-23", "VP-24", "VP-29", "VP-32", "HAIP-10", "DCQL-16")
@pytest.mark.parametrize("prefix", ["x509_hash", "x509_san_dns"])
def test_it_answers_their_verifier(peers: Peers, prefix: str) -> None:
    wallet = peers.new_wallet()
    asyncio.run(wallet.receive(peers.offer()["link"]))
    request = peers.request(prefix=prefix)
    asyncio.run(wallet.present(request["link"]))
    told = peers.tell("answered", id=request["id"])
    assert told["fetched"] == ["GET"]
    ((shown,),) = told["claims"].values()
    said = {name: value for name, value in shown.items() if name in peers.claims}
    assert said["work_ability_score"] == peers.claims["work_ability_score"]
    card = CATALOGUE.profiles[PROFILE].credentials[0]
    asked = {str(path[0]) for path in card.all_paths()}
    assert said.keys() <= asked | CATALOGUE.types[TYPE].always_disclosed()


@pytest.mark.req("VP-34", "ARF-10")
def test_their_verifier_hears_that_nothing_is_shown(peers: Peers) -> None:
    wallet = peers.new_wallet()
    request = peers.request()

    async def decline() -> None:
        await wallet.decline(await wallet.open_request(request["link"]))

    asyncio.run(decline())
    told = peers.tell("answered", id=request["id"])
    assert (told["claims"], told["wallet"]) == (None, "access_denied")


@pytest.mark.req("VP-34", "VP-40")
def test_their_verifier_hears_why_a_request_is_refused(peers: Peers) -> None:
    wallet = peers.new_wallet()
    request = peers.request("hc_continuity_of_care")
    with pytest.raises(PurposeUnknown):
        asyncio.run(wallet.present(request["link"]))
    told = peers.tell("answered", id=request["id"])
    assert (told["claims"], told["wallet"]) == (None, "invalid_request")
