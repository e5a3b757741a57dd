"""Requests: signed by the verifier, linked, read by the wallet, refused."""

from hashlib import sha256
from typing import Any

import pytest

from keys import strict_json
from keys.jose import b64url_encode, parse_jws, x5c_from
from openid4vc.checks import CheckFailed
from openid4vc.dcql.errors import MalformedQuery
from openid4vc.dcql.query import CredentialQuery, Query, query_json
from openid4vc.openid4vp import errors
from openid4vc.openid4vp.request import (
    sign_request,
    x509_hash,
)
from tests.openid4vc.openid4vp import kit
from tests.openid4vc.openid4vp.kit import bent, read, request, signed

# --- What the verifier signs --------------------------------------------------------------------


@pytest.mark.req(
    "VP-01",
    "VP-03",
    "VP-05",
    "VP-13",
    "VP-14",
    "HAIP-09",
    "HAIP-10",
    "HAIP-11",
    "ARF-02",
    "HAIP-19",
)
def test_the_signed_request_has_all_that_the_profile_asks() -> None:
    jws = parse_jws(signed())
    assert jws.header["typ"] == "oauth-authz-req+jwt"
    assert jws.header["alg"] == "ES256"
    assert len(x5c_from(jws.header)) == 1
    assert strict_json.loads(jws.payload) == {
        "aud": "https://self-issued.me/v2",
        "response_type": "vp_token",
        "response_mode": "direct_post.jwt",
        "client_id": kit.client_id(),
        "response_uri": kit.RESPONSE_URI,
        "nonce": kit.NONCE,
        "state": kit.STATE,
        "dcql_query": query_json(kit.QUERY),
        "client_metadata": {
            "jwks": {"keys": [kit.KEY.public_jwk]},
            "encrypted_response_enc_values_supported": ["A128GCM", "A256GCM"],
            "vp_formats_supported": {
                "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}
            },
        },
        "verifier_info": [
            {
                "format": "urn:kykylompakko:request-profile:1",
                "data": {"profile": "te_service_need"},
            }
        ],
        "iat": kit.NOW,
        "exp": kit.NOW + 300,
    }


@pytest.mark.req("VP-14")
def test_the_format_metadata_is_shaped_as_published() -> None:
    published = kit.vector("client_metadata-sd_jwt_vc_verifier_metadata.json")
    ours = kit.payload()["client_metadata"]["vp_formats_supported"]
    theirs = published["vp_formats_supported"]
    assert ours.keys() == theirs.keys()
    assert ours["dc+sd-jwt"].keys() == theirs["dc+sd-jwt"].keys()


@pytest.mark.req("VP-09")
def test_the_client_identifier_is_the_hash_of_the_leaf() -> None:
    digest = sha256(b"leaf").digest()
    assert x509_hash(b"leaf") == f"x509_hash:{b64url_encode(digest)}"


@pytest.mark.req("VP-02", "VP-03", "VP-09", "VP-13", "DCQL-18")
@pytest.mark.parametrize(
    ("failure", "changes"),
    [
        (errors.ClientIdPrefixNotSupported, {"client_id": "x509_san_uri:desk.example.fi"}),
        (errors.ClientIdNotOfCertificate, {"client_id": "x509_san_dns:desk.example.fi"}),
        (errors.ResponseUriOfAnotherHost, {"client_id": "x509_san_dns:localhost"}),
        (errors.ClientIdNotOfCertificate, {"client_id": x509_hash(b"another")}),
        (errors.NonceMalformed, {"nonce": "short"}),
        (errors.NonceMalformed, {"nonce": "a" * 30 + "+"}),
        (errors.NonceMalformed, {"state": None}),
        (errors.NonceMalformed, {"state": "a" * 21}),
        (errors.MalformedRequest, {"encryption_jwk": {"kty": "EC", "alg": "ECDH-ES"}}),
        (errors.MalformedRequest, {"encryption_jwk": {"kty": "EC", "kid": "1"}}),
        (MalformedQuery, {"query": Query(())}),
    ],
)
def test_the_verifier_signs_no_request_that_breaks_a_rule(
    failure: type[CheckFailed], changes: dict[str, Any]
) -> None:
    with pytest.raises(failure):
        sign_request(request(**changes), signer=kit.desk(), issued_at=kit.AT)


