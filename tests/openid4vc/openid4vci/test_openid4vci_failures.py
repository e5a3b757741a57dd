"""Every failure of this package has a case, and a code on the wire where it needs one."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from keys import strict_json
from keys.jose import EncryptionKey, sign_jws, x5c_header
from openid4vc.checks import CheckFailed
from openid4vc.openid4vci import errors, key_errors, wallet_errors
from openid4vc.openid4vci.credential import read_credential_request, read_credential_response
from openid4vc.openid4vci.encryption import (
    check_encrypted,
    open_request,
    read_response_encryption,
)
from openid4vc.openid4vci.errors import InvalidProof, ProtocolError, error_json
from openid4vc.openid4vci.issuer_id import issuer_identifier
from openid4vc.openid4vci.metadata import (
    authorization_server_metadata,
    read_authorization_server_metadata,
    read_issuer_metadata,
)
from openid4vc.openid4vci.nonce import check_nonce, read_nonce_response
from openid4vc.openid4vci.notification import read_notification
from openid4vc.openid4vci.offer import parse_offer, parse_offer_link
from openid4vc.openid4vci.proof import distinct_keys, read_proof
from openid4vc.openid4vci.read_metadata import IssuerMetadata
from openid4vc.openid4vci.signed_metadata import METADATA_TYPE, read_signed_metadata
from openid4vc.openid4vci.token import (
    GRANT,
    TokenRequest,
    check_tx_code_sent,
    read_token_request,
    read_token_response,
)
from tests.issuer.world import NOW, demo_pki
from tests.openid4vc.openid4vci import kit
from tests.openid4vc.openid4vci.kit import proof

LONG = kit.vector("openid4vci/credential_issuer_metadata_sd_jwt_long.json")


def read(text: str) -> object:
    return read_proof(text, issuer=kit.ISSUER, at=kit.AT)


def same_key_twice() -> object:
    one = read_proof(proof(), issuer=kit.ISSUER, at=kit.AT)
    return distinct_keys([one, one])


def to_be_encrypted(**changes: object) -> object:
    """Ask for an encrypted response in the clear."""
    asked_for = {"jwk": {**EncryptionKey.generate().public_jwk, **changes}, "enc": "A256GCM"}
    body = {"credential_response_encryption": asked_for}
    return read_response_encryption(body, was_encrypted=False)


def signed(**claims: object) -> object:
    """Read metadata that an organisation of the demo signed."""
    signer = demo_pki().signer("mallimaa", "credential")
    header = {"typ": METADATA_TYPE, "x5c": x5c_header(signer.certificate_chain)}
    text = sign_jws(header, strict_json.dumps({"sub": kit.ISSUER, **claims}), signer)
    trust = demo_pki().trust_list
    return read_signed_metadata(text, issuer=kit.ISSUER, trust=trust, at=NOW)


def asked(**members: object) -> object:
    return read_credential_request({"credential_configuration_id": "a", **members})


def metadata(**members: object) -> IssuerMetadata:
    return read_issuer_metadata({**LONG, **members}, issuer=LONG["credential_issuer"])


def described(*paths: list[object]) -> object:
    entry: dict[str, Any] = {
        "format": "dc+sd-jwt",
        "vct": "a",
        "credential_metadata": {"claims": [{"path": path} for path in paths]},
    }
    return metadata(credential_configurations_supported={"a": entry})


def anonymous(*, allowed: bool) -> object:
    name = "pre-authorized_grant_anonymous_access_supported"
    server = {**authorization_server_metadata(kit.ISSUER), name: allowed}
    read_authorization_server_metadata(server, issuer=kit.ISSUER).check_grant()
    return server


WIRE: dict[type[ProtocolError], tuple[str, Callable[[], object]]] = {
    errors.InvalidRequest: ("invalid_request", lambda: read_token_request([])),
    errors.ParameterRepeated: (
        "invalid_request",
        lambda: read_token_request([("grant_type", GRANT), ("grant_type", GRANT)]),
    ),
    errors.TxCodeMissing: (
        "invalid_request",
        lambda: check_tx_code_sent(TokenRequest("a"), expected=True),
    ),
    errors.TxCodeNotExpected: (
        "invalid_request",
        lambda: check_tx_code_sent(TokenRequest("a", "1"), expected=False),
    ),
    errors.UnsupportedGrantType: (
        "unsupported_grant_type",
        lambda: read_token_request([("grant_type", "refresh_token")]),
    ),
    errors.InvalidCredentialRequest: (
        "invalid_credential_request",
        lambda: read_credential_request({"format": "dc+sd-jwt"}),
    ),
    errors.InvalidAuthorizationDetails: (
        "invalid_authorization_details",
        lambda: read_token_request(
            [
                ("grant_type", GRANT),
                ("pre-authorized_code", "a"),
                ("authorization_details", "[]"),
            ]
        ),
    ),
    errors.InvalidEncryptionParameters: (
        "invalid_encryption_parameters",
        lambda: to_be_encrypted(alg="RSA-OAEP"),
    ),
    errors.ResponseEncryptionMissing: (
        "invalid_encryption_parameters",
        lambda: read_response_encryption({}, was_encrypted=True, is_required=True),
    ),
    errors.ResponseEncryptionInTheClear: ("invalid_encryption_parameters", to_be_encrypted),
    errors.RequestNotDecrypted: (
        "invalid_encryption_parameters",
        lambda: open_request("a.b.c.d.e", EncryptionKey.generate()),
    ),
    errors.ProofMissing: ("invalid_proof", asked),
    errors.ProofTypeNotSupported: ("invalid_proof", lambda: asked(proofs={"di_vp": [{}]})),
    errors.TooManyProofs: ("invalid_proof", lambda: asked(proofs={"jwt": ["a"] * 11})),
    errors.ProofKeyRepeated: ("invalid_proof", same_key_twice),
    errors.MalformedProof: ("invalid_proof", lambda: asked(proofs=1)),
    errors.ProofKeyNotAllowed: ("invalid_proof", lambda: read(proof(header={"kid": "1"}))),
    errors.ProofSignatureInvalid: ("invalid_proof", lambda: read(proof(header={"typ": "JWT"}))),
    errors.ProofForOtherIssuer: ("invalid_proof", lambda: read(proof(claims={"aud": "x"}))),
    errors.ProofOfOtherClient: ("invalid_proof", lambda: read(proof(claims={"iss": "x"}))),
    errors.ProofStale: ("invalid_proof", lambda: read(proof(claims={"iat": 0}))),
    errors.ProofNonceMissing: ("invalid_proof", lambda: read(proof(claims={"nonce": None}))),
    errors.InvalidNonce: (
        "invalid_nonce",
        lambda: check_nonce(bytes(32), "x", at=kit.AT, max_age=timedelta(minutes=5)),
    ),
    errors.InvalidNotificationRequest: (
        "invalid_notification_request",
        lambda: read_notification({}),
    ),
}

DECIDED_BY_THE_ISSUER: dict[type[ProtocolError], str] = {
    errors.InvalidGrant: "invalid_grant",
    errors.InvalidClient: "invalid_client",
    errors.InvalidToken: "invalid_token",
    errors.UnknownCredentialIdentifier: "unknown_credential_identifier",
    errors.UnknownCredentialConfiguration: "unknown_credential_configuration",
    errors.CredentialRequestDenied: "credential_request_denied",
    errors.InvalidTransactionId: "invalid_transaction_id",
    errors.InvalidNotificationId: "invalid_notification_id",
}
"""Only the issuer's store can meet these; what they say on the wire is fixed here."""

