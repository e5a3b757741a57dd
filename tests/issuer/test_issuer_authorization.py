"""A wallet asks for a card by itself, from the pushed request to the card."""

import logging
from pathlib import Path
from typing import Any

import pytest

from issuer.ports.claims_source import Later, Nothing, Ready
from issuer.usecases.claims_source_failures import ClaimsSourceUnavailable
from issuer.usecases.sign_in_failures import SignInDeclined, SignInUnavailable
from openid4vc.oauth.redirects import read_authorization_response
from openid4vc.oauth.wallet_errors import AuthorizationDenied
from openid4vc.openid4vci.offer import CredentialOffer
from openid4vc.status_list.bits import Status
from tests.issuer.asking import AINO, REDIRECT, AskingWallet, AskingWorld, Browser, parameters
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, MALLIMAA_TYPE, claims_of

ISSUER = f"{BASE}/mallimaa"
REFERRAL = "wellbeing_referral"


def code_in(address: str, state: str | None = "of-the-wallet") -> str:
    """What a strict wallet reads out of an address."""
    return read_authorization_response(
        address, issuer=ISSUER, state=state, issuer_must_be_named=True
    )


@pytest.mark.req("HAIP-01", "HAIP-02", "VCI-40", "VCI-41", "DPOP-04")
def test_a_wallet_asks_and_gets_a_card(asked: AskingWorld, asking: AskingWallet) -> None:
    card, told = asking.receive()

    assert told["token_type"] == "DPoP"
    assert asking.holder.status_of(card) is Status.VALID
    assert [one[:3] for one in asked.source.asked] == [("mallimaa", MALLIMAA_TYPE, AINO)]


@pytest.mark.req("HAIP-01", "VCI-42")
def test_the_metadata_say_how(asking: AskingWallet) -> None:
    server = asking.holder.metadata()[1]

    assert server.authorization_endpoint == f"{ISSUER}/authorize"
    assert server.pushed_endpoint == f"{ISSUER}/par"
    assert server.names_itself


@pytest.mark.req("VCI-40")
def test_a_pushed_request_lives_for_a_minute(asking: AskingWallet) -> None:
    answer = asking.push()

    assert answer.status_code == 201
    told = answer.json()
    assert told["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert told["expires_in"] == 60
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.req("VCI-42", "VCI-28")
@pytest.mark.parametrize("state", ["of-the-wallet", None])
def test_the_code_comes_back_with_state_and_issuer(
    asked: AskingWorld, asking: AskingWallet, state: str | None
) -> None:
    browser = Browser(asked)

    sent = browser.answer(browser.sign_in(asking.link(state=state)))

    assert sent.status_code == 303
    address = sent.headers["location"]
    assert address.startswith(f"{REDIRECT}?")
    assert asking.redeem(code_in(address, state)).status_code == 200
    assert ("state" in parameters(address)) is (state is not None)


@pytest.mark.req("VCI-33")
def test_unknown_scopes_are_ignored(asking: AskingWallet) -> None:
    scopes = frozenset({"openid", "made_up", MALLIMAA_TYPE})
    told = asking.tokens(scopes=scopes)

    assert "authorization_details" not in told
    asking.credential(told["access_token"])


@pytest.mark.req("VCI-33", "VCI-36", "VCI-37")
def test_details_win_over_a_scope_of_the_same_card(asking: AskingWallet) -> None:
    told = asking.tokens(details=frozenset({MALLIMAA_TYPE}))

    (detail,) = told["authorization_details"]
    (identifier,) = detail["credential_identifiers"]
    assert detail["credential_configuration_id"] == MALLIMAA_TYPE
    by_type = asking.ask_credential(told["access_token"])
    assert by_type.json()["error"] == "invalid_credential_request"
    assert (
        asking.ask_credential(told["access_token"], credential_identifier=identifier).status_code
        == 200
    )


@pytest.mark.req("VCI-44")
def test_the_token_request_may_ask_for_details_too(asking: AskingWallet) -> None:
    answer = asking.redeem(asking.code(), details=frozenset({MALLIMAA_TYPE}))

    assert answer.json()["authorization_details"][0]["credential_identifiers"]


@pytest.mark.req("VCI-33")
@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"scopes": frozenset()}, "invalid_scope", "nothing_asked_for"),
        ({"scopes": frozenset({"made_up"})}, "invalid_scope", "nothing_asked_for"),
        ({"scopes": frozenset({MALLIMAA_TYPE, REFERRAL})}, "invalid_scope", "several_asked_for"),
        (
            {"details": frozenset({MALLIMAA_TYPE, REFERRAL})},
            "invalid_authorization_details",
            "details_not_to_be_had",
        ),
        (
            {"details": frozenset({"made_up"})},
            "invalid_authorization_details",
            "details_not_to_be_had",
        ),
    ],
)
def test_one_card_that_can_be_had_is_asked_for(
    asked: AskingWorld, asking: AskingWallet, changes: dict[str, Any], error: str, code: str
) -> None:
    answer = asking.push(**changes)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert code in answer.json()["error_description"]
    assert asked.dump()["authorizations"] == []


