"""Whatever text comes as a link: the wallet answers with one of its failures, or reads it."""

import asyncio
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from tests.wallet_sim.world import World, json_answer
from wallet_sim.arguments import link_from
from wallet_sim.failures import LinkIsAnOffer, LinkIsARequest, LinkTooLong, NotALink
from wallet_sim.links import require_offer, require_request

run = asyncio.run
SCHEMES = st.sampled_from(
    ["openid-credential-offer", "haip-vci", "openid4vp", "haip-vp", "https", "javascript", "", "x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "credential_issuer",
                    "credential_configuration_ids",
                    "grants",
                    "tx_code",
                    "length",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@st.composite
def links(draw):
    scheme = draw(SCHEMES)
    names = ["credential_offer", "credential_offer_uri", "client_id", "request_uri",
             "request_uri_method", "state"]  # fmt: skip
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.text(max_size=60)), max_size=4))
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
    return f"{scheme}://?{query}" + draw(st.text(max_size=5))


@pytest.fixture(scope="module")
def world():
    return World()


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(links(), st.text(max_size=200)))
def test_any_text_as_an_offer_or_a_request(world, text):
    for read in (world.wallet.open_offer, world.wallet.open_request):
        with suppress(CheckFailed):
            run(read(text))
    assert world.wallet.cards() == ()
    assert world.issuer.token_requests == 0


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=JSON)
def test_any_json_as_an_offer_and_as_metadata(body):
    world = World()
    for url in list(world.network.handlers):
        world.network.handlers[url] = lambda _call: json_answer(body)
    for link in (world.issuer.link(), world.issuer.reference()):
        with suppress(CheckFailed):
            run(world.wallet.receive(link, pin="271828"))
    assert world.wallet.cards() == ()


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_as_an_argument(text):
    with suppress(CheckFailed):
        assert link_from(text) == text.strip()


@pytest.mark.parametrize("text", ["OPENID4VP://?a=b", "haip-vp://x"])
def test_schemes_are_known_in_any_case(text):
    require_request(text)
    with pytest.raises(LinkIsARequest):
        require_offer(text)


@pytest.mark.req("HAIP-06", "HAIP-10")
@pytest.mark.parametrize("text", ["openid-credential-offer://?a", "haip-vci://?a"])
def test_offers_are_told_from_requests(text):
    require_offer(text)
    with pytest.raises(LinkIsAnOffer):
        require_request(text)


@pytest.mark.parametrize("check", [require_offer, require_request])
@pytest.mark.parametrize("text", ["", "abc", "://", "mailto:a@b.example", "openid4vp"])
def test_other_texts_are_no_links(check, text):
    with pytest.raises(NotALink):
        check(text)


@pytest.mark.parametrize("check", [require_offer, require_request])
def test_a_link_longer_than_any_code(check):
    with pytest.raises(LinkTooLong):
        check("openid4vp://" + "a" * 16_384)
