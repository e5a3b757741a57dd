"""Token requests with an authorization code, and tokens that are bound to a key."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.openid4vci import errors
from openid4vc.openid4vci.code_request import (
    CODE_GRANT,
    CodeRequest,
    code_request_form,
    read_code_request,
)
from openid4vc.openid4vci.errors import ProtocolError
from openid4vc.openid4vci.token import (
    GRANT,
    MAX_BOUND_LIFETIME,
    read_token_response,
    token_response,
)
from openid4vc.openid4vci.wallet_errors import MalformedTokenResponse
from tests.openid4vc.openid4vci import kit

FULL = CodeRequest(
    code="SplxlOBeZQQYbYS6WxSbIA",
    redirect_uri="https://wallet.example.org/cb",
    code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    client_id="https://wallet.example",
    details=frozenset({"statement_feedback"}),
)


@pytest.mark.req("VCI-41", "VCI-44")
def test_a_request_comes_back_as_it_was_made() -> None:
    form = code_request_form(FULL)
    assert form["grant_type"] == "authorization_code"
    assert read_code_request(list(form.items())) == FULL
    least = CodeRequest("c")
    assert code_request_form(least) == {"grant_type": "authorization_code", "code": "c"}
    assert read_code_request([("grant_type", CODE_GRANT), ("code", "c")]) == least
    assert "Splx" not in repr(FULL)
    assert "dBjf" not in repr(FULL)


def test_the_published_request_is_read() -> None:
    (text,) = (
        one
        for one in kit.messages("openid4vci/spec-flow-messages.json", "Token Request")
        if "grant_type=authorization_code" in one
    )
    form = [tuple(one.split("=", 1)) for one in kit.body(text).replace("\n", "").split("&")]
    found = read_code_request([(name, value) for name, value in form])
    assert found is not None
    assert (found.code, found.code_verifier) == (FULL.code, FULL.code_verifier)


@pytest.mark.req("VCI-74")
def test_unknown_and_empty_parameters_are_ignored() -> None:
    pairs = [("grant_type", CODE_GRANT), ("code", "c"), ("resource", "x"), ("user_pin", "1")]
    empty = [(name, "") for name in ("redirect_uri", "code_verifier", "client_id")]
    assert read_code_request([*pairs, *empty, ("authorization_details", "")]) == CodeRequest("c")


@pytest.mark.parametrize("grant_type", [GRANT, "refresh_token", "", "AUTHORIZATION_CODE", None])
def test_another_grant_is_for_somebody_else_to_read(grant_type: str | None) -> None:
    pairs = [] if grant_type is None else [("grant_type", grant_type)]
    assert read_code_request([*pairs, ("code", "c")]) is None


@pytest.mark.req("VCI-35")
@pytest.mark.parametrize(
    ("failure", "pairs"),
    [
        (errors.InvalidRequest, []),
        (errors.InvalidRequest, [("code", "")]),
        (errors.InvalidRequest, [("code", "x" * 1_025)]),
        (errors.InvalidRequest, [("code", "c"), ("redirect_uri", "x" * 2_049)]),
        (errors.InvalidRequest, [("code", "c"), ("code_verifier", "x" * 1_025)]),
        (errors.InvalidRequest, [("code", "c"), ("client_id", "ä")]),
        (errors.InvalidRequest, [("code", "c"), ("client_id", "x" * 257)]),
        (errors.ParameterRepeated, [("code", "c"), ("code", "d")]),
        (errors.ParameterRepeated, [("code", "c"), ("code_verifier", "d"), ("code_verifier", "e")]),
        (errors.InvalidAuthorizationDetails, [("code", "c"), ("authorization_details", "{}")]),
        (errors.InvalidAuthorizationDetails, [("code", "c"), ("authorization_details", "x")]),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(
    failure: type[ProtocolError], pairs: list[tuple[str, str]]
) -> None:
    with pytest.raises(failure) as caught:
        read_code_request([("grant_type", CODE_GRANT), *pairs])
    assert type(caught.value) is failure


NAMES = st.sampled_from(["code", "redirect_uri", "code_verifier", "client_id", "x"])


@given(st.lists(st.tuples(NAMES, st.text(max_size=12)), max_size=6))
def test_a_form_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        request = read_code_request([("grant_type", CODE_GRANT), *pairs])
    except ProtocolError:
        return
    assert request is not None
    assert request.code == dict(pairs)["code"]


# --- The token ----------------------------------------------------------------------------------


@pytest.mark.req("DPOP-04", "VCI-39")
def test_a_token_that_is_bound_says_so_and_may_live_longer() -> None:
    body = token_response("token", lifetime=MAX_BOUND_LIFETIME, token_type="DPoP")
    assert body == {"access_token": "token", "token_type": "DPoP", "expires_in": 3_600}
    assert read_token_response(json.loads(json.dumps(body)), token_type="DPoP").expires_in == 3_600
    assert read_token_response({**body, "token_type": "dpop"}, token_type="DPoP").access_token
    with pytest.raises(ValueError, match="an hour"):
        token_response(
            "token", lifetime=MAX_BOUND_LIFETIME + timedelta(seconds=1), token_type="DPoP"
        )


@pytest.mark.req("DPOP-04")
def test_a_wallet_takes_the_kind_of_token_that_it_asked_for() -> None:
    """Whoever proved a key wants no token that works without it, and the other way round."""
    bearer = token_response("token", lifetime=timedelta(minutes=5))
    with pytest.raises(MalformedTokenResponse):
        read_token_response(bearer, token_type="DPoP")
    with pytest.raises(MalformedTokenResponse):
        read_token_response({**bearer, "token_type": "DPoP"})
