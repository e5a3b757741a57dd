"""Authorization codes: for one wallet, one key, one address, and once."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from keys.jose import public_jwk, thumbprint
from keys.software_signer import SoftwareSigner
from openid4vc.oauth.authorization import pushed_request_form
from openid4vc.openid4vci.credential import read_credential_response
from openid4vc.status_list.bits import Status
from tests.issuer.asking import AskingWallet, AskingWorld, Browser, parameters
from tests.issuer.world import MALLIMAA_TYPE

Change = Callable[[AskingWallet], object]


def another_client(wallet: AskingWallet) -> None:
    wallet.client_id = "another-wallet"


def another_instance(wallet: AskingWallet) -> None:
    wallet.instance = SoftwareSigner.generate()


def another_key(wallet: AskingWallet) -> None:
    wallet.key = SoftwareSigner.generate()


def nothing(wallet: AskingWallet) -> None:
    """The wallet itself."""


@pytest.mark.req("VCI-41", "VCI-43", "DPOP-07", "HAIP-02")
@pytest.mark.parametrize(
    ("change", "form", "code"),
    [
        (another_client, {"client_id": "another-wallet"}, "code_of_other_client"),
        (another_instance, {}, "code_of_other_instance"),
        (another_key, {}, "code_of_other_key"),
        (nothing, {"redirect_uri": "http://127.0.0.1:1/callback"}, "code_redirect_differs"),
        (nothing, {"redirect_uri": None}, "code_redirect_differs"),
        (nothing, {"code_verifier": "w" * 43}, "code_verifier_wrong"),
        (nothing, {"code_verifier": None}, "code_verifier_missing"),
    ],
)
def test_a_stolen_code_is_dead(
    asked: AskingWorld, asking: AskingWallet, change: Change, form: dict[str, Any], code: str
) -> None:
    stolen = asking.code()
    thief = AskingWallet(asked, instance=asking.instance, key=asking.key, nonce=asking.nonce)
    change(thief)

    answer = thief.redeem(stolen, **form)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert code in answer.json()["error_description"]
    assert asking.redeem(stolen).json()["error"] == "invalid_grant"
    assert asked.dump()["grants"] == []
    assert asked.dump()["sealed_claims"] == []


@pytest.mark.req("HAIP-02", "DPOP-04")
@pytest.mark.parametrize("header", ["DPoP", "OAuth-Client-Attestation"])
def test_who_shows_nothing_uses_nothing_up(
    asked: AskingWorld, asking: AskingWallet, header: str
) -> None:
    code = asking.code()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://127.0.0.1:43210/callback",
        "code_verifier": asking.verifier,
    }
    headers = asking.headers("token")
    kept = {name: value for name, value in headers.items() if not name.startswith(header)}

    assert asked.post("/mallimaa/token", data=form, headers=kept).status_code in {400, 401}

    assert asking.redeem(code).status_code == 200


@pytest.mark.req("DPOP-07")
def test_a_key_named_by_its_thumbprint_is_the_only_one(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    jkt = thumbprint(public_jwk(asking.key.public_key))
    headers = asking.headers("par")
    del headers["DPoP"]
    form = pushed_request_form(asking.request(dpop_jkt=jkt))
    pushed = asked.post("/mallimaa/par", data=form, headers=headers).json()
    query = {"client_id": asking.client_id, "request_uri": pushed["request_uri"]}
    browser = Browser(asked)
    sent = browser.answer(browser.sign_in(f"/mallimaa/authorize?{urlencode(query)}"))
    code = parameters(sent.headers["location"])["code"]
    another_key(asking)

    answer = asking.redeem(code)

    assert "code_of_other_key" in answer.json()["error_description"]


@pytest.mark.req("VCI-43", "VCI-28")
def test_a_code_lives_for_a_minute(asked: AskingWorld, asking: AskingWallet) -> None:
    code = asking.code()
    asked.clock.advance(seconds=60)

    answer = asking.redeem(code)

    assert answer.json()["error"] == "invalid_grant"
    assert "code_refused" in answer.json()["error_description"]


@pytest.mark.req("VCI-43")
def test_a_code_used_again_ends_what_came_of_it(asked: AskingWorld, asking: AskingWallet) -> None:
    code = asking.code()
    told = asking.redeem(code).json()
    card, _ = asking.credential(told["access_token"])

    again = asking.redeem(code)

    assert again.json()["error"] == "invalid_grant"
    assert "code_used_before" in again.json()["error_description"]
    assert asking.holder.status_of(card) is Status.INVALID
    denied = asking.ask_credential(told["access_token"])
    assert denied.json()["error"] == "credential_request_denied"
    assert asking.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"
    assert asked.dump()["sealed_claims"] == []


@pytest.mark.req("VCI-43")
def test_a_card_that_arrived_stays_when_its_code_comes_again(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    code = asking.code()
    token = asking.redeem(code).json()["access_token"]
    card, notification_id = asking.credential(token)
    asking.accept(token, notification_id)

    assert asking.redeem(code).status_code == 400

    assert asking.holder.status_of(card) is Status.VALID


@pytest.mark.req("VCI-43")
def test_of_many_at_once_one_gets_tokens(asked: AskingWorld, asking: AskingWallet) -> None:
    code = asking.code()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://127.0.0.1:43210/callback",
        "code_verifier": asking.verifier,
    }
    tries = [asking.headers("token") for _ in range(8)]

    post = asked.client.post
    answers = asked.all_at_once(
        [partial(post, "/mallimaa/token", data=form, headers=headers) for headers in tries]
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 7]


@pytest.mark.req("VCI-44")
def test_another_card_than_agreed_costs_nothing(asking: AskingWallet) -> None:
    code = asking.code()

    other = asking.redeem(code, details=frozenset({"wellbeing_referral"}))

    assert other.json()["error"] == "invalid_authorization_details"
    assert asking.redeem(code).status_code == 200


@pytest.mark.req("DPOP-02", "DPOP-08")
def test_the_token_counts_with_its_key_only(asked: AskingWorld, asking: AskingWallet) -> None:
    token = asking.tokens()["access_token"]
    body = asking.holder.request(MALLIMAA_TYPE)

    as_bearer = asking.holder.ask_credential(token, body)
    thief = AskingWallet(asked, nonce=asking.nonce)
    with_other_key = thief.ask_credential(token)

    assert as_bearer.status_code == with_other_key.status_code == 401
    card = read_credential_response(asking.ask_credential(token).json()).credentials[0]
    assert asking.holder.status_of(card) is Status.VALID


@pytest.mark.req("DPOP-04", "ABCA-14")
def test_a_preauthorized_code_binds_when_the_wallet_shows_its_keys(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    link = asked.offer()["offer_link"]
    code = asking.holder.open_link(link).pre_authorized_code
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        "pre-authorized_code": code,
    }

    answer = asking.post("token", data=form)

    assert answer.json()["token_type"] == "DPoP"
    token = answer.json()["access_token"]
    body = asking.holder.request(MALLIMAA_TYPE)
    assert asking.holder.ask_credential(token, body).status_code == 401
    assert asking.ask_credential(token).status_code == 200
