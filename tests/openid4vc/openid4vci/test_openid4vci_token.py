"""Token requests and responses, and proof nonces."""

import json
from contextlib import suppress
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.jose import b64url_decode, b64url_encode
from openid4vc.checks import CheckFailed
from openid4vc.openid4vci.errors import (
    InvalidNonce,
    InvalidRequest,
    ParameterRepeated,
    TxCodeMissing,
    TxCodeNotExpected,
    UnsupportedGrantType,
)
from openid4vc.openid4vci.nonce import (
    check_nonce,
    make_nonce,
    nonce_response,
    read_nonce_response,
)
from openid4vc.openid4vci.token import (
    GRANT,
    TokenRequest,
    check_tx_code_sent,
    read_token_request,
    read_token_response,
    token_request_form,
    token_response,
)
from openid4vc.openid4vci.wallet_errors import MalformedNonceResponse, MalformedTokenResponse
from tests.openid4vc.openid4vci import kit

FLOW = "openid4vci/spec-flow-messages.json"
GOOD = [("grant_type", GRANT), ("pre-authorized_code", "abc")]


# --- Token request ------------------------------------------------------------------------------


@pytest.mark.req("VCI-34", "VCI-73")
@pytest.mark.parametrize("tx_code", [None, "493536"])
def test_a_token_request_comes_back_as_it_was_made(tx_code: str | None) -> None:
    form = token_request_form("SplxlOBeZQQYbYS6WxSbIA", tx_code=tx_code)
    assert read_token_request(list(form.items())) == TokenRequest("SplxlOBeZQQYbYS6WxSbIA", tx_code)
    assert "user_pin" not in form


@pytest.mark.req("VCI-34", "VCI-74")
def test_the_published_token_request_is_read_and_its_extras_are_ignored() -> None:
    (text,) = (one for one in kit.messages(FLOW, "Request Credential") if GRANT in one)
    pairs = parse_qsl("".join(kit.body(text).split()))
    assert {name for name, _ in pairs} > {"authorization_details", "tx_code"}
    read = read_token_request([*pairs, ("resource", kit.ISSUER), ("user_pin", "493536")])
    asked = frozenset({"UniversityDegreeCredential"})
    assert read == TokenRequest("SplxlOBeZQQYbYS6WxSbIA", "493536", details=asked)


def test_the_published_token_request_of_another_grant() -> None:
    (text,) = (one for one in kit.messages(FLOW, "Token Request") if "code_verifier" in one)
    with pytest.raises(UnsupportedGrantType):
        read_token_request(parse_qsl("".join(kit.body(text).split())))


def test_a_parameter_without_a_value_counts_as_left_out() -> None:
    assert read_token_request([*GOOD, ("tx_code", ""), ("client_id", "")]) == TokenRequest("abc")


def test_a_token_request_hides_its_secrets() -> None:
    shown = repr(read_token_request([*GOOD, ("tx_code", "493536"), ("client_id", "w")]))
    assert "abc" not in shown
    assert "493536" not in shown
    assert "'w'" in shown


