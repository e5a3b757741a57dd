"""Our wallet asks our issuer for a card by itself: the real flow of both, in one process."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from issuer.ports.claims_source import Later, Nothing, Ready
from issuer.settings import KeyPolicySetting
from issuer.usecases.claims_source_failures import ClaimsSourceUnavailable
from keys.software_signer import SoftwareSigner
from openid4vc.oauth.wallet_errors import AuthorizationDenied
from openid4vc.status_list.bits import Status
from tests.issuer.asking import PROVIDER, REDIRECT, AskingWorld, Browser
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, MALLIMAA_TYPE, claims_of, demo_pki
from tests.wallet_sim.test_wallet_later import ToTheIssuer
from tests.wallet_sim.world import OsRandom, TextSource
from wallet_sim.adding_failures import RenewalTooEarly
from wallet_sim.flow_failures import CardComesLater, IssuerBusy
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Card, Contents
from wallet_sim.offers import Fetched
from wallet_sim.provider import DemoWalletProvider
from wallet_sim.tools import Tools
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet

ISSUER = f"{BASE}/mallimaa"
POLICY = {MALLIMAA_TYPE: KeyPolicySetting(key_storage="iso_18045_basic")}


class Meeting:
    """A wallet, the product's issuer, and the browser between them."""

    def __init__(self, issuer: AskingWorld, *, copies: int = 1) -> None:
        self.issuer = issuer
        self.network = ToTheIssuer(issuer)
        settings, _ = first_settings(
            location="trust-list.jws",
            jws=demo_pki().trust_list_jws,
            operator_pem=demo_pki().operator_anchor.public_bytes(Encoding.PEM),
            clock=issuer.clock,
        )
        self.store = MemoryStore(Contents(trust=settings))
        tools = Tools(
            network=self.network,
            post_jwt=self.network.post_jwt,
            clock=issuer.clock,
            random=OsRandom(),
            new_key=SoftwareSigner.generate,
            catalogue=issuer.parts.catalogue,
            copies=copies,
            provider=DemoWalletProvider(
                lambda: demo_pki().signer(PROVIDER, "wallet-attestation"), issuer.clock
            ),
        )
        source = TextSource(demo_pki().trust_list_jws)
        self.wallet = Wallet(store=self.store, tools=tools, trust_source=source)

    def answered(self, decision: str = "approve") -> httpx2.Response:
        """Begin, sign in and answer."""
        adding = self.wallet.adding
        offer = self.issuer.run(adding.open(ISSUER))
        start = adding.start(offer.only(MALLIMAA_TYPE), redirect_uri=REDIRECT)
        browser = Browser(self.issuer)
        page = browser.sign_in(self.issuer.run(start).link)
        return browser.answer(page, decision)

    def redirected(self) -> str:
        """Begin, sign in and agree; returns where the browser goes."""
        sent = self.answered()
        assert sent.status_code == 303, sent.text
        url: str = sent.headers["location"]
        return url

    def finish(self) -> Fetched:
        url = self.redirected()
        assert self.wallet.adding.awaits(url)
        return self.issuer.run(self.wallet.adding.finish(url))

    def keep(self, fetched: Fetched) -> Card:
        (card,) = self.issuer.run(self.wallet.keep(fetched))
        return card

    def status_of(self, card: Card) -> Status:
        return TinyWallet(self.issuer).status_of(card.sd_jwt)


@pytest.fixture(params=[{}, {"key_attestations": POLICY}], ids=["plain", "attested keys"])
def meeting(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Meeting]:
    issuer = AskingWorld(
        f"sqlite:///{tmp_path}/issuer.db",
        tmp_path,
        unsafe_clear_health_data=False,
        **request.param,
    )
    yield Meeting(issuer, copies=2)
    issuer.close()


@pytest.mark.req("HAIP-01", "HAIP-02", "HAIP-07", "VCI-53", "VCI-59", "DPOP-05", "ABCA-08")
def test_a_card_is_added_encrypted_and_in_copies(meeting: Meeting) -> None:
    fetched = meeting.finish()
    assert meeting.wallet.cards() == ()
    card = meeting.keep(fetched)
    assert meeting.wallet.cards() == (card,)
    assert len(card.spares) == 1
    assert card.renewal is not None
    assert meeting.status_of(card) is Status.VALID
    assert meeting.wallet.adding.awaits("") is False