# --- What the wallet reads ----------------------------------------------------------------------


@pytest.mark.req("VP-04", "VP-06", "VP-07", "VP-09", "HAIP-09")
def test_a_good_request_comes_back_as_it_was_signed() -> None:
    trusted = read(signed())
    assert trusted.request == request()
    assert trusted.relying_party.roles == {"te_office", "privacy_page"}


@pytest.mark.req("VP-40", "VP-42", "VP-05", "VP-21")
def test_unknown_and_old_parameters_are_ignored() -> None:
    text = bent(
        iss="somebody",
        client_id_scheme="did",
        presentation_definition={"id": "x"},
        verifier_attestations=[],
        new=[1],
        verifier_info=[{"format": "jwt", "data": "e.e.e"}, *kit.payload()["verifier_info"]],
        client_metadata={**kit.payload()["client_metadata"], "vp_formats": {}, "client_name": 1},
    )
    assert read(text).request == request()


def test_state_and_profile_and_lifetime_may_be_absent() -> None:
    trusted = read(bent(without=("state", "verifier_info", "iat", "exp")))
    assert (trusted.request.state, trusted.request.profile_id) == (None, None)


@pytest.mark.req("VP-21")
def test_verifier_info_of_other_formats_alone_names_no_profile() -> None:
    assert read(bent(verifier_info=[{"format": "jwt", "data": "e"}])).request.profile_id is None


@pytest.mark.req("VP-16", "VP-17")
def test_a_wallet_nonce_is_repeated_and_checked() -> None:
    text = sign_request(request(), signer=kit.desk(), issued_at=kit.AT, wallet_nonce="w-1")
    assert read(text, wallet_nonce="w-1").request == request()
    assert read(text).request == request()
    for nonce in ("w-2", ""):
        with pytest.raises(errors.WalletNonceMismatch):
            read(text, wallet_nonce=nonce)
    with pytest.raises(errors.WalletNonceMismatch):
        read(signed(), wallet_nonce="w-1")


@pytest.mark.req("VP-13", "VP-29", "VP-30")
def test_the_first_key_that_can_be_used_is_taken() -> None:
    published = kit.vector("encrypted-response.json")["request"]["client_metadata"]["jwks"]["keys"]
    usable = {**kit.KEY.public_jwk, "kid": "ours"}
    signing = {**usable, "kid": "sig", "use": "sig"}
    broken = {**usable, "kid": "broken", "x": "AAAA"}
    without_use = {name: value for name, value in usable.items() if name != "use"}
    without_alg = {name: value for name, value in usable.items() if name != "alg"}
    metadata = kit.payload()["client_metadata"]
    cases = (
        (published, "ac"),
        ([*published[1:], signing, broken, usable, published[0]], "ours"),
        ([{**without_alg, "kid": "x"}, without_use], "ours"),
    )
    for keys, kid in cases:
        text = bent(client_metadata={**metadata, "jwks": {"keys": keys}})
        assert read(text).request.encryption_jwk["kid"] == kid


@pytest.mark.req("VP-13", "VP-29")
def test_content_encryption_is_a128gcm_unless_said_otherwise() -> None:
    metadata = dict(kit.payload()["client_metadata"])
    del metadata["encrypted_response_enc_values_supported"]
    assert read(bent(client_metadata=metadata)).request.enc_values == ("A128GCM",)
    metadata["encrypted_response_enc_values_supported"] = ["A128CBC-HS256", "A256GCM"]
    assert read(bent(client_metadata=metadata)).request.enc_values == ("A256GCM",)


def test_a_response_uri_on_this_machine_only_when_allowed() -> None:
    text = bent(response_uri="http://localhost:8002/responses/7")
    assert read(text, allow_loopback_http=True).request.response_uri.startswith("http://localhost")
    with pytest.raises(errors.ResponseUriInvalid):
        read(text)


def test_the_query_of_a_request_may_ask_for_no_claims() -> None:
    query = Query((CredentialQuery("a", "dc+sd-jwt", (kit.VCT,)),))
    text = sign_request(request(query=query), signer=kit.desk(), issued_at=kit.AT)
    assert read(text).request.query == query