@pytest.mark.req("VCI-34", "VCI-35")
@pytest.mark.parametrize(
    ("failure", "pairs"),
    [
        (InvalidRequest, []),
        (InvalidRequest, [("pre-authorized_code", "abc")]),
        (InvalidRequest, [("grant_type", ""), ("pre-authorized_code", "abc")]),
        (InvalidRequest, [("grant_type", GRANT)]),
        (InvalidRequest, [("grant_type", GRANT), ("pre-authorized_code", "")]),
        (InvalidRequest, [("grant_type", GRANT), ("pre-authorized_code", "x" * 1_025)]),
        (InvalidRequest, [*GOOD, ("tx_code", "1" * 65)]),
        (InvalidRequest, [*GOOD, ("client_id", "x" * 257)]),
        (InvalidRequest, [*GOOD, ("client_id", "wallet\0")]),
        (InvalidRequest, [*GOOD, ("client_id", "lompakko-ä")]),
        (ParameterRepeated, [*GOOD, ("pre-authorized_code", "abc")]),
        (ParameterRepeated, [*GOOD, ("tx_code", "1"), ("tx_code", "2")]),
        (ParameterRepeated, [*GOOD, ("new", "1"), ("new", "1")]),
        (ParameterRepeated, [*GOOD, *((f"x{n}", "1") for n in range(40))]),
        (UnsupportedGrantType, [("grant_type", "authorization_code"), ("code", "abc")]),
        (UnsupportedGrantType, [("grant_type", GRANT.upper()), ("pre-authorized_code", "abc")]),
    ],
)
def test_a_token_request_that_breaks_a_rule_is_refused(
    failure: type[CheckFailed], pairs: list[tuple[str, str]]
) -> None:
    with pytest.raises(failure) as caught:
        read_token_request(pairs)
    assert type(caught.value) is failure


@pytest.mark.req("VCI-34", "VCI-35")
def test_a_transaction_code_comes_exactly_when_it_was_asked_for() -> None:
    without, with_code = TokenRequest("abc"), TokenRequest("abc", "493536")
    check_tx_code_sent(without, expected=False)
    check_tx_code_sent(with_code, expected=True)
    with pytest.raises(TxCodeMissing):
        check_tx_code_sent(without, expected=True)
    with pytest.raises(TxCodeNotExpected):
        check_tx_code_sent(with_code, expected=False)


# --- Token response -----------------------------------------------------------------------------


@pytest.mark.req("VCI-38", "VCI-39", "VCI-73")
def test_a_token_response_comes_back_and_has_no_nonce() -> None:
    body = token_response("token", lifetime=timedelta(minutes=5))
    assert body == {"access_token": "token", "token_type": "Bearer", "expires_in": 300}
    read = read_token_response(body)
    assert (read.access_token, read.expires_in, read.credential_identifiers) == ("token", 300, {})
    assert "'token'" not in repr(read)


@pytest.mark.req("VCI-39")
@pytest.mark.parametrize("lifetime", [timedelta(minutes=5, seconds=1), timedelta(0), -timedelta(1)])
def test_a_bearer_token_that_lives_long_is_not_given_out(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="five minutes"):
        token_response("token", lifetime=lifetime)


@pytest.mark.req("VCI-37")
def test_the_published_token_response_is_read() -> None:
    (text,) = (one for one in kit.messages(FLOW, "Successful Token") if "access_token" in one)
    read = read_token_response(json.loads(kit.body(text)))
    assert read.expires_in == 86_400
    assert read.credential_identifiers == {
        "UniversityDegreeCredential": (
            "CivilEngineeringDegree-2023",
            "ElectricalEngineeringDegree-2023",
        )
    }


@pytest.mark.req("VCI-38", "VCI-74")
def test_a_nonce_in_a_token_response_is_ignored() -> None:
    body = {"access_token": "t", "token_type": "bearer", "c_nonce": "old", "c_nonce_expires_in": 1}
    assert read_token_response(body).expires_in is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"access_token": "t"},
        {"token_type": "Bearer"},
        {"access_token": "t", "token_type": "DPoP"},
        {"access_token": "", "token_type": "Bearer"},
        {"access_token": "t", "token_type": "Bearer", "expires_in": "300"},
        {"access_token": "t", "token_type": "Bearer", "expires_in": -1},
        {"access_token": "t", "token_type": "Bearer", "expires_in": True},
        {"access_token": "t", "token_type": "Bearer", "authorization_details": []},
        {"access_token": "t", "token_type": "Bearer", "authorization_details": [1]},
        {
            "access_token": "t",
            "token_type": "Bearer",
            "authorization_details": [{"type": "openid_credential"}],
        },
    ],
)
def test_what_is_no_token_response_is_refused(data: object) -> None:
    with pytest.raises(MalformedTokenResponse):
        read_token_response(data)


