"""In which way a wallet is asked: how it fetches the request, and as whom the desk asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from keys import strict_json
from keys.jose import parse_jws
from openid4vc.openid4vp.errors import ClientIdNotOfCertificate
from openid4vc.openid4vp.request import parse_request_link, read_request
from openid4vc.openid4vp.request_post import fetch_form
from tests.verifier.world import Asked, Browser, World, demo_pki, make_card

HOST = "https://te-toimisto-malli.example"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def named(tmp_path: Path) -> Iterator[World]:
    """A verifier at the address that its certificate carries."""
    world = World(tmp_path, base_url=HOST)
    yield world
    world.close()


def payload_of(text: str) -> dict[str, object]:
    return strict_json.loads_object(parse_jws(text).payload)


def posted(asked: Asked, **form: str) -> httpx2.Response:
    return asked.world.post(asked.started["request_uri"], data=form)


# Fetching by POST ----------------------------------------------------------------------------


@pytest.mark.req("VP-16", "VP-17")
def test_the_wallets_nonce_comes_back_in_a_request_signed_for_it(world: World) -> None:
    asked = world.start(request_uri_method="post")
    link = parse_request_link(asked.started["request_link"])
    assert link.method == "post"
    reply = world.post(link.request_uri, data=fetch_form("w-1"))
    assert reply.headers["content-type"] == "application/oauth-authz-req+jwt"
    assert reply.headers["cache-control"] == "no-store"
    trust = demo_pki().trust_list
    told: dict[str, Any] = {"link": link, "trust": trust, "at": world.clock.now()}
    posted_for = read_request(reply.text, wallet_nonce="w-1", **told).request
    assert posted_for == read_request(world.get(link.request_uri).text, **told).request
    assert asked.read()["state"] == "fetched"
    sent = asked.send(posted_for, asked.present(make_card(), posted_for))
    assert sent.status_code == 200
    assert asked.confirm().json()["state"] == "identity_pending"


@pytest.mark.req("VP-17", "DESK-07")
def test_each_wallet_nonce_is_answered_with_itself_and_none_is_remembered(world: World) -> None:
    asked = world.start()
    for nonce in ("w-1", "w-2"):
        assert payload_of(posted(asked, wallet_nonce=nonce).text)["wallet_nonce"] == nonce
    plain = world.get(asked.started["request_uri"]).text
    assert "wallet_nonce" not in payload_of(plain)
    assert posted(asked).text == plain


@pytest.mark.req("VP-16", "VP-42")
def test_metadata_in_any_form_is_passed_over(world: World) -> None:
    """As @openid4vc/openid4vp 0.4.6 sends it: flattened, and without a nonce."""
    asked = world.start()
    reply = posted(asked, vp_formats_supported="[object Object]", wallet_metadata="no JSON")
    assert reply.status_code == 200
    assert "wallet_nonce" not in payload_of(reply.text)


@pytest.mark.req("VP-17")
@pytest.mark.parametrize("nonce", ["", "a" * 513, "ä", "a\tb"])
def test_a_nonce_that_is_none_is_refused_and_nothing_is_fetched(world: World, nonce: str) -> None:
    asked = world.start()
    reply = posted(asked, wallet_nonce=nonce)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert reply.json()["error_description"] == "malformed_request_fetch"
    assert asked.read()["state"] == "requested"


@pytest.mark.req("VP-16")
def test_a_fetch_is_a_form(world: World) -> None:
    asked = world.start()
    address = asked.started["request_uri"]
    assert world.post(address, json={"wallet_nonce": "w"}).status_code == 415
    twice = world.post(
        address, content="wallet_nonce=a&wallet_nonce=b", headers={"Content-Type": FORM}
    )
    assert twice.status_code == 400


@pytest.mark.req("DESK-07", "DESK-04")
def test_what_is_over_or_unknown_is_not_signed_for_anybody(world: World) -> None:
    asked = world.start().answer()
    reply = posted(asked, wallet_nonce="w")
    assert (reply.status_code, reply.json()["error_description"]) == (410, "request_over")
    unknown = world.post("/requests/" + "A" * 43, data={"wallet_nonce": "w"})
    assert (unknown.status_code, unknown.json()["error_description"]) == (404, "request_unknown")
    late = world.start()
    world.clock.advance(minutes=5)
    assert posted(late, wallet_nonce="w").status_code == 410


@pytest.mark.req("VP-15")
def test_the_method_stands_in_the_code_and_not_in_the_signed_request(tmp_path: Path) -> None:
    world = World(tmp_path, request_uri_method="post")
    try:
        asked = world.start()
        assert asked.started["request_link"].endswith("&request_uri_method=post")
        assert "request_uri_method" not in payload_of(posted(asked, wallet_nonce="w").text)
        got = world.start(request_uri_method="get")
        assert parse_request_link(got.started["request_link"]).method == "get"
        desk = Browser(world)
        desk.sign_in()
        assert parse_request_link(desk.ask().started["request_link"]).method == "post"
        world.run(desk.client.aclose())
    finally:
        world.close()


# As whom -------------------------------------------------------------------------------------


@pytest.mark.req("VP-08", "VP-32")
def test_known_by_its_name_the_desk_is_answered_under_the_whole_of_it(named: World) -> None:
    asked = named.start(client_id_prefix="x509_san_dns")
    assert asked.started["client_id"] == "x509_san_dns:te-toimisto-malli.example"
    assert asked.started["request_link"].startswith("openid4vp://?client_id=x509_san_dns%3A")
    assert asked.answer().identity().json()["outcome"] == "accept"


@pytest.mark.req("VP-32")
@pytest.mark.parametrize("audience", ["te-toimisto-malli.example", HOST, None])
def test_an_answer_addressed_otherwise_is_rejected(named: World, audience: str | None) -> None:
    by_hash = named.start().started["client_id"]
    asked = named.start(client_id_prefix="x509_san_dns").answer(audience=audience or by_hash)
    assert asked.verdict() == ("reject", "kb_audience_mismatch", "holder_binding")


@pytest.mark.req("VP-08")
def test_a_name_that_the_certificate_does_not_carry_is_used_nowhere(
    world: World, tmp_path: Path
) -> None:
    body = {"profile": "te_initial_interview", "client_id_prefix": "x509_san_dns"}
    reply = world.post("/api/v1/verifications", json=body, headers=world.bearer)
    assert (reply.status_code, reply.json()["code"]) == (409, "client_id_not_of_certificate")
    with pytest.raises(ClientIdNotOfCertificate):
        World(tmp_path, client_id_prefix="x509_san_dns")


@pytest.mark.req("VP-08", "HAIP-09")
def test_the_operators_choice_holds_where_the_caller_makes_none(tmp_path: Path) -> None:
    world = World(tmp_path, base_url=HOST, client_id_prefix="x509_san_dns")
    try:
        assert world.start().started["client_id"].startswith("x509_san_dns:")
        by_hash = world.start(client_id_prefix="x509_hash")
        assert by_hash.started["client_id"].startswith("x509_hash:")
        assert by_hash.answer().identity().json()["outcome"] == "accept"
        desk = Browser(world)
        desk.sign_in()
        asked = desk.ask()
        assert asked.started["request_link"].startswith("openid4vp://?client_id=x509_san_dns%3A")
        asked.answer()
        world.run(desk.client.aclose())
    finally:
        world.close()


@pytest.mark.req("VP-15")
@pytest.mark.parametrize(
    "way",
    [
        {"client_id_prefix": "x509_san_uri"},
        {"client_id_prefix": ""},
        {"request_uri_method": "POST"},
        {"request_uri_method": "put"},
    ],
)
def test_a_way_that_there_is_not_is_refused(world: World, way: dict[str, str]) -> None:
    body = {"profile": "te_initial_interview", **way}
    reply = world.post("/api/v1/verifications", json=body, headers=world.bearer)
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed_body")
