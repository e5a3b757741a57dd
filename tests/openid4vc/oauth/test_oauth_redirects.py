"""Where an authorization may lead back to, and what a wallet believes of what comes back."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from openid4vc.oauth import wallet_errors as failures
from openid4vc.oauth.errors import RedirectUriNotAllowed
from openid4vc.oauth.redirects import (
    check_redirect_uri,
    error_redirect,
    read_authorization_response,
    success_redirect,
)
from tests.openid4vc.oauth import kit

STATE = "af0ifjsldkj"
RIGHT = {"code": "SplxlOBeZQQYbYS6WxSbIA", "state": STATE, "iss": kit.ISSUER}


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, strict_parsing=True)


def come_back(*, named: bool = True, sent: str | None = STATE, **parameters: str | None) -> str:
    """Read a response in which some parameters are others, or missing."""
    answer = {**RIGHT, **parameters}
    kept = {name: value for name, value in answer.items() if value is not None}
    return read_authorization_response(
        f"{kit.REDIRECT}?{urlencode(kept)}",
        issuer=kit.ISSUER,
        state=sent,
        issuer_must_be_named=named,
    )


# --- Addresses ----------------------------------------------------------------------------------


@pytest.mark.req("HAIP-01")
@pytest.mark.parametrize(
    "uri",
    [
        "https://wallet.example.org/cb",
        "https://wallet.example.org:8443/cb?x=1",
        "http://127.0.0.1:49152/callback",
        "http://127.0.0.1/",
        "http://[::1]:1/callback",
        "HTTPS://Wallet.Example.org/cb",
        "http://localhost:3000/callback",
        "fi.example.wallet:/callback",
        "fi.example.wallet://callback",
        "eu.europa.ec.euidi://authorization",
    ],
)
def test_an_address_of_a_wallet_is_one(uri: str) -> None:
    assert check_redirect_uri(uri) == uri


@pytest.mark.req("HAIP-01")
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "callback",
        "//wallet.example.org/cb",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://a.example/x",
        "http://wallet.example.org/cb",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil.example/",
        "http://127.0.0.1@evil.example/",
        "https://user@wallet.example.org/",
        "https://user:secret@wallet.example.org/",
        "https://",
        "https:///cb",
        "https://wallet.example.org/cb#",
        "https://wallet.example.org/cb#x",
        "https://wallet.example.org:x/",
        "https://wallet.example.org\\@evil.example/",
        "https://wallet.example.org/\r\nSet-Cookie: a=b",
        "https://wallet.example.org/a b",
        "https://wället.example.org/",
        " https://wallet.example.org/",
        "https://wallet.example.org/<script>",
        "https://wallet.example.org/cb?code=x",
        "https://wallet.example.org/cb?state=",
        "https://wallet.example.org/cb?iss=https://evil.example",
        "wallet:/callback",
        "wallet.:/callback",
        ".wallet:/callback",
        "https://wallet.example.org/" + "x" * 2_048,
        "https://[::1",
        "fi.example.wallet://user@callback",
        "https://wallet.example.org;sandbox/cb",
        "https://wallet.example.org,evil.example/cb",
        "https://*/cb",
        "https://*.example.org/cb",
        "https://'self'/cb",
        "https://evil%2eexample/cb",
        "https://wallet.example.org:/cb",
        "https://wallet..example.org/cb",
        "http://127.0.0.1:/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "http://127.1/cb",
        "http://2130706433/cb",
        "http://0x7f000001/cb",
        "http://localhost./cb",
        "https://wallet.example.org/cb?%63ode=x",
    ],
)
def test_any_other_address_is_none(uri: str) -> None:
    with pytest.raises(RedirectUriNotAllowed) as caught:
        check_redirect_uri(uri)
    assert caught.value.error == "invalid_request"


@given(st.text(max_size=40), st.sampled_from(["", "https://", "http://127.0.0.1", "a.b:"]))
def test_whatever_is_taken_can_stand_in_a_header(text: str, begins: str) -> None:
    uri = begins + text
    try:
        check_redirect_uri(uri)
    except RedirectUriNotAllowed:
        return
    assert uri.isascii()
    assert uri.isprintable()
    assert not set(uri) & set(' "<>\\^`{}|#')
    parts = urlsplit(uri)
    assert parts.scheme in {"https", "http"} or "." in parts.scheme
    # ... and its origin in a rule of Content-Security-Policy.
    assert parts.scheme not in {"https", "http"} or not set(parts.netloc) & set("*;,'%@")


# --- The way back -------------------------------------------------------------------------------


@pytest.mark.req("VCI-42", "HAIP-01")
def test_a_code_comes_back_with_state_and_issuer() -> None:
    url = success_redirect(kit.REDIRECT, code="a+b/c", state="x & y", issuer=kit.ISSUER)
    assert url.startswith(f"{kit.REDIRECT}?")
    assert query(url) == {"code": ["a+b/c"], "state": ["x & y"], "iss": [kit.ISSUER]}
    code = read_authorization_response(
        url, issuer=kit.ISSUER, state="x & y", issuer_must_be_named=True
    )
    assert code == "a+b/c"


@pytest.mark.req("VCI-42")
def test_an_error_comes_back_the_same_way() -> None:
    url = error_redirect(kit.REDIRECT, error="access_denied", state=None, issuer=kit.ISSUER)
    assert query(url) == {"error": ["access_denied"], "iss": [kit.ISSUER]}
    with pytest.raises(failures.AuthorizationDenied) as caught:
        read_authorization_response(url, issuer=kit.ISSUER, state=None, issuer_must_be_named=True)
    assert caught.value.error == "access_denied"


@pytest.mark.parametrize(
    ("uri", "begins"),
    [
        ("https://a.example/cb?x=1", "https://a.example/cb?x=1&code=c"),
        ("https://a.example/cb?", "https://a.example/cb?code=c"),
        ("fi.example.wallet:/cb", "fi.example.wallet:/cb?code=c"),
    ],
)
def test_what_the_address_had_of_its_own_stays(uri: str, begins: str) -> None:
    url = success_redirect(uri, code="c", state=None, issuer=kit.ISSUER)
    assert url.startswith(begins)
    assert query(url)["iss"] == [kit.ISSUER]


@pytest.mark.req("VCI-42")
@pytest.mark.parametrize("iss", ["https://evil.example", f"{kit.ISSUER}/", "", None])
def test_a_response_of_another_server_is_not_believed(iss: str | None) -> None:
    """A mix-up: the code of one server must not go to another."""
    with pytest.raises(failures.AuthorizationOfOtherServer):
        come_back(iss=iss)
    if iss is not None:  # named although it was not promised: compared all the same
        with pytest.raises(failures.AuthorizationOfOtherServer):
            come_back(iss=iss, named=False)


@pytest.mark.req("VCI-42")
def test_a_server_that_never_promised_need_not_name_itself() -> None:
    assert come_back(iss=None, named=False) == RIGHT["code"]
    with pytest.raises(failures.AuthorizationOfOtherServer):
        come_back(iss="https://evil.example", code=None, error="access_denied")


@pytest.mark.parametrize(
    ("sent", "came"),
    [(STATE, "another"), (STATE, None), (STATE, ""), (None, STATE), (STATE, "ä")],
)
def test_a_response_to_another_question_is_not_taken(sent: str | None, came: str | None) -> None:
    with pytest.raises(failures.AuthorizationOfOtherSession):
        come_back(sent=sent, state=came)


@pytest.mark.parametrize(
    "parameters",
    [
        {"code": None},
        {"code": ""},
        {"code": "x" * 1_025},
        {"error": "access_denied"},
        {"code": None, "error": ""},
        {"code": None, "error": "x" * 65},
        {"code": None, "error": "a\nb"},
    ],
)
def test_a_response_that_breaks_a_rule_is_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(failures.AuthorizationResponseMalformed):
        come_back(**parameters)


@pytest.mark.parametrize(
    "url",
    [
        "",
        kit.REDIRECT,
        f"{kit.REDIRECT}?",
        f"{kit.REDIRECT}?code",
        f"{kit.REDIRECT}?code=a&code=b&state={STATE}&iss={kit.ISSUER}",
        f"{kit.REDIRECT}?code=%ff",
        "https://[::1?code=a",
        f"{kit.REDIRECT}?code=" + "x" * 8_192,
    ],
)
def test_no_other_address_is_a_response(url: str) -> None:
    with pytest.raises(failures.AuthorizationResponseMalformed):
        read_authorization_response(url, issuer=kit.ISSUER, state=None, issuer_must_be_named=False)


@given(st.text(max_size=60))
def test_garbage_is_no_response(text: str) -> None:
    with pytest.raises(CheckFailed):
        read_authorization_response(
            f"{kit.REDIRECT}?{text}", issuer=kit.ISSUER, state=STATE, issuer_must_be_named=True
        )
