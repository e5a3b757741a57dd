"""Our wallet with an issuer and a verifier of other people's libraries."""

import asyncio
import time

import pytest

from tests.interop.peers import CATALOGUE, PROFILE, TYPE, Peers
from wallet_sim.flow_failures import CardComesLater, OfferGone, PinNotAccepted, PurposeUnknown

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

PIN = "271828"


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
