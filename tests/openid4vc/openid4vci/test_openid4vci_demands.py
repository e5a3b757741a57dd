"""Metadata say what is asked of wallets, exactly that, and wallets read it."""

from itertools import product
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Label
from keys.jose import EncryptionKey
from openid4vc.openid4vci import errors
from openid4vc.openid4vci.encryption import read_response_encryption
from openid4vc.openid4vci.key_attestation import KeyPolicy
from openid4vc.openid4vci.metadata import (
    IssuerDemands,
    ServerOffers,
    authorization_server_metadata,
    issuer_metadata,
    read_authorization_server_metadata,
    read_issuer_metadata,
)
from openid4vc.openid4vci.wallet_errors import MalformedMetadata
from tests.openid4vc.openid4vci import kit

TYPES = list(load_catalogue().types.values())
NAMES = Label("Mallimaa (TESTI)", "Modellandet (TESTI)", "Mallimaa (TESTI)")
MODERATE = KeyPolicy(key_storage=("iso_18045_high", "iso_18045_moderate"))
ES256 = {"proof_signing_alg_values_supported": ["ES256"]}


def published(demands: IssuerDemands | None, key: Any = None) -> dict[str, Any]:
    return issuer_metadata(kit.ISSUER, names=NAMES, types=TYPES, request_key=key, demands=demands)


def proof_types(metadata: dict[str, Any], type_id: str) -> Any:
    return metadata["credential_configurations_supported"][type_id]["proof_types_supported"]


# --- Attestations of keys -----------------------------------------------------------------------


@pytest.mark.req("VCI-08", "VCI-09", "VCI-53", "ABCA-19")
def test_keys_have_to_be_attested_where_the_policy_says_so_and_only_there() -> None:
    strict, open_one = TYPES[0].id, TYPES[1].id
    policies = {strict: MODERATE}
    ours = published(IssuerDemands(takes_key_attestations=True, key_policies=policies))
    required = {
        **ES256,
        "key_attestations_required": {"key_storage": ["iso_18045_high", "iso_18045_moderate"]},
    }
    assert proof_types(ours, strict) == {"jwt": required, "attestation": required}
    assert proof_types(ours, open_one) == {"jwt": ES256, "attestation": ES256}
    read = read_issuer_metadata(ours, issuer=kit.ISSUER)
    assert read.configuration(strict).key_policies == {"jwt": MODERATE, "attestation": MODERATE}
    assert read.configuration(open_one).key_policies == {}
    assert read.configuration(open_one).attestation_algorithms == ("ES256",)


@pytest.mark.req("VCI-09")
def test_an_attestation_may_be_required_of_whatever_strength() -> None:
    ours = published(IssuerDemands(key_policies={TYPES[0].id: KeyPolicy()}))
    assert proof_types(ours, TYPES[0].id)["jwt"]["key_attestations_required"] == {}
    read = read_issuer_metadata(ours, issuer=kit.ISSUER)
    assert read.configuration(TYPES[0].id).key_policies["jwt"] == KeyPolicy()


@pytest.mark.req("VCI-08")
def test_without_wallet_providers_nobody_attests_keys() -> None:
    ours = published(None)
    assert all(proof_types(ours, one.id) == {"jwt": ES256} for one in TYPES)
    one = read_issuer_metadata(ours, issuer=kit.ISSUER).configuration(TYPES[0].id)
    assert (one.attestation_algorithms, one.key_policies) == ((), {})


@pytest.mark.req("VCI-09")
@pytest.mark.parametrize("required", [[], "x", {"key_storage": []}, {"user_authentication": 1}])
def test_what_is_required_of_keys_has_a_shape(required: object) -> None:
    ours = published(None)
    proof_types(ours, TYPES[0].id)["jwt"] = {**ES256, "key_attestations_required": required}
    with pytest.raises(MalformedMetadata):
        read_issuer_metadata(ours, issuer=kit.ISSUER)


# --- Encryption ---------------------------------------------------------------------------------


@pytest.mark.req("VCI-11", "VCI-59")
@pytest.mark.parametrize("encrypted", [True, False])
def test_encryption_is_required_of_both_ways_or_of_neither(encrypted: bool) -> None:
    key = {**EncryptionKey.generate().public_jwk, "kid": "1"}
    ours = published(IssuerDemands(encrypted=encrypted), key)
    assert ours["credential_request_encryption"]["encryption_required"] is encrypted
    assert ours["credential_response_encryption"]["encryption_required"] is encrypted
    found = read_issuer_metadata(ours, issuer=kit.ISSUER).encryption
    assert (found.request_required, found.response_required) == (encrypted, encrypted)


