"""Tokens bound to a key of the wallet: DPoP at the token endpoint and with every token."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keys.jose import public_jwk, thumbprint
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.token import refresh_request_form
from tests.issuer.asking import AskingWorld
from tests.issuer.proving import Prover, refusal
from tests.issuer.world import MALLIMAA_TYPE, offer_body

CHALLENGE = 'DPoP error="{}", algs="ES256"'
ENDPOINTS = ("credential", "deferred-credential", "notification")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskingWorld]:
    """One issuer for all: each test has a wallet and offers of its own."""
    folder = tmp_path_factory.mktemp("proving-keys")
    made = AskingWorld(f"sqlite:///{folder}/issuer.db", folder)
    yield made
    made.close()


@pytest.fixture
def wallet(world: AskingWorld) -> Prover:
    return Prover(world)


@pytest.mark.req("DPOP-02", "DPOP-03", "DPOP-04")
def test_a_bound_token_gives_its_card(wallet: Prover) -> None:
    token = wallet.token()
    body = wallet.holder.request(MALLIMAA_TYPE)
    answer = wallet.call("credential", token, body=body)
    assert answer.status_code == 200, answer.text
    told = {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}
    assert wallet.call("notification", token, body=told).status_code == 204


@pytest.mark.req("DPOP-05", "DPOP-06")
def test_every_answer_brings_a_nonce_good_or_bad(world: AskingWorld) -> None:
    seen = [
        world.post(f"/mallimaa/{path}").headers["DPoP-Nonce"]
        for path in ("par", "token", "nonce", *ENDPOINTS)
    ]
    assert len(set(seen)) == len(seen)
    assert "DPoP-Nonce" not in world.get("/mallimaa/status-lists").headers


BAD_PROOFS: dict[str, tuple[Callable[[Prover], list[str]], str]] = {
    "two proofs": (lambda one: [one.dpop("token"), one.dpop("token")], "dpop_repeated"),
    "no JWT": (lambda _: ["x"], "dpop_malformed"),
    "another method": (lambda one: [one.dpop("token", htm="GET")], "dpop_for_other_request"),
    "another address": (lambda one: [one.dpop("credential")], "dpop_for_other_request"),
    "another organisation": (
        lambda one: [one.dpop("token", htu=one.issuer.replace("mallimaa", "kela") + "/token")],
        "dpop_for_other_request",
    ),
    "too old": (
        lambda one: [one.dpop("token", iat=int(one.world.clock.now().timestamp()) - 301)],
        "dpop_stale",
    ),
    "ahead": (
        lambda one: [one.dpop("token", iat=int(one.world.clock.now().timestamp()) + 62)],
        "dpop_stale",
    ),
    "no jti": (lambda one: [one.dpop("token", jti=...)], "dpop_malformed"),
}


@pytest.mark.req("DPOP-03")
@pytest.mark.parametrize("name", BAD_PROOFS)
def test_a_bad_proof_at_the_token_endpoint(wallet: Prover, name: str) -> None:
    make, code = BAD_PROOFS[name]
    answer = wallet.redeem(*(("DPoP", proof) for proof in make(wallet)))
    assert refusal(answer) == (400, "invalid_dpop_proof", code)
    assert "www-authenticate" not in answer.headers
    assert answer.headers["DPoP-Nonce"]


@pytest.mark.req("DPOP-05")
@pytest.mark.parametrize("nonce", [..., "guess", "A" * 75, "\u00e4" * 75, "+" * 75])
def test_the_token_endpoint_gives_a_nonce_first(wallet: Prover, nonce: object) -> None:
    made = wallet.world.offer(offer_body())
    code = wallet.holder.open_link(made["offer_link"]).pre_authorized_code
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        "pre-authorized_code": str(code),
    }
    first = wallet.dpop("token", nonce=nonce)
    answer = wallet.world.post("/mallimaa/token", data=form, headers={"DPoP": first})
    assert refusal(answer) == (400, "use_dpop_nonce", "dpop_nonce_needed")
    # The code was not used up: with the nonce of the answer it gives a token.
    second = wallet.dpop("token", nonce=answer.headers["DPoP-Nonce"])
    again = wallet.world.post("/mallimaa/token", data=form, headers={"DPoP": second})
    assert (again.status_code, again.json()["token_type"]) == (200, "DPoP")


@pytest.mark.req("DPOP-05")
def test_a_nonce_ends_after_five_minutes(wallet: Prover) -> None:
    nonce = wallet.nonce()
    wallet.world.clock.advance(minutes=5, seconds=1)
    answer = wallet.redeem(("DPoP", wallet.dpop("token", nonce=nonce)))
    assert refusal(answer) == (400, "use_dpop_nonce", "dpop_nonce_needed")


@pytest.mark.req("DPOP-05")
def test_a_proof_nonce_is_no_server_nonce(wallet: Prover) -> None:
    answer = wallet.redeem(("DPoP", wallet.dpop("token", nonce=wallet.holder.nonce())))
    assert refusal(answer)[1] == "use_dpop_nonce"


@pytest.mark.req("DPOP-03")
def test_a_proof_counts_once_in_all_processes(wallet: Prover, tmp_path: Path) -> None:
    token, proof = wallet.token(), wallet.dpop("token")
    assert wallet.redeem(("DPoP", proof)).status_code == 200
    assert refusal(wallet.redeem(("DPoP", proof)))[2] == "dpop_replayed"
    # Another process knows the nonce, the token and what was used, by the database and the keys.
    good = wallet.dpop("notification", token)
    other = AskingWorld(wallet.world.settings.database, tmp_path)
    other.clock.at = wallet.world.clock.at
    wallet.world = other
    try:
        answer = wallet.redeem(("DPoP", proof))
        assert refusal(answer) == (400, "invalid_dpop_proof", "dpop_replayed")
        answer = wallet.call("notification", token, ("DPoP", good))
        assert refusal(answer)[1] == "invalid_notification_request"
    finally:
        other.close()


@pytest.mark.req("DPOP-03")
def test_of_many_requests_with_one_proof_one_wins(wallet: Prover) -> None:
    token = wallet.token()
    headers = {
        "Authorization": f"DPoP {token}",
        "DPoP": wallet.dpop("notification", token),
    }
    client = wallet.world.client
    answers = wallet.world.all_at_once(
        [lambda: client.post("/mallimaa/notification", json={}, headers=headers)] * 6
    )
    told = sorted(answer.json()["error"] for answer in answers)
    assert told == ["invalid_dpop_proof"] * 5 + ["invalid_notification_request"]


@pytest.mark.req("DPOP-03")
def test_the_jti_of_one_key_says_nothing_of_another(wallet: Prover) -> None:
    jti = wallet.jti()
    for key in (SoftwareSigner.generate(), SoftwareSigner.generate()):
        answer = wallet.redeem(("DPoP", wallet.dpop("token", key=key, jti=jti)))
        assert answer.status_code == 200, answer.text


@pytest.mark.req("DPOP-02", "DPOP-03")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ath": ...}, "dpop_for_other_token"),
        ({"ath": "A" * 43}, "dpop_for_other_token"),
        ({"htu": "https://issuer.test/mallimaa/token"}, "dpop_for_other_request"),
        ({"htm": "GET"}, "dpop_for_other_request"),
        ({"iat": 1}, "dpop_stale"),
    ],
)
def test_a_bad_proof_with_a_token(
    wallet: Prover, endpoint: str, changes: dict[str, Any], code: str
) -> None:
    token = wallet.token()
    answer = wallet.call(endpoint, token, ("DPoP", wallet.dpop(endpoint, token, **changes)))
    assert refusal(answer) == (401, "invalid_dpop_proof", code)
    assert answer.headers["www-authenticate"] == CHALLENGE.format("invalid_dpop_proof")
    assert answer.headers["DPoP-Nonce"]


@pytest.mark.req("DPOP-03")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_bound_token_without_a_proof(wallet: Prover, endpoint: str) -> None:
    answer = wallet.call(endpoint, wallet.token(), ("Accept", "*/*"))
    assert refusal(answer) == (401, "invalid_dpop_proof", "dpop_missing")
    assert answer.headers["www-authenticate"] == CHALLENGE.format("invalid_dpop_proof")


@pytest.mark.req("DPOP-05")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_where_tokens_are_used_nonces_are_asked_for_by_401(wallet: Prover, endpoint: str) -> None:
    token = wallet.token()
    answer = wallet.call(endpoint, token, ("DPoP", wallet.dpop(endpoint, token, nonce=...)))
    assert refusal(answer) == (401, "use_dpop_nonce", "dpop_nonce_needed")
    assert answer.headers["www-authenticate"] == CHALLENGE.format("use_dpop_nonce")
    again = wallet.dpop(endpoint, token, nonce=answer.headers["DPoP-Nonce"])
    assert wallet.call(endpoint, token, ("DPoP", again)).json()["error"] not in (
        "use_dpop_nonce",
        "invalid_token",
    )


@pytest.mark.req("DPOP-03")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_proof_of_another_key(wallet: Prover, endpoint: str) -> None:
    token = wallet.token()
    other = wallet.dpop(endpoint, token, key=SoftwareSigner.generate())
    answer = wallet.call(endpoint, token, ("DPoP", other))
    assert refusal(answer) == (401, "invalid_token", "token_of_another_key")
    assert answer.headers["www-authenticate"] == CHALLENGE.format("invalid_token")


@pytest.mark.req("DPOP-08")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("with_proof", [True, False])
def test_a_bound_token_as_a_bearers(wallet: Prover, endpoint: str, *, with_proof: bool) -> None:
    token = wallet.token()
    headers = {"Authorization": f"Bearer {token}"}
    if with_proof:
        headers["DPoP"] = wallet.dpop(endpoint, token)
    answer = wallet.world.post(f"/mallimaa/{endpoint}", json={}, headers=headers)
    assert refusal(answer) == (401, "invalid_token", "token_bound_to_key")
    assert answer.headers["www-authenticate"] == CHALLENGE.format("invalid_token")


@pytest.mark.req("DPOP-08")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("also_in_header", [True, False])
def test_a_token_in_the_address(wallet: Prover, endpoint: str, *, also_in_header: bool) -> None:
    token = wallet.token()
    headers = {"DPoP": wallet.dpop(endpoint, token)}
    if also_in_header:
        headers["Authorization"] = f"DPoP {token}"
    answer = wallet.world.post(
        f"/mallimaa/{endpoint}", params={"access_token": token}, json={}, headers=headers
    )
    assert refusal(answer) == (400, "invalid_request", "access_token_in_query")


@pytest.mark.req("DPOP-02")
def test_a_token_that_is_bound_to_nothing_stays_a_bearers(wallet: Prover) -> None:
    answer = wallet.redeem()
    assert answer.json()["token_type"] == "Bearer"
    token = answer.json()["access_token"]
    refused = wallet.call("credential", token)
    assert refusal(refused) == (401, "invalid_token", "token_not_bound")
    assert refused.headers["www-authenticate"] == CHALLENGE.format("invalid_token")
    _card, notification_id = wallet.holder.credential(token)
    assert notification_id


@pytest.mark.req("DPOP-04", "DPOP-03")
def test_waiting_goes_on_with_the_same_key_only(wallet: Prover) -> None:
    body = offer_body()
    del body["claims"]
    answer = wallet.redeem(("DPoP", wallet.dpop("token")), body=body)
    assert answer.json()["token_type"] == "DPoP"
    form = refresh_request_form(answer.json()["refresh_token"])
    thief = wallet.dpop("token", key=SoftwareSigner.generate())
    for headers in ({"DPoP": thief}, {}):
        refused = wallet.world.post("/mallimaa/token", data=form, headers=headers)
        assert refusal(refused)[:2] == (400, "invalid_grant")
    good = {"DPoP": wallet.dpop("token")}
    again = wallet.world.post("/mallimaa/token", data=form, headers=good)
    assert (again.status_code, again.json()["token_type"]) == (200, "DPoP")


def test_what_is_kept_of_a_key_is_its_thumbprint(wallet: Prover) -> None:
    wallet.token()
    kept = repr(wallet.world.dump()["grants"])
    jwk = public_jwk(wallet.key.public_key)
    assert thumbprint(jwk) in kept
    assert jwk["x"] not in kept
