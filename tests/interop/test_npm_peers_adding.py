"""Our wallet signs in at an issuer whose authorization server is built on other people's code."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from tests.interop.asking import LOOPBACK, new_vendor, query_of
from tests.interop.peers import TYPE, Json, Peers
from wallet_sim.adding_failures import SignInOver, SignInRefused
from wallet_sim.flow_failures import CardComesLater
from wallet_sim.model import Card
from wallet_sim.wallet import Wallet

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

THEIRS = "their_card"


@dataclass(frozen=True, slots=True)
class Asking:
    """A person with our wallet at their issuer."""

    wallet: Wallet
    asked: Json

    def started(self) -> str:
        """Ask for a card; return the link for the browser."""
        adding = self.wallet.adding
        offer = asyncio.run(adding.open(self.asked["issuer"]))
        return asyncio.run(adding.start(offer.only(THEIRS), redirect_uri=LOOPBACK)).link

    def back(self) -> str:
        """Ask, and let the browser sign in; return where it is sent."""
        sent = httpx2.get(self.started(), trust_env=False)
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    def finish(self, url: str) -> Card:
        """Take the way back, and keep what comes."""
        fetched = asyncio.run(self.wallet.adding.finish(url))
        (card,) = asyncio.run(self.wallet.keep(fetched))
        return card


def asking(peers: Peers, **details: object) -> Asking:
    return Asking(peers.new_wallet(), peers.asked(**details))


@pytest.mark.req("HAIP-01", "HAIP-02", "HAIP-07", "VCI-40", "VCI-41", "VCI-42", "VCI-54")
@pytest.mark.req("DPOP-01", "DPOP-02", "DPOP-05", "ABCA-01", "ABCA-02", "ABCA-03")
def test_it_asks_and_gets_a_card(peers: Peers) -> None:
    one = asking(peers)
    back = one.back()
    assert query_of(back)["iss"] == one.asked["issuer"]
    card = one.finish(back)
    assert (card.issuer_id, card.type_id) == ("itsearviointi", TYPE)
    said = one.wallet.card(card.id).claims
    assert {name: said[name] for name in peers.claims} == peers.claims
    told = peers.tell("issued", id=one.asked["id"])
    assert told["events"] == ["credential_accepted"]
    assert told["keyStorage"] == ["iso_18045_basic"]  # attested, as their metadata demand


@pytest.mark.req("VCI-25")
def test_it_takes_up_an_offer_to_sign_in(peers: Peers) -> None:
    one = asking(peers)
    link = peers.tell("invite", issuerState="of-theirs")["link"]
    offer = asyncio.run(one.wallet.open_offer(link))
    started = asyncio.run(one.wallet.adding.start(offer.only(THEIRS), redirect_uri=LOOPBACK))
    sent = httpx2.get(started.link, trust_env=False)
    assert one.finish(sent.headers["location"]).type_id == TYPE
    assert peers.tell("issued", id=one.asked["id"])["issuerState"] == "of-theirs"


@pytest.mark.req("VCI-63", "VCI-66")
def test_it_waits_for_a_card_of_theirs(peers: Peers) -> None:
    one = asking(peers, later=True)
    with pytest.raises(CardComesLater):
        one.finish(one.back())
    (pending,) = one.wallet.waiting.all()
    peers.tell("ready", id=one.asked["id"])
    time.sleep(1)  # their interval
    fetched = asyncio.run(one.wallet.waiting.ask(pending))
    assert fetched is not None
    (card,) = asyncio.run(one.wallet.keep(fetched))
    assert card.type_id == TYPE


@pytest.mark.req("HAIP-01")
def test_it_renews_a_card_by_its_refresh_token(peers: Peers) -> None:
    soon = int((datetime.now(UTC) + timedelta(days=7)).timestamp())
    one = asking(peers, expires=soon)
    card = one.finish(one.back())
    assert one.wallet.renewing.due() == (card,)
    peers.asked()
    fetched = asyncio.run(one.wallet.renewing.renew(card))
    (new,) = asyncio.run(one.wallet.keep(fetched))
    assert one.wallet.cards() == (new,)
    assert card.expires_at is not None
    assert new.expires_at is not None
    assert new.expires_at > card.expires_at


def test_a_wallet_that_nobody_they_trust_vouches_for_is_refused(peers: Peers) -> None:
    one = asking(replace(peers, vendor=new_vendor("Vieras lompakko (TESTI)").signer))
    with pytest.raises(SignInRefused):
        one.started()


def test_it_understands_that_a_code_is_no_good(peers: Peers) -> None:
    one = asking(peers)
    back = one.back()
    with pytest.raises(SignInOver):
        one.finish(back.replace(query_of(back)["code"], "made-up"))
    assert one.wallet.cards() == ()