@pytest.mark.req("VCI-59", "VCI-64")
@pytest.mark.parametrize("body", [{}, [], {"credential_configuration_id": "a"}])
def test_where_answers_are_encrypted_a_request_says_to_whom(body: object) -> None:
    assert read_response_encryption(body, was_encrypted=True) is None
    with pytest.raises(errors.ResponseEncryptionMissing) as caught:
        read_response_encryption(body, was_encrypted=True, is_required=True)
    assert caught.value.error == "invalid_encryption_parameters"


# --- The authorization server -------------------------------------------------------------------


@pytest.mark.req("VCI-40", "VCI-41", "VCI-42", "ABCA-08", "ABCA-11", "ABCA-12", "HAIP-01")
def test_a_server_with_everything_says_so() -> None:
    ours = authorization_server_metadata(
        kit.ISSUER, offers=ServerOffers(codes=True, attestations=True, dpop=True)
    )
    assert ours == {
        "issuer": kit.ISSUER,
        "token_endpoint": f"{kit.ISSUER}/token",
        "authorization_endpoint": f"{kit.ISSUER}/authorize",
        "pushed_authorization_request_endpoint": f"{kit.ISSUER}/par",
        "require_pushed_authorization_requests": True,
        "challenge_endpoint": f"{kit.ISSUER}/attestation-challenge",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code",
            "urn:ietf:params:oauth:grant-type:pre-authorized_code",
            "refresh_token",
        ],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": [
            "attest_jwt_client_auth",
            "attest_jwt_client_auth_dpop",
            "none",
        ],
        "client_attestation_signing_alg_values_supported": ["ES256"],
        "client_attestation_pop_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "authorization_details_types_supported": ["openid_credential"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }
    found = read_authorization_server_metadata(ours, issuer=kit.ISSUER)
    assert found.pushed_endpoint == f"{kit.ISSUER}/par"
    assert found.authorization_endpoint == f"{kit.ISSUER}/authorize"
    assert found.challenge_endpoint == f"{kit.ISSUER}/attestation-challenge"
    assert found.challenge_methods == ("S256",)
    assert found.names_itself
    assert found.dpop_algorithms == ("ES256",)
    assert "attest_jwt_client_auth" in found.auth_methods


@pytest.mark.req("ABCA-11", "ABCA-12")
@pytest.mark.parametrize(("attestations", "dpop"), [*product([True, False], repeat=2)])
def test_a_server_says_of_clients_what_it_takes_and_no_more(attestations: bool, dpop: bool) -> None:
    ours = authorization_server_metadata(
        kit.ISSUER, offers=ServerOffers(attestations=attestations, dpop=dpop)
    )
    methods = ours["token_endpoint_auth_methods_supported"]
    assert isinstance(methods, list)
    assert ("attest_jwt_client_auth" in methods) is attestations
    assert ("attest_jwt_client_auth_dpop" in methods) is (attestations and dpop)
    assert ("client_attestation_signing_alg_values_supported" in ours) is attestations
    assert ("client_attestation_pop_signing_alg_values_supported" in ours) is attestations
    assert ("challenge_endpoint" in ours) is attestations
    assert ("dpop_signing_alg_values_supported" in ours) is dpop
    assert not {"authorization_endpoint", "response_types_supported"} & ours.keys()


def test_codes_are_for_wallets_that_show_who_they_are() -> None:
    with pytest.raises(ValueError, match="who they are"):
        authorization_server_metadata(kit.ISSUER, offers=ServerOffers(codes=True))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authorization_endpoint", "http://a.example"),
        ("pushed_authorization_request_endpoint", 7),
        ("challenge_endpoint", "x"),
        ("code_challenge_methods_supported", []),
        ("code_challenge_methods_supported", "S256"),
        ("dpop_signing_alg_values_supported", [1]),
        ("authorization_response_iss_parameter_supported", "true"),
    ],
)
def test_what_a_server_says_has_a_shape(name: str, value: object) -> None:
    ours = authorization_server_metadata(kit.ISSUER)
    with pytest.raises(MalformedMetadata):
        read_authorization_server_metadata({**ours, name: value}, issuer=kit.ISSUER)
