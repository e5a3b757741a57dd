"""Deferred issuance on the wire: the 202 answer, asking again, and refreshing the token."""

from datetime import timedelta
from typing import Any

import pytest

from openid4vc.openid4vci.deferred import (
    Deferral,
    deferral_json,
    deferred_request_json,
    read_deferral,
    read_deferred_request,
)
from openid4vc.openid4vci.errors import (
    InvalidCredentialRequest,
    InvalidRequest,
    InvalidTransactionId,
    ParameterRepeated,
    error_json,
)
from openid4vc.openid4vci.token import (
    read_refresh_request,
    read_token_response,
    refresh_request_form,
    token_response,
)
from openid4vc.openid4vci.wallet_errors import MalformedCredentialResponse

LATER = Deferral("8xLOxBtZp8", timedelta(hours=1))


@pytest.mark.req("VCI-63")
def test_a_deferral_reads_as_it_was_written_and_unknown_members_do_not_matter() -> None:
    assert deferral_json(LATER) == {"transaction_id": "8xLOxBtZp8", "interval": 3_600}
    assert read_deferral({**deferral_json(LATER), "issuance_pending": True}) == LATER
    assert "8xLOx" not in repr(LATER)


@pytest.mark.req("VCI-63", "VCI-66")
@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"transaction_id": "x"},
        {"interval": 5},
        {"transaction_id": "", "interval": 5},
        {"transaction_id": "x" * 600, "interval": 5},
        {"transaction_id": 7, "interval": 5},
        {"transaction_id": "x", "interval": 0},
        {"transaction_id": "x", "interval": -1},
        {"transaction_id": "x", "interval": 1.5},
        {"transaction_id": "x", "interval": "5"},
        {"transaction_id": "x", "interval": True},
        {"transaction_id": "x", "interval": 10**12},
        {"transaction_id": "x", "interval": 5, "credentials": [{"credential": "y"}]},
        {"transaction_id": "x", "interval": 5, "notification_id": "n"},
    ],
)
def test_what_is_no_deferral_is_refused(body: Any) -> None:
    with pytest.raises(MalformedCredentialResponse):
        read_deferral(body)


@pytest.mark.parametrize("interval", [timedelta(0), timedelta(seconds=-1), timedelta(seconds=1.5)])
def test_an_interval_is_whole_seconds(interval: timedelta) -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        deferral_json(Deferral("x", interval))


@pytest.mark.req("VCI-66", "VCI-74")
def test_asking_again_names_the_transaction() -> None:
    assert read_deferred_request({**deferred_request_json("abc"), "more": 1}) == "abc"
    for body in (None, {}, {"transaction_id": ""}, {"transaction_id": ["abc"]}):
        with pytest.raises(InvalidCredentialRequest):
            read_deferred_request(body)
    assert error_json(InvalidTransactionId("x"))["error"] == "invalid_transaction_id"


def test_a_refresh_token_is_given_and_sent_back() -> None:
    body = token_response("token", lifetime=timedelta(minutes=5), refresh_token="r1")
    assert read_token_response(body).refresh_token == "r1"
    assert "r1" not in repr(read_token_response(body))
    assert read_token_response({**body, "refresh_token": None}).refresh_token is None
    pairs = list(refresh_request_form("r1").items())
    assert read_refresh_request([*pairs, ("client_id", "w")]) == "r1"
    assert read_refresh_request([("grant_type", "something_else")]) is None
    assert read_refresh_request([]) is None
    with pytest.raises(ParameterRepeated):
        read_refresh_request([*pairs, *pairs])
    for broken in ([pairs[0]], [pairs[0], ("refresh_token", "")]):
        with pytest.raises(InvalidRequest):
            read_refresh_request(broken)