def test_the_metadata_that_are_signed_say_who_the_issuer_is(meeting: Meeting) -> None:
    offer = meeting.issuer.run(meeting.wallet.adding.open(ISSUER))
    assert offer.signer is not None
    assert offer.signer.id == "mallimaa"
    assert MALLIMAA_TYPE in offer.wanted


@pytest.mark.parametrize("why", ["declined", "nothing", "out of order"])
def test_who_comes_back_without_a_code_gets_no_card(meeting: Meeting, why: str) -> None:
    meeting.issuer.source.answer = Nothing()
    if why == "out of order":
        meeting.issuer.source.answer = ClaimsSourceUnavailable("status 503")
    page = meeting.answered("decline" if why == "declined" else "approve")
    url = page.headers.get("location") or unescape(
        page.text.partition(f'href="{REDIRECT}')[2].partition('"')[0]
    )
    url = url if url.startswith(REDIRECT) else f"{REDIRECT}{url}"
    with pytest.raises(IssuerBusy if why == "out of order" else AuthorizationDenied):
        meeting.issuer.run(meeting.wallet.adding.finish(url))
    assert meeting.wallet.cards() == ()
    assert not meeting.wallet.adding.awaits(url)


@pytest.mark.req("VCI-63", "VCI-66", "ABCA-14")
def test_a_card_that_comes_later_is_fetched_then(meeting: Meeting) -> None:
    meeting.issuer.source.answer = Later("client-4711")
    url = meeting.redirected()
    with pytest.raises(CardComesLater):
        meeting.issuer.run(meeting.wallet.adding.finish(url))
    (pending,) = meeting.wallet.waiting.all()
    assert (pending.server, pending.is_encrypted) == (ISSUER, True)
    offers = meeting.issuer.dump()["offers"]
    path = f"/api/v1/mallimaa/offers/{offers[0][0]}/claims"
    body = {"claims": claims_of(MALLIMAA_TYPE)}
    client, headers = meeting.issuer.client, meeting.issuer.auth()
    put = meeting.issuer.run(client.put(path, json=body, headers=headers))
    assert put.status_code == 200, put.text
    meeting.issuer.clock.advance(days=2)
    fetched = meeting.issuer.run(meeting.wallet.waiting.ask(pending))
    assert fetched is not None
    assert meeting.status_of(meeting.keep(fetched)) is Status.VALID


@pytest.mark.req("ABCA-14")
def test_a_renewed_card_takes_the_place_of_the_older_one(meeting: Meeting) -> None:
    old = meeting.keep(meeting.finish())
    assert old.expires_at is not None
    meeting.issuer.clock.at = old.expires_at
    meeting.issuer.clock.advance(days=-20)
    assert meeting.wallet.renewing.due() == (old,)
    changed = {**claims_of(MALLIMAA_TYPE)}
    meeting.issuer.source.answer = Ready("client-4711", changed)
    new = meeting.keep(meeting.issuer.run(meeting.wallet.renewing.renew(old)))
    assert meeting.wallet.cards() == (new,)
    assert (meeting.status_of(old), meeting.status_of(new)) == (Status.INVALID, Status.VALID)


def test_a_card_that_is_good_for_long_is_not_renewed_and_stays(meeting: Meeting) -> None:
    card = meeting.keep(meeting.finish())
    with pytest.raises(RenewalTooEarly):
        meeting.issuer.run(meeting.wallet.renewing.renew(card))
    assert meeting.wallet.cards() == (card,)
    assert meeting.status_of(card) is Status.VALID


def test_a_renewal_waits_while_the_organisations_system_is_out_of_order(meeting: Meeting) -> None:
    card = meeting.keep(meeting.finish())
    assert card.expires_at is not None
    meeting.issuer.clock.at = card.expires_at
    meeting.issuer.clock.advance(days=-20)
    meeting.issuer.source.answer = ClaimsSourceUnavailable("status 503")
    with pytest.raises(IssuerBusy):
        meeting.issuer.run(meeting.wallet.renewing.renew(card))
    meeting.issuer.source.answer = Ready("client-4711", claims_of(MALLIMAA_TYPE))
    new = meeting.keep(meeting.issuer.run(meeting.wallet.renewing.renew(card)))
    assert meeting.wallet.cards() == (new,)
