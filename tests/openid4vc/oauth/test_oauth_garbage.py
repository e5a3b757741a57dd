"""Whatever is sent as a token request or an assertion is refused by a failure of its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from keys.jose import sign_jws
from keys.software_signer import SoftwareSigner
from openid4vc.oauth.client_assertion import (
    ASSERTION_TYPE,
    CheckedAssertion,
    check_assertion,
    is_signed_with,
    parse_assertion,
)
from openid4vc.oauth.client_credentials import read_token_request, token_response
from openid4vc.oauth.errors import ClientRefused, GrantTypeNotTaken, TokenRequestRefused

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
AUDIENCE = "https://issuer.test/mallimaa"
SIGNER = SoftwareSigner.generate()
NAMES = st.sampled_from(
    ["grant_type", "client_assertion_type", "client_assertion", "scope", "client_id", "x"]
)
VALUES = st.one_of(
    st.text(max_size=20), st.sampled_from(["client_credentials", ASSERTION_TYPE, "a b  c", ""])
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def right(**changes: Any) -> dict[str, Any]:
    now = int(AT.timestamp())
    return {"iss": "a", "sub": "a", "aud": AUDIENCE, "exp": now + 60, "jti": "1", **changes}


def check(claims: object, header: dict[str, Any] | None = None) -> CheckedAssertion:
    text = sign_jws(header or {}, strict_json.dumps(claims), SIGNER)
    assertion = parse_assertion(text)
    assert is_signed_with(assertion, SIGNER.public_key)
    return check_assertion(assertion, audiences={AUDIENCE}, at=AT)


def test_what_is_right_is_taken() -> None:
    checked = check(right())
    assert (checked.client_id, checked.jti) == ("a", "1")
    assert checked.expires_at == AT + timedelta(seconds=60)
    assert not is_signed_with(
        parse_assertion(sign_jws({}, strict_json.dumps(right()), SoftwareSigner.generate())),
        SIGNER.public_key,
    )


@given(st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]), JSON)
def test_no_claim_of_another_kind_gets_through_or_breaks_anything(name: str, value: Any) -> None:
    try:
        checked = check(right(**{name: value}))
    except ClientRefused:
        return
    assert checked.client_id == "a"
    assert checked.jti
    assert AT - timedelta(seconds=60) < checked.expires_at <= AT + timedelta(minutes=6)


@given(st.text(max_size=60))
def test_no_text_is_an_assertion(text: str) -> None:
    with pytest.raises(ClientRefused):
        parse_assertion(text)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_a_form_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        request = read_token_request(pairs)
    except TokenRequestRefused:
        return
    form = dict(pairs)
    assert (form["grant_type"], form["client_assertion_type"]) == (
        "client_credentials",
        ASSERTION_TYPE,
    )
    assert request.assertion == form["client_assertion"]
    assert request.scopes is None or "" not in request.scopes


def test_a_wallets_grant_is_not_ours_and_an_answer_says_what_it_is_for() -> None:
    with pytest.raises(GrantTypeNotTaken):
        read_token_request([("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code")])
    assert token_response("t", lifetime=timedelta(minutes=5), scopes={"b", "a"}) == {
        "access_token": "t",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "a b",
    }