FOUND_BY_THE_WALLET: dict[type[CheckFailed], Callable[[], object]] = {
    wallet_errors.EncryptionNotSupported: lambda: metadata(
        credential_response_encryption={
            "alg_values_supported": ["RSA-OAEP"],
            "enc_values_supported": ["A256GCM"],
            "encryption_required": True,
        }
    ),
    wallet_errors.CredentialResponseInTheClear: lambda: check_encrypted("application/json"),
    wallet_errors.SignedMetadataMalformed: lambda: signed(iat=None),
    wallet_errors.SignedMetadataStale: lambda: signed(iat=NOW.timestamp() + 100),
    wallet_errors.MalformedOffer: lambda: parse_offer({}),
    wallet_errors.MalformedOfferLink: lambda: parse_offer_link("openid-credential-offer://"),
    wallet_errors.IssuerIdentifierInvalid: lambda: issuer_identifier("https://a.example?x"),
    wallet_errors.MalformedMetadata: lambda: metadata(display=1),
    wallet_errors.MetadataOfOtherIssuer: lambda: metadata(credential_issuer="https://a.example"),
    wallet_errors.ClaimDescriptionsContradict: lambda: described(["a"], ["a"]),
    wallet_errors.ConfigurationNotOffered: lambda: metadata().configuration("a"),
    wallet_errors.AuthorizationServerMismatch: lambda: metadata().authorization_server("x"),
    wallet_errors.GrantNotSupported: lambda: anonymous(allowed=False),
    wallet_errors.MalformedTokenResponse: lambda: read_token_response({}),
    wallet_errors.MalformedNonceResponse: lambda: read_nonce_response({}),
    wallet_errors.MalformedCredentialResponse: lambda: read_credential_response({}),
    wallet_errors.IssuanceDeferred: lambda: read_credential_response({"transaction_id": "x"}),
    wallet_errors.MalformedErrorResponse: lambda: wallet_errors.read_error({}),
}


def failures(module: Any) -> set[type[CheckFailed]]:
    return {
        one
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, CheckFailed) and one.__module__ == module.__name__
    }


def test_every_failure_has_a_case_and_a_code_and_a_clause_of_its_own() -> None:
    assert failures(errors) == {*WIRE, *DECIDED_BY_THE_ISSUER, ProtocolError, InvalidProof}
    assert failures(wallet_errors) == set(FOUND_BY_THE_WALLET)
    everything = failures(errors) | failures(key_errors) | failures(wallet_errors)
    assert len({one.code for one in everything}) == len(everything)
    assert all(one.spec for one in everything)


@pytest.mark.req("VCI-35", "VCI-51", "VCI-64", "VCI-68")
@pytest.mark.parametrize("failure", WIRE, ids=lambda one: one.code)
def test_each_failure_on_the_wire_is_met(failure: type[ProtocolError]) -> None:
    wire, attempt = WIRE[failure]
    with pytest.raises(failure) as caught:
        attempt()
    assert type(caught.value) is failure
    assert error_json(caught.value)["error"] == wire
    assert kit.NONCE not in str(caught.value)


@pytest.mark.req("VCI-17", "VCI-35", "VCI-64", "VCI-68")
@pytest.mark.parametrize(("failure", "wire"), DECIDED_BY_THE_ISSUER.items())
def test_what_the_issuer_decides_has_its_code(failure: type[ProtocolError], wire: str) -> None:
    assert error_json(failure()) == {"error": wire, "error_description": wire}


@pytest.mark.parametrize("failure", FOUND_BY_THE_WALLET, ids=lambda one: one.code)
def test_each_failure_that_a_wallet_finds_is_met(failure: type[CheckFailed]) -> None:
    with pytest.raises(failure) as caught:
        FOUND_BY_THE_WALLET[failure]()
    assert type(caught.value) is failure
