"""Pushed authorization requests, the link that begins them, and PKCE."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.credential_details import details_json
from openid4vc.oauth import errors
from openid4vc.oauth.authorization import (
    AuthorizationQuery,
    PushedRequest,
    PushedResponse,
    authorization_link,
    pushed_request_form,
    pushed_response,
    read_authorization_query,
    read_pushed_request,
    read_pushed_response,
)
from openid4vc.oauth.errors import AuthorizationRefused
from openid4vc.oauth.pkce import check_code_verifier, code_challenge, make_code_verifier
from openid4vc.oauth.wallet_errors import PushedResponseMalformed
from tests.openid4vc.oauth import kit
from tests.openid4vc.openid4vci.kit import JSON, body, messages, vector

REQUEST_URI = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"
GOOD = {
    "response_type": "code",
    "client_id": kit.CLIENT,
    "redirect_uri": kit.REDIRECT,
    "code_challenge": kit.CHALLENGE,
    "code_challenge_method": "S256",
}
FULL = PushedRequest(
    client_id=kit.CLIENT,
    redirect_uri=kit.REDIRECT,
    code_challenge=kit.CHALLENGE,
    state="af0ifjsldkj",
    scopes=frozenset({"statement_feedback", "authority_decision"}),
    details=frozenset({"statement_feedback"}),
    issuer_state="eyJhbGciOiJSU0Et...FYUaBy",
    dpop_jkt="0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
)


def read(**changes: str | None) -> PushedRequest:
    form = {**GOOD, **changes}
    return read_pushed_request([(name, value) for name, value in form.items() if value is not None])


# --- The pushed request -------------------------------------------------------------------------


@pytest.mark.req("VCI-40", "VCI-32", "VCI-33", "DPOP-07")
def test_a_request_comes_back_as_it_was_made() -> None:
    form = pushed_request_form(FULL)
    assert read_pushed_request(list(form.items())) == FULL
    assert form["response_type"] == "code"
    assert form["code_challenge_method"] == "S256"
    least = PushedRequest(kit.CLIENT, kit.REDIRECT, kit.CHALLENGE)
    assert pushed_request_form(least) == GOOD
    assert read() == least
    assert "af0ifjsldkj" not in repr(FULL)


@pytest.mark.req("VCI-32")
def test_details_name_the_issuer_where_there_are_several_servers() -> None:
    form = pushed_request_form(FULL, location=kit.ISSUER)
    published = vector("openid4vci/authorization_details_with_as.json")
    assert details_json(
        ["UniversityDegreeCredential"], location="https://credential-issuer.example.com"
    ) == details_json(["UniversityDegreeCredential"], location=published[0]["locations"][0])
    assert read_pushed_request(list(form.items()), location=kit.ISSUER) == FULL
    with pytest.raises(errors.AuthorizationDetailsMalformed):
        read_pushed_request(list(form.items()), location="https://another.example")


@pytest.mark.req("VCI-32", "VCI-40")
def test_the_published_requests_are_read() -> None:
    (text,) = (
        one for one in messages("openid4vci/spec-flow-messages.json", "Pushed") if "/par" in one
    )
    pairs = [tuple(one.split("=", 1)) for one in body(text).replace("\n", "").split("&")]
    form = {name: value for name, value in pairs if name != "authorization_details"}
    form["redirect_uri"] = "https://wallet.example.org/cb"
    details = (vector(f"openid4vci/authorization_details{one}.json") for one in ("", "_sd_jwt_vc"))
    for one, name in zip(details, ["UniversityDegreeCredential", "PID_SD_JWT_VC"], strict=True):
        found = read_pushed_request([*form.items(), ("authorization_details", json.dumps(one))])
        assert (found.client_id, found.code_challenge) == ("CLIENT1234", kit.CHALLENGE)
        assert found.details == frozenset({name})


@pytest.mark.req("VCI-33")
def test_each_scope_is_read_on_its_own_and_unknown_ones_come_along() -> None:
    assert read(scope="a  b openid").scopes == {"a", "b", "openid"}
    assert read(scope="").scopes == frozenset()
    assert read().scopes == frozenset()


@pytest.mark.req("VCI-74", "VCI-40")
def test_unknown_and_empty_parameters_are_ignored() -> None:
    assert read(resource=kit.ISSUER, wallet_issuer="x", user_hint="y", prompt="login") == read()
    assert read(state="", scope="", issuer_state="", dpop_jkt="", request_uri="") == read()
    assert read(response_mode="query") == read()


REFUSED: list[tuple[str, type[AuthorizationRefused], str, dict[str, str | None]]] = [
    (
        "a request_uri in it",
        errors.RequestByReference,
        "invalid_request",
        {"request_uri": REQUEST_URI},
    ),
    ("a request object", errors.RequestByReference, "invalid_request", {"request": "e.e.e"}),
    (
        "no response type",
        errors.AuthorizationRequestMalformed,
        "invalid_request",
        {"response_type": None},
    ),
    (
        "a token at once",
        errors.ResponseTypeNotTaken,
        "unsupported_response_type",
        {"response_type": "token"},
    ),
    (
        "code and more",
        errors.ResponseTypeNotTaken,
        "unsupported_response_type",
        {"response_type": "code id_token"},
    ),
    (
        "an answer in the fragment",
        errors.AuthorizationRequestMalformed,
        "invalid_request",
        {"response_mode": "fragment"},
    ),
    ("no client", errors.AuthorizationRequestMalformed, "invalid_request", {"client_id": None}),
    (
        "a client of no characters",
        errors.AuthorizationRequestMalformed,
        "invalid_request",
        {"client_id": "ä"},
    ),
    (
        "a client too long",
        errors.AuthorizationRequestMalformed,
        "invalid_request",
        {"client_id": "x" * 257},
    ),
    (
        "no redirect URI",
        errors.AuthorizationRequestMalformed,
        "invalid_request",
        {"redirect_uri": None},
    ),
    (
        "an open redirect",
        errors.RedirectUriNotAllowed,
        "invalid_request",
        {"redirect_uri": "http://evil.example/"},
    ),
    ("no challenge", errors.CodeChallengeMissing, "invalid_request", {"code_challenge": None}),
    ("a short challenge", errors.CodeChallengeMissing, "invalid_request", {"code_challenge": "a"}),
    (
        "a challenge of 44",
        errors.CodeChallengeMissing,
        "invalid_request",
        {"code_challenge": kit.CHALLENGE + "A"},
    ),
    (
        "no method, which is plain",
        errors.CodeChallengeMethodNotTaken,
        "invalid_request",
        {"code_challenge_method": None},
    ),
    (
        "plain",
        errors.CodeChallengeMethodNotTaken,
        "invalid_request",
        {"code_challenge_method": "plain"},
    ),
    (
        "a method in small letters",
        errors.CodeChallengeMethodNotTaken,
        "invalid_request",
        {"code_challenge_method": "s256"},
    ),
    (
        "a state too long",
        errors.AuthorizationRequestMalformed,
        "invalid_request",
        {"state": "x" * 1_025},
    ),
    (
        "a state of two lines",
        errors.AuthorizationRequestMalformed,
        "invalid_request",
        {"state": "a\r\nb"},
    ),
    (
        "a thumbprint of another form",
        errors.AuthorizationRequestMalformed,
        "invalid_request",
        {"dpop_jkt": "x"},
    ),
    (
        "details that are no JSON",
        errors.AuthorizationDetailsMalformed,
        "invalid_authorization_details",
        {"authorization_details": "x"},
    ),
    (
        "no details in the array",
        errors.AuthorizationDetailsMalformed,
        "invalid_authorization_details",
        {"authorization_details": "[]"},
    ),
    (
        "details of another type",
        errors.AuthorizationDetailsMalformed,
        "invalid_authorization_details",
        {"authorization_details": '[{"type":"payment","credential_configuration_id":"a"}]'},
    ),
    (
        "details of nothing",
        errors.AuthorizationDetailsMalformed,
        "invalid_authorization_details",
        {"authorization_details": '[{"type":"openid_credential"}]'},
    ),
    (
        "locations a text",
        errors.AuthorizationDetailsMalformed,
        "invalid_authorization_details",
        {
            "authorization_details": '[{"type":"openid_credential",'
            '"credential_configuration_id":"a","locations":"x"}]'
        },
    ),
    (
        "details with a lone surrogate",
        errors.AuthorizationDetailsMalformed,
        "invalid_authorization_details",
        {"authorization_details": "[\ud800]"},
    ),
]


@pytest.mark.req("VCI-40", "VCI-41", "HAIP-01")
@pytest.mark.parametrize(
    ("failure", "wire", "changes"),
    [case[1:] for case in REFUSED],
    ids=[case[0] for case in REFUSED],
)
def test_a_request_that_breaks_a_rule_is_refused(
    failure: type[AuthorizationRefused], wire: str, changes: dict[str, str | None]
) -> None:
    with pytest.raises(failure) as caught:
        read(**changes)
    assert type(caught.value) is failure
    assert caught.value.error == wire


@pytest.mark.req("VCI-40")
@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "code_challenge", "scope"])
def test_a_parameter_comes_once(name: str) -> None:
    with pytest.raises(errors.AuthorizationRequestMalformed):
        read_pushed_request([*GOOD.items(), (name, "x"), (name, "y")])


# --- Its answer, and the link -------------------------------------------------------------------


@pytest.mark.req("VCI-40")
def test_the_answer_comes_back_as_it_was_made() -> None:
    data = pushed_response(REQUEST_URI, timedelta(seconds=60))
    (text,) = (
        one for one in messages("openid4vci/spec-flow-messages.json", "Pushed") if "201" in one
    )
    assert data == json.loads(body(text))
    assert read_pushed_response({**data, "x": 1}) == PushedResponse(
        REQUEST_URI, timedelta(seconds=60)
    )


@pytest.mark.req("VCI-40")
@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"request_uri": REQUEST_URI},
        {"expires_in": 60},
        {"request_uri": "", "expires_in": 60},
        {"request_uri": "x" * 513, "expires_in": 60},
        {"request_uri": REQUEST_URI, "expires_in": 0},
        {"request_uri": REQUEST_URI, "expires_in": 3_601},
        {"request_uri": REQUEST_URI, "expires_in": "60"},
        {"request_uri": REQUEST_URI, "expires_in": True},
    ],
)
def test_an_answer_that_breaks_a_rule_is_refused(data: object) -> None:
    with pytest.raises(PushedResponseMalformed):
        read_pushed_response(data)


@pytest.mark.req("VCI-40")
def test_the_link_holds_the_client_and_where_the_request_is() -> None:
    link = authorization_link(
        "https://server.example.com/authorize", client_id="s6BhdRkqt3", request_uri=REQUEST_URI
    )
    (text,) = (
        one
        for one in messages("openid4vci/spec-flow-messages.json", "Pushed")
        if one.startswith("GET")
    )
    published = "".join(text.partition("\nHost")[0].split()).removeprefix("GET")
    assert link.removeprefix("https://server.example.com") == published.replace("HTTP/1.1", "")
    own = authorization_link("https://a.example/x?y=1", client_id="a b", request_uri="urn:c")
    assert own == "https://a.example/x?y=1&client_id=a+b&request_uri=urn%3Ac"


@pytest.mark.req("VCI-40")
def test_what_the_browser_brings_is_read() -> None:
    pairs = [("client_id", kit.CLIENT), ("request_uri", REQUEST_URI)]
    assert read_authorization_query(pairs) == AuthorizationQuery(kit.CLIENT, REQUEST_URI)
    # What was pushed decides, not what stands beside it in the address
    assert read_authorization_query(
        [*pairs, ("redirect_uri", "https://evil.example"), ("scope", "x")]
    ) == AuthorizationQuery(kit.CLIENT, REQUEST_URI)


@pytest.mark.req("VCI-40", "HAIP-01")
@pytest.mark.parametrize(
    ("failure", "pairs"),
    [
        (errors.PushedRequestMissing, list(GOOD.items())),
        (errors.PushedRequestMissing, [("client_id", "a"), ("request_uri", "")]),
        (errors.PushedRequestMissing, [("client_id", "a"), ("request_uri", "https://a.example")]),
        (
            errors.PushedRequestMissing,
            [("client_id", "a"), ("request_uri", REQUEST_URI + "x" * 512)],
        ),
        (errors.PushedRequestMissing, [("client_id", "a"), ("request_uri", REQUEST_URI + "ä")]),
        (errors.AuthorizationRequestMalformed, [("request_uri", REQUEST_URI)]),
        (
            errors.AuthorizationRequestMalformed,
            [("client_id", "a"), ("client_id", "b"), ("request_uri", REQUEST_URI)],
        ),
    ],
)
def test_a_request_that_was_not_pushed_is_none(
    failure: type[AuthorizationRefused], pairs: list[tuple[str, str]]
) -> None:
    with pytest.raises(failure) as caught:
        read_authorization_query(pairs)
    assert caught.value.error == "invalid_request"


# --- PKCE ---------------------------------------------------------------------------------------


@pytest.mark.req("VCI-41")
def test_the_published_verifier_leads_to_its_challenge() -> None:
    assert code_challenge(kit.VERIFIER) == kit.CHALLENGE
    check_code_verifier(kit.VERIFIER, kit.CHALLENGE)
    mine = make_code_verifier(bytes(32))
    assert len(mine) == 43
    check_code_verifier(mine, code_challenge(mine))
    with pytest.raises(ValueError, match="32"):
        make_code_verifier(bytes(16))


@pytest.mark.req("VCI-41")
@pytest.mark.parametrize(
    ("failure", "verifier"),
    [
        (errors.CodeVerifierMissing, None),
        (errors.CodeVerifierWrong, ""),
        (errors.CodeVerifierWrong, "x" * 43),
        (errors.CodeVerifierWrong, kit.CHALLENGE),  # as plain would have it
        (errors.CodeVerifierWrong, kit.VERIFIER[:-1]),
        (errors.CodeVerifierWrong, kit.VERIFIER + "\n"),
        (errors.CodeVerifierWrong, "x" * 129),
        (errors.CodeVerifierWrong, "ä" * 43),
    ],
)
def test_a_code_is_of_no_use_without_its_verifier(
    failure: type[AuthorizationRefused], verifier: str | None
) -> None:
    with pytest.raises(failure) as caught:
        check_code_verifier(verifier, kit.CHALLENGE)
    assert type(caught.value) is failure
    assert caught.value.error == "invalid_grant"


# --- Garbage ------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [*GOOD, "state", "scope", "authorization_details", "issuer_state", "dpop_jkt", "request_uri"]
)


@given(st.lists(st.tuples(NAMES, st.text(max_size=12)), max_size=6))
def test_a_form_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    form = {**GOOD, **dict(pairs)}
    try:
        request = read_pushed_request([*form.items()])
    except AuthorizationRefused:
        return
    assert request.redirect_uri == form["redirect_uri"]
    assert request.code_challenge == form["code_challenge"]


@given(JSON)
def test_no_answer_breaks_anything(data: Any) -> None:
    with pytest.raises(PushedResponseMalformed):
        read_pushed_response(data)
