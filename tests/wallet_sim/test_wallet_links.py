"""Whatever text comes as a link: the wallet answers with one of its failures, or reads it."""

import asyncio
from contextlib import suppress
from json import dumps, loads
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.jose import parse_jws, sign_jws
from openid4vc.checks import CheckFailed
from openid4vc.openid4vci.issuer_id import AUTHORIZATION_SERVER, CREDENTIAL_ISSUER, well_known
from tests.wallet_sim.world import ISSUER, PIN, World, json_answer
from wallet_sim.arguments import link_from
from wallet_sim.failures import LinkIsAnOffer, LinkIsARequest, LinkTooLong, NotALink
from wallet_sim.links import require_offer, require_request

run = asyncio.run
SCHEMES = st.sampled_from(
    ["openid-credential-offer", "haip-vci", "openid4vp", "haip-vp", "https", "javascript", "", "x"]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
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


def replaced(body: object, steps: list[int], value: object) -> object:
    """One member or element, found by the steps, has another value."""
    if not steps or not isinstance(body, dict | list) or not body:
        return value
    if isinstance(body, list):
        at = steps[0] % len(body)
        return [*body[:at], replaced(body[at], steps[1:], value), *body[at + 1 :]]
    name = sorted(body)[steps[0] % len(body)]
    return {**body, name: replaced(body[name], steps[1:], value)}


STEPS = st.lists(st.integers(0, 40), min_size=1, max_size=5)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(at=st.integers(0, 4), steps=STEPS, value=JSON)
def test_an_issuers_answer_with_one_thing_changed(at, steps, value):
    """Whatever an issuer answers, the wallet refuses it by name or stores an honest card."""
    world = World()
    urls = [
        ("GET", f"{ISSUER}/offers/1"),
        ("GET", well_known(ISSUER, CREDENTIAL_ISSUER)),
        ("GET", well_known(ISSUER, AUTHORIZATION_SERVER)),
        ("POST", f"{ISSUER}/token"),
        ("POST", f"{ISSUER}/credential"),
    ]
    honest = world.network.handlers[urls[at]]

    def changed(call):
        return json_answer(replaced(loads(honest(call).body), steps, value))

    world.network.handlers[urls[at]] = changed
    with suppress(CheckFailed):
        run(world.wallet.receive(world.issuer.reference(), pin=PIN))
    assert {card.sd_jwt for card in world.wallet.cards()} <= set(world.issuer.issued)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, value=JSON)
def test_a_signed_request_with_one_thing_changed(steps, value):
    """Whatever a known receiver signs, the wallet refuses it by name or shows it for what it is."""
    world = run(World().with_card())

    def changed(text: str) -> str:
        jws = parse_jws(text)
        header = {name: one for name, one in jws.header.items() if name != "alg"}
        body = replaced(loads(jws.payload), steps, value)
        return sign_jws(header, dumps(body).encode(), world.receiver.signer)

    world.receiver.after = changed
    with suppress(CheckFailed):
        request = run(world.wallet.open_request(world.receiver.link()))
        assert request.profile.id == "te_initial_interview"
    posted = [call.form or {} for call in world.network.calls if call.method == "POST"]
    assert all("response" not in form for form in posted)


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
