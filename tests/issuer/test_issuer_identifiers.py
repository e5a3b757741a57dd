"""Credential identifiers: for wallets that ask with authorization details."""

from typing import Any

import httpx2
import pytest

from keys import strict_json
from openid4vc.openid4vci.credential import read_credential_response, request_json
from openid4vc.openid4vci.errors import (
    InvalidAuthorizationDetails,
    InvalidCredentialRequest,
    UnknownCredentialIdentifier,
)
from openid4vc.openid4vci.token import (
    read_token_response,
    refresh_request_form,
    token_request_form,
)
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, offer_body

TYPE = "statement_feedback"
DETAIL = {"type": "openid_credential", "credential_configuration_id": TYPE}


def code_of(world: World, wallet: TinyWallet, body: Any = None) -> str:
    code = wallet.open_link(world.offer(body)["offer_link"]).pre_authorized_code
    assert code is not None
    return code


def asked(world: World, code: str, details: object = None) -> httpx2.Response:
    form = token_request_form(code, details=[TYPE] if details is None else ())
    if details is not None:
        text = details if isinstance(details, str) else strict_json.dumps(details).decode()
        form["authorization_details"] = text
    return world.post("/mallimaa/token", data=form)


def refused(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"].partition(":")[0]


def request(wallet: TinyWallet, identifier: str | None) -> dict[str, object]:
    if identifier is None:
        return wallet.request(TYPE)
    return request_json(proofs=[wallet.proof()], credential_identifier=identifier)


@pytest.mark.req("VCI-14", "VCI-36", "VCI-37")
def test_who_asks_with_details_gets_an_identifier_and_asks_by_it(
    world: World, wallet: TinyWallet
) -> None:
    server = world.get("/.well-known/oauth-authorization-server/mallimaa").json()
    assert server["authorization_details_types_supported"] == ["openid_credential"]
    answer = asked(world, code_of(world, wallet))
    (detail,) = answer.json()["authorization_details"]
    (identifier,) = detail.pop("credential_identifiers")
    assert detail == DETAIL
    token = read_token_response(answer.json()).access_token

    by_configuration = wallet.ask_credential(token, request(wallet, None))
    assert refused(by_configuration) == (
        400,
        "invalid_credential_request",
        InvalidCredentialRequest.code,
    )
    for guess in (identifier[::-1], TYPE, "ä"):
        unknown = refused(wallet.ask_credential(token, request(wallet, guess)))
        assert unknown == (400, "unknown_credential_identifier", UnknownCredentialIdentifier.code)
    both = {**request(wallet, identifier), "credential_configuration_id": TYPE}
    assert refused(wallet.ask_credential(token, both))[1] == "invalid_credential_request"
    given = wallet.ask_credential(token, request(wallet, identifier))
    assert read_credential_response(given.json()).credentials


@pytest.mark.req("VCI-37")
def test_who_asks_without_details_gets_none_and_may_use_none(
    world: World, wallet: TinyWallet
) -> None:
    mine = asked(world, code_of(world, wallet)).json()["authorization_details"][0]
    plain = world.post("/mallimaa/token", data=token_request_form(code_of(world, wallet))).json()
    assert "authorization_details" not in plain
    (identifier,) = mine["credential_identifiers"]
    for guess in (identifier, "x"):
        answer = wallet.ask_credential(plain["access_token"], request(wallet, guess))
        assert refused(answer)[1] == "unknown_credential_identifier"
    assert wallet.credential(plain["access_token"])


@pytest.mark.req("VCI-32", "VCI-36")
@pytest.mark.parametrize(
    "details",
    [
        "no json",
        [],
        {},
        [TYPE],
        [{**DETAIL, "type": "payment_initiation"}],
        [{"type": "openid_credential"}],
        [{**DETAIL, "credential_configuration_id": "authority_decision"}],
        [DETAIL, {**DETAIL, "credential_configuration_id": "authority_decision"}],
    ],
)
def test_details_that_are_wrong_are_refused_and_cost_no_code(
    world: World, wallet: TinyWallet, details: object
) -> None:
    code = code_of(world, wallet)
    answer = asked(world, code, details)
    wire = "invalid_authorization_details"
    assert refused(answer) == (400, wire, InvalidAuthorizationDetails.code)
    more = [{**DETAIL, "locations": [wallet.issuer], "claims": [], "something": 1}]
    assert asked(world, code, more).status_code == 200


@pytest.mark.req("VCI-36", "VCI-66")
def test_the_next_token_comes_with_the_same_identifier(world: World, wallet: TinyWallet) -> None:
    body = offer_body()
    del body["claims"]
    first = asked(world, code_of(world, wallet, body)).json()
    form = refresh_request_form(first["refresh_token"])
    second = world.post("/mallimaa/token", data=form).json()
    assert second["authorization_details"] == first["authorization_details"]
    (identifier,) = first["authorization_details"][0]["credential_identifiers"]
    answer = wallet.ask_credential(second["access_token"], request(wallet, identifier))
    assert answer.status_code == 202