# --- Nonces -------------------------------------------------------------------------------------

SECRET = bytes(range(32))
RANDOM = bytes(16)
AGE = timedelta(minutes=5)


@pytest.mark.req("VCI-45", "VCI-51")
def test_a_nonce_is_ours_as_long_as_it_is_fresh() -> None:
    nonce = make_nonce(SECRET, random=RANDOM, at=kit.AT)
    for later in (timedelta(0), AGE, -timedelta(seconds=60)):
        check_nonce(SECRET, nonce, at=kit.AT + later, max_age=AGE)
    for later in (AGE + timedelta(seconds=1), -timedelta(seconds=61)):
        with pytest.raises(InvalidNonce):
            check_nonce(SECRET, nonce, at=kit.AT + later, max_age=AGE)


@pytest.mark.req("VCI-45")
def test_nonces_differ_by_their_random_part_and_name_nothing() -> None:
    one = make_nonce(SECRET, random=RANDOM, at=kit.AT)
    two = make_nonce(SECRET, random=bytes(15) + b"\x01", at=kit.AT)
    assert one != two
    assert len(one) == 75


@pytest.mark.req("VCI-51")
def test_a_nonce_changed_in_any_byte_is_not_ours() -> None:
    data = b64url_decode(make_nonce(SECRET, random=RANDOM, at=kit.AT))
    for place in range(len(data)):
        bent = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(InvalidNonce):
            check_nonce(SECRET, b64url_encode(bent), at=kit.AT, max_age=AGE)
    with pytest.raises(InvalidNonce):
        check_nonce(bytes(32), b64url_encode(data), at=kit.AT, max_age=AGE)


@given(text=st.text(max_size=80) | st.text(alphabet="ABab01-_", min_size=75, max_size=75))
def test_garbage_is_no_nonce(text: str) -> None:
    with pytest.raises(InvalidNonce):
        check_nonce(SECRET, text, at=kit.AT, max_age=AGE)


@pytest.mark.parametrize(
    ("secret", "random"), [(SECRET, bytes(15)), (SECRET, bytes(17)), (b"", RANDOM)]
)
def test_a_nonce_needs_a_secret_and_128_random_bits(secret: bytes, random: bytes) -> None:
    with pytest.raises(ValueError, match="random"):
        make_nonce(secret, random=random, at=kit.AT)


@pytest.mark.req("VCI-45", "VCI-74")
def test_nonce_responses() -> None:
    assert read_nonce_response(nonce_response("n")) == "n"
    (text,) = (one for one in kit.messages(FLOW, "Nonce Response"))
    assert read_nonce_response(json.loads(kit.body(text))) == "wKI4LT17ac15ES9bw8ac4"
    assert read_nonce_response({"c_nonce": "n", "c_nonce_expires_in": 1}) == "n"
    for data in (None, {}, {"c_nonce": ""}, {"c_nonce": 1}, {"c_nonce": "x" * 1_025}):
        with pytest.raises(MalformedNonceResponse):
            read_nonce_response(data)


# --- Whatever comes -----------------------------------------------------------------------------

PARAMETERS = st.sampled_from(["grant_type", "pre-authorized_code", "tx_code", "client_id", "x"])


@given(pairs=st.lists(st.tuples(PARAMETERS, st.text(max_size=20) | st.just(GRANT)), max_size=6))
def test_garbage_never_breaks_the_token_endpoint(pairs: list[tuple[str, str]]) -> None:
    with suppress(CheckFailed):
        read_token_request(pairs)


@given(
    data=kit.JSON
    | kit.changed(
        {"access_token": "t", "token_type": "Bearer", "expires_in": 1, "authorization_details": []}
    )
)
def test_garbage_never_breaks_the_token_response_reader(data: object) -> None:
    for read in (read_token_response, read_nonce_response):
        with suppress(CheckFailed):
            read(data)
