"""Credential requests and responses, notifications, errors on the wire."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from openid4vc.openid4vci import errors
from openid4vc.openid4vci.credential import (
    CredentialRequest,
    CredentialResponse,
    credential_response,
    read_credential_request,
    read_credential_response,
    request_json,
)
from openid4vc.openid4vci.errors import ProtocolError, description, error_json, is_description
from openid4vc.openid4vci.notification import (
    Event,
    Notification,
    notification_json,
    read_notification,
)
from openid4vc.openid4vci.wallet_errors import (
    ErrorResponse,
    IssuanceDeferred,
    MalformedCredentialResponse,
    MalformedErrorResponse,
    read_error,
)
from tests.openid4vc.openid4vci import kit

ENDPOINT = "openid4vci/spec-credential-endpoint.json"
GOOD: dict[str, Any] = {
    "credential_configuration_id": "statement_feedback",
    "proofs": {"jwt": ["e.e.e"]},
}


def published(section: str, member: str) -> list[Any]:
    """Return the published JSON bodies that have a member; line breaks in texts are undone."""
    texts = [kit.body(text) for text in kit.messages(ENDPOINT, section) if "\n\n{" in text]
    bodies = [json.loads(re.sub(r"\n\s*", "", text)) for text in texts]
    return [body for body in bodies if member in body]


# --- Credential request -------------------------------------------------------------------------


@pytest.mark.req("VCI-37", "VCI-47")
def test_a_credential_request_comes_back_as_it_was_made() -> None:
    data = request_json(configuration_id="statement_feedback", proofs=["e.e.e"])
    assert data == GOOD
    assert read_credential_request(data) == CredentialRequest("statement_feedback", ("e.e.e",))


@pytest.mark.req("VCI-37")
def test_a_wallet_uses_one_of_identifier_and_configuration_id() -> None:
    data = request_json(credential_identifier="a", proofs=["e.e.e"])
    assert data == {"credential_identifier": "a", "proofs": {"jwt": ["e.e.e"]}}
    with pytest.raises(ValueError, match="exactly one"):
        request_json(proofs=["e.e.e"])
    with pytest.raises(ValueError, match="exactly one"):
        request_json(configuration_id="a", credential_identifier="b", proofs=["e.e.e"])


@pytest.mark.req("VCI-37", "VCI-47")
def test_the_published_credential_requests() -> None:
    (by_configuration,) = published("Credential Request", "credential_configuration_id")
    read = read_credential_request(by_configuration)
    assert read.configuration_id == "org.iso.18013.5.1.mDL"
    (by_identifier,) = published("Credential Request", "credential_identifier")
    read = read_credential_request(by_identifier)
    assert (read.configuration_id, read.identifier) == (None, "CivilEngineeringDegree-2023")


@pytest.mark.req("VCI-73", "VCI-74")
def test_unknown_and_old_members_are_ignored_beside_the_right_ones() -> None:
    data = {**GOOD, "proof": {"proof_type": "jwt"}, "format": "vc+sd-jwt", "new": 1}
    assert read_credential_request(data).proofs == ("e.e.e",)


OLD_PROOF = {"proof_type": "jwt", "jwt": "e.e.e"}


@pytest.mark.req("VCI-37", "VCI-47", "VCI-51", "VCI-64", "VCI-73")
@pytest.mark.parametrize(
    ("failure", "wire", "data"),
    [
        (errors.InvalidCredentialRequest, "invalid_credential_request", None),
        (errors.InvalidCredentialRequest, "invalid_credential_request", []),
        (errors.InvalidCredentialRequest, "invalid_credential_request", {}),
        (
            errors.InvalidCredentialRequest,
            "invalid_credential_request",
            {"format": "vc+sd-jwt", "vct": "a", "proofs": {"jwt": ["e.e.e"]}},
        ),
        (
            errors.InvalidCredentialRequest,
            "invalid_credential_request",
            {**GOOD, "credential_configuration_id": 1},
        ),
        (
            errors.InvalidCredentialRequest,
            "invalid_credential_request",
            {**GOOD, "credential_configuration_id": "x" * 257},
        ),
        (
            errors.InvalidCredentialRequest,
            "invalid_credential_request",
            {**GOOD, "credential_identifier": "a"},
        ),
        (
            errors.ProofMissing,
            "invalid_proof",
            {"credential_configuration_id": "statement_feedback"},
        ),
        (
            errors.ProofMissing,
            "invalid_proof",
            {"credential_configuration_id": "statement_feedback", "proof": OLD_PROOF},
        ),
        (errors.ProofTypeNotSupported, "invalid_proof", {**GOOD, "proofs": {}}),
        (
            errors.ProofTypeNotSupported,
            "invalid_proof",
            {**GOOD, "proofs": {"attestation": ["e.e.e"]}},
        ),
        (
            errors.ProofTypeNotSupported,
            "invalid_proof",
            {**GOOD, "proofs": {"jwt": ["e.e.e"], "di_vp": [{}]}},
        ),
        (errors.TooManyProofs, "invalid_proof", {**GOOD, "proofs": {"jwt": ["e.e.e"] * 11}}),
        (errors.MalformedProof, "invalid_proof", {**GOOD, "proofs": ["e.e.e"]}),
        (errors.MalformedProof, "invalid_proof", {**GOOD, "proofs": {"jwt": []}}),
        (errors.MalformedProof, "invalid_proof", {**GOOD, "proofs": {"jwt": "e.e.e"}}),
        (errors.MalformedProof, "invalid_proof", {**GOOD, "proofs": {"jwt": [{}]}}),
        (errors.MalformedProof, "invalid_proof", {**GOOD, "proofs": {"jwt": ["x" * 32_769]}}),
    ],
)
def test_a_credential_request_that_breaks_a_rule_is_refused(
    failure: type[ProtocolError], wire: str, data: object
) -> None:
    with pytest.raises(failure) as caught:
        read_credential_request(data)
    assert type(caught.value) is failure
    assert error_json(caught.value)["error"] == wire


# --- Credential response ------------------------------------------------------------------------


@pytest.mark.req("VCI-38", "VCI-61", "VCI-62")
@pytest.mark.parametrize("notification_id", [None, "3fwe98js"])
def test_a_credential_response_comes_back_as_it_was_made(notification_id: str | None) -> None:
    body = credential_response(["eyJ.e.e~d~"], notification_id=notification_id)
    assert body["credentials"] == [{"credential": "eyJ.e.e~d~"}]
    assert "c_nonce" not in body
    assert read_credential_response(body) == CredentialResponse(("eyJ.e.e~d~",), notification_id)


@pytest.mark.req("VCI-61", "VCI-72", "VCI-74")
def test_the_published_credential_responses() -> None:
    (one,) = published("Credential Response", "credentials")
    assert len(read_credential_response({**one, "new": 1, "c_nonce": "x"}).credentials) == 1
    (two,) = published("Deferred Credential Response", "credentials")
    assert read_credential_response(two, keys=2).notification_id == "3fwe98js"
    with pytest.raises(MalformedCredentialResponse):
        read_credential_response(two)
    (deferred,) = published("Credential Response", "transaction_id")
    with pytest.raises(IssuanceDeferred):
        read_credential_response(deferred)
    text = kit.body(kit.text("openid4vci/credential_response_sd_jwt_vc.txt"))
    (credential,) = read_credential_response(json.loads(re.sub(r"\n\s*", "", text))).credentials
    assert credential.endswith("~")


@pytest.mark.req("VCI-61", "VCI-73")
@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"credential": "eyJ.e.e~"},
        {"credentials": []},
        {"credentials": "eyJ.e.e~"},
        {"credentials": ["eyJ.e.e~"]},
        {"credentials": [{}]},
        {"credentials": [{"credential": {}}]},
        {"credentials": [{"credential": ""}]},
        {"credentials": [{"credential": "x" * 131_073}]},
        {"credentials": [{"credential": "a"}], "notification_id": 1},
        {"credentials": [{"credential": "a"}], "transaction_id": "x"},
    ],
)
def test_what_is_no_credential_response_is_refused(data: object) -> None:
    with pytest.raises(MalformedCredentialResponse):
        read_credential_response(data)


# --- Notification -------------------------------------------------------------------------------


@pytest.mark.req("VCI-65", "VCI-68")
@pytest.mark.parametrize("event", Event)
def test_a_notification_comes_back_as_it_was_made(event: Event) -> None:
    one = Notification("3fwe98js", event)
    assert read_notification(notification_json(one)) == one
    told = notification_json(one, event_description='levy täynnä: "C:\\tmp"\n')
    assert told["event_description"] == "levy t?ynn?: ?C:?tmp??"
    assert read_notification({**told, "new": 1}) == one


@pytest.mark.req("VCI-65", "VCI-68")
@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"event": "credential_accepted"},
        {"notification_id": "a"},
        {"notification_id": "", "event": "credential_accepted"},
        {"notification_id": 1, "event": "credential_accepted"},
        {"notification_id": "x" * 257, "event": "credential_accepted"},
        {"notification_id": "a", "event": "Credential_Accepted"},
        {"notification_id": "a", "event": ["credential_accepted"]},
        {"notification_id": "a", "event": "credential_failure", "event_description": 1},
        {"notification_id": "a", "event": "credential_failure", "event_description": 'a"b'},
        {"notification_id": "a", "event": "credential_failure", "event_description": "ä"},
        {"notification_id": "a", "event": "credential_failure", "event_description": "a\\b"},
    ],
)
def test_what_is_no_notification_is_refused(data: object) -> None:
    with pytest.raises(errors.InvalidNotificationRequest) as caught:
        read_notification(data)
    assert error_json(caught.value)["error"] == "invalid_notification_request"


# --- Errors on the wire -------------------------------------------------------------------------


@pytest.mark.req("VCI-65")
@given(text=st.text())
def test_a_description_has_only_allowed_characters(text: str) -> None:
    made = description(text)
    assert is_description(made)
    assert len(made) <= 300
    assert re.fullmatch(r"[\x20-\x21\x23-\x5B\x5D-\x7E]*", made)


@pytest.mark.req("VCI-65")
def test_an_error_body_names_our_code_and_the_remark() -> None:
    assert error_json(errors.ProofStale('"iat" € old')) == {
        "error": "invalid_proof",
        "error_description": "proof_stale: ?iat? ? old",
    }
    assert error_json(errors.InvalidGrant()) == {
        "error": "invalid_grant",
        "error_description": "invalid_grant",
    }


@pytest.mark.req("VCI-64", "VCI-70")
def test_the_wallet_reads_error_codes_known_or_not() -> None:
    assert read_error({"error": "invalid_tx_code", "new": 1}) == ErrorResponse("invalid_tx_code")
    (one,) = published("Credential Request Errors", "error")
    assert read_error(one) == ErrorResponse("unknown_credential_configuration")
    for data in (None, {}, {"error": ""}, {"error": 400}, {"error": "x" * 65}, {"error": "a b"}):
        with pytest.raises(MalformedErrorResponse):
            read_error(data)


# --- Whatever comes -----------------------------------------------------------------------------

RESPONSE = {"credentials": [{"credential": "a"}], "notification_id": "n", "transaction_id": "t"}
NOTIFICATION = {"notification_id": "n", "event": "credential_accepted", "event_description": "x"}


@given(
    data=kit.JSON
    | kit.changed(GOOD)
    | kit.JSON.map(lambda value: {**GOOD, "proofs": {"jwt": value}})
    | kit.changed(RESPONSE)
    | kit.changed(NOTIFICATION)
)
def test_garbage_never_breaks_a_reader(data: object) -> None:
    for read in (read_credential_request, read_credential_response, read_notification, read_error):
        with suppress(CheckFailed):
            read(data)