def test_what_the_organisations_system_does_not_serve_cannot_be_asked_for(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    asked.source.types = frozenset()

    assert asking.push().json()["error"] == "invalid_scope"


def test_where_nobody_can_sign_in_nothing_is_asked_for(tmp_path: Path) -> None:
    world = AskingWorld(f"sqlite:///{tmp_path}/issuer.db", tmp_path, has_sign_in=False)
    wallet = AskingWallet(world)

    assert wallet.push().json()["error"] == "invalid_scope"
    assert wallet.holder.metadata()[1].authorization_endpoint is None
    world.close()


def test_claims_that_come_later_are_waited_for(asked: AskingWorld, asking: AskingWallet) -> None:
    asked.source.answer = Later("client-4711")
    told = asking.tokens()
    waiting = asking.ask_credential(told["access_token"])
    assert waiting.status_code == 202

    request_id = asked.source.asked[0][3]
    put = asked.run(
        asked.client.put(
            f"/api/v1/mallimaa/offers/{request_id}/claims",
            json={"claims": claims_of(MALLIMAA_TYPE)},
            headers=asked.auth(),
        )
    )
    assert put.status_code in {200, 204}, put.text
    asked.clock.advance(days=2)
    token = asking.refresh(told["refresh_token"]).json()["access_token"]
    transaction = {"transaction_id": waiting.json()["transaction_id"]}
    answer = asking.post("deferred-credential", token, json=transaction)

    assert answer.status_code == 200, answer.text
    assert asking.holder.status_of(answer.json()["credentials"][0]["credential"]) is Status.VALID


@pytest.mark.req("VCI-42")
def test_nothing_for_this_person(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    asked.source.answer = Nothing()
    browser = Browser(asked)

    page = browser.answer(browser.sign_in(asking.link()))

    assert page.status_code == 200
    back = page.text.partition(f'href="{REDIRECT}?')[2].partition('"')[0].replace("&amp;", "&")
    with pytest.raises(AuthorizationDenied, match="access_denied"):
        code_in(f"{REDIRECT}?{back}")
    assert browser.open("/mallimaa/consent").status_code == 400
    assert "nothing_for_person" in caplog.text


@pytest.mark.req("VCI-42")
def test_a_person_may_decline(asked: AskingWorld, asking: AskingWallet) -> None:
    browser = Browser(asked)

    sent = browser.answer(browser.sign_in(asking.link()), "decline")

    assert sent.status_code == 303
    with pytest.raises(AuthorizationDenied, match="access_denied"):
        code_in(sent.headers["location"])
    assert asked.source.asked == []
    assert asked.dump()["offers"] == []


def test_a_person_may_think_better_of_it(asked: AskingWorld, asking: AskingWallet) -> None:
    browser = Browser(asked)
    page = browser.sign_in(asking.link())
    code = parameters(browser.answer(page).headers["location"])["code"]

    sent = browser.answer(page, "decline")

    assert parameters(sent.headers["location"])["error"] == "access_denied"
    assert asking.redeem(code).json()["error"] == "invalid_grant"
    assert asked.dump()["sealed_claims"] == []


def test_whatever_is_not_a_yes_is_a_no(asked: AskingWorld, asking: AskingWallet) -> None:
    browser = Browser(asked)

    sent = browser.answer(browser.sign_in(asking.link()), "perhaps")

    assert parameters(sent.headers["location"])["error"] == "access_denied"


def test_an_impatient_finger_gets_one_code(asked: AskingWorld, asking: AskingWallet) -> None:
    browser = Browser(asked)
    page = browser.sign_in(asking.link())

    first, second = browser.answer(page), browser.answer(page)

    assert first.headers["location"] == second.headers["location"]
    assert len(asked.dump()["offers"]) == 1


def test_a_system_that_is_away_can_be_asked_again(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    browser, answer = Browser(asked), asked.source.answer
    page = browser.sign_in(asking.link())
    asked.source.answer = ClaimsSourceUnavailable("away")

    assert browser.answer(page).status_code == 503

    asked.source.answer = answer
    assert browser.answer(page).status_code == 303
    assert "claims_source_unavailable" in caplog.text


def test_claims_that_do_not_fit_make_no_card(asked: AskingWorld, asking: AskingWallet) -> None:
    asked.source.answer = Ready("client-4711", {**claims_of(MALLIMAA_TYPE), "made_up": "x"})
    browser = Browser(asked)

    page = browser.answer(browser.sign_in(asking.link()))

    assert page.status_code == 503
    assert "error=server_error" in page.text
    assert asked.dump()["offers"] == []


def test_a_provider_that_is_away_uses_nothing_up(asked: AskingWorld, asking: AskingWallet) -> None:
    browser, link = Browser(asked), asking.link()
    asked.sign_in.failure = SignInUnavailable("away")

    assert browser.open(link).status_code == 503
    assert browser.cookie is None

    asked.sign_in.failure = None
    assert browser.sign_in(link).status_code == 200


@pytest.mark.req("VCI-42")
def test_somebody_who_does_not_sign_in_goes_back(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    browser = Browser(asked)
    sent = browser.open(asking.link())
    state = parameters(sent.headers["location"])["state"]
    asked.sign_in.failure = SignInDeclined("access_denied")

    page = browser.open(f"/mallimaa/sign-in?error=access_denied&state={state}")

    assert page.status_code == 200
    assert "error=access_denied" in page.text
    assert "sign_in_declined" in caplog.text


@pytest.mark.req("VCI-28")
def test_a_code_is_no_preauthorized_code_and_the_other_way_round(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    wallet = TinyWallet(asked)
    code = asking.code()
    offer = CredentialOffer(ISSUER, (MALLIMAA_TYPE,), pre_authorized_code=code)
    assert wallet.ask_token(offer).json()["error"] == "invalid_grant"
    theirs = wallet.open_link(asked.offer()["offer_link"]).pre_authorized_code
    assert theirs is not None

    assert asking.redeem(theirs).json()["error"] == "invalid_grant"

    assert asking.redeem(code).status_code == 200


def test_the_organisation_sees_what_was_asked_for(asked: AskingWorld, asking: AskingWallet) -> None:
    asking.code()
    (_, _, _, offer_id, language) = asked.source.asked[0]

    told = asked.offer_state(offer_id)

    assert (told["state"], told["channel"], told["offer_link"]) == ("offered", "wallet", None)
    assert language == "fi"
    path = f"/api/v1/mallimaa/offers/{offer_id}/reoffer"
    again = asked.post(path, json={}, headers=asked.auth())
    assert again.status_code == 201, again.text
    assert asked.offer_state(again.json()["offer_id"])["channel"] == "screen"
