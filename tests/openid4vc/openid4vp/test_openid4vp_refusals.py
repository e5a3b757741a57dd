"""Every rule that a request can break, and what the verifier is told."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import strict_json
from keys.checks import (
    AlgorithmNotAllowed,
    AnchorInChain,
    ChainMissing,
    ChainNotTrusted,
    MalformedJws,
    SignatureInvalid,
    WrongTokenType,
)
from keys.jose import b64url_decode, b64url_encode, x5c_header
from openid4vc.checks import CheckFailed
from openid4vc.dcql.errors import FormatNotSupported, MalformedQuery
from openid4vc.dcql.query import query_json
from openid4vc.openid4vp import errors
from openid4vc.openid4vp.errors import WalletErrorCode, error_code_for
from openid4vc.openid4vp.request import (
    authenticate_request,
    read_parameters,
    x509_hash,
)
from tests.openid4vc.openid4vp import kit
from tests.openid4vc.openid4vp.kit import bent, read, request, signed

CODES = {
    errors.TransactionDataNotSupported: WalletErrorCode.INVALID_TRANSACTION_DATA,
    errors.FormatsNotSupported: WalletErrorCode.VP_FORMATS_NOT_SUPPORTED,
    FormatNotSupported: WalletErrorCode.VP_FORMATS_NOT_SUPPORTED,
}


def metadata(**changes: object) -> dict[str, object]:
    return {**kit.payload()["client_metadata"], **changes}


def other(**changes: object) -> dict[str, object]:
    return {**kit.KEY.public_jwk, **changes}


def _with_another_payload() -> str:
    header, _, signature = signed().split(".")
    return f"{header}.{bent(nonce='other').split('.')[1]}.{signature}"


def _with_alg_none() -> str:
    header, body, _ = bent(header={"typ": "oauth-authz-req+jwt"}).split(".")
    members = {**strict_json.loads_object(b64url_decode(header)), "alg": "none"}
    return f"{b64url_encode(strict_json.dumps(members))}.{body}."


def _anchor() -> bytes:
    (anchor,) = kit.pki().trust_list.access_anchors
    return anchor.public_bytes(Encoding.DER)


REFUSED: list[tuple[str, type[CheckFailed], Callable[[], str]]] = [
    ("no JWS", MalformedJws, lambda: "x"),
    (
        "typ missing",
        WrongTokenType,
        lambda: bent(header={"typ": None}),
    ),
    (
        "typ JWT",
        WrongTokenType,
        lambda: bent(header={"typ": "JWT"}),
    ),
    (
        "no x5c",
        ChainMissing,
        lambda: bent(header={"x5c": None}),
    ),
    (
        "signed by an issuer",
        ChainNotTrusted,
        lambda: bent(signer=kit.pki().signer("kela", "credential")),
    ),
    (
        "the anchor beside the leaf",
        AnchorInChain,
        lambda: bent(header={"x5c": x5c_header((*kit.desk().certificate_chain, _anchor()))}),
    ),
    (
        "a self-signed leaf",
        AnchorInChain,
        lambda: bent(header={"x5c": x5c_header((_anchor(),))}),
    ),
    (
        "another payload",
        SignatureInvalid,
        _with_another_payload,
    ),
    (
        "alg none",
        AlgorithmNotAllowed,
        _with_alg_none,
    ),
    (
        "client_id of the other desk",
        errors.ClientIdMismatch,
        lambda: bent(client_id=x509_hash(b"other")),
    ),
    (
        "client_id without prefix",
        errors.ClientIdPrefixNotSupported,
        lambda: bent(client_id="desk.example.fi"),
    ),
    (
        "client_id origin",
        errors.ClientIdPrefixNotSupported,
        lambda: bent(client_id="origin:https://desk.example.fi"),
    ),
    (
        "client_id missing",
        errors.MalformedRequest,
        lambda: bent(without=("client_id",)),
    ),
    (
        "signed by another desk",
        errors.ClientIdNotOfCertificate,
        lambda: bent(signer=kit.pki().signer("sote-keskus-malli", "access")),
    ),
    (
        "aud another wallet",
        errors.RequestForSomebodyElse,
        lambda: bent(aud="https://wallet.example"),
    ),
    (
        "aud missing",
        errors.RequestForSomebodyElse,
        lambda: bent(without=("aud",)),
    ),
    (
        "exp now",
        errors.RequestExpired,
        lambda: bent(exp=kit.NOW),
    ),
    (
        "iat ahead",
        errors.RequestFromFuture,
        lambda: bent(iat=kit.NOW + 61),
    ),
    (
        "nbf ahead",
        errors.RequestFromFuture,
        lambda: bent(nbf=kit.NOW + 61),
    ),
    (
        "exp a text",
        errors.MalformedRequest,
        lambda: bent(exp=str(kit.NOW + 300)),
    ),
    (
        "iat true",
        errors.MalformedRequest,
        lambda: bent(iat=True),
    ),
    (
        "exp beyond all time",
        errors.MalformedRequest,
        lambda: bent(exp=10**30),
    ),
    (
        "transaction_data",
        errors.TransactionDataNotSupported,
        lambda: bent(transaction_data=["e30"]),
    ),
    (
        "transaction_data empty",
        errors.TransactionDataNotSupported,
        lambda: bent(transaction_data=None),
    ),
    (
        "response_type with id_token",
        errors.ResponseTypeNotSupported,
        lambda: bent(response_type="vp_token id_token"),
    ),
    (
        "response_mode without encryption",
        errors.ResponseModeNotSupported,
        lambda: bent(response_mode="direct_post"),
    ),
    (
        "response_mode missing",
        errors.ResponseModeNotSupported,
        lambda: bent(without=("response_mode",)),
    ),
    (
        "redirect_uri beside response_uri",
        errors.RedirectUriPresent,
        lambda: bent(redirect_uri="https://desk.example.fi/back"),
    ),
    (
        "response_uri missing",
        errors.ResponseUriInvalid,
        lambda: bent(without=("response_uri",)),
    ),
    (
        "response_uri http",
        errors.ResponseUriInvalid,
        lambda: bent(response_uri="http://desk.example.fi/responses/7"),
    ),
    (
        "nonce missing",
        errors.NonceMalformed,
        lambda: bent(without=("nonce",)),
    ),
    (
        "nonce with a space",
        errors.NonceMalformed,
        lambda: bent(nonce="a b"),
    ),
    (
        "state with an umlaut",
        errors.NonceMalformed,
        lambda: bent(state="ä"),
    ),
    (
        "Presentation Exchange only",
        errors.QueryMissing,
        lambda: bent(without=("dcql_query",), presentation_definition={"id": "x"}),
    ),
    (
        "scope only",
        errors.QueryMissing,
        lambda: bent(without=("dcql_query",), scope="com.example"),
    ),
    (
        "scope and query",
        errors.ScopeAndQuery,
        lambda: bent(scope="com.example"),
    ),
    (
        "query malformed",
        MalformedQuery,
        lambda: bent(dcql_query={}),
    ),
    (
        "query with credential_sets that name nobody",
        MalformedQuery,
        lambda: bent(
            dcql_query={**query_json(kit.QUERY), "credential_sets": [{"options": [["nobody"]]}]}
        ),
    ),
    (
        "query for mdoc",
        FormatNotSupported,
        lambda: bent(dcql_query=kit.vector("query_lang-simple_mdoc.json")),
    ),
    (
        "client_metadata missing",
        errors.ClientMetadataMalformed,
        lambda: bent(without=("client_metadata",)),
    ),
    (
        "no vp_formats_supported",
        errors.ClientMetadataMalformed,
        lambda: bent(client_metadata={"jwks": {"keys": [kit.KEY.public_jwk]}}),
    ),
    (
        "formats of mdoc alone",
        errors.FormatsNotSupported,
        lambda: bent(
            client_metadata=metadata(
                **kit.vector("client_metadata-mso_mdoc_verifier_metadata.json")
            )
        ),
    ),
    (
        "formats without ES256",
        errors.FormatsNotSupported,
        lambda: bent(
            client_metadata=metadata(
                vp_formats_supported={"dc+sd-jwt": {"kb-jwt_alg_values": ["ES384"]}}
            )
        ),
    ),
    (
        "keys without kid",
        errors.ClientMetadataMalformed,
        lambda: bent(client_metadata=metadata(jwks={"keys": [other(kid=None)]})),
    ),
    (
        "keys with one kid",
        errors.ClientMetadataMalformed,
        lambda: bent(client_metadata=metadata(jwks={"keys": [other(), other()]})),
    ),
    (
        "no keys",
        errors.ClientMetadataMalformed,
        lambda: bent(client_metadata=metadata(jwks={"keys": []})),
    ),
    (
        "no usable key",
        errors.EncryptionNotPossible,
        lambda: bent(client_metadata=metadata(jwks={"keys": [other(use="sig")]})),
    ),
    (
        "a private key",
        errors.EncryptionNotPossible,
        lambda: bent(client_metadata=metadata(jwks={"keys": [other(d="AA")]})),
    ),
    (
        "no usable enc",
        errors.EncryptionNotPossible,
        lambda: bent(
            client_metadata=metadata(encrypted_response_enc_values_supported=["A128CBC-HS256"])
        ),
    ),
    (
        "verifier_info empty",
        errors.MalformedRequest,
        lambda: bent(verifier_info=[]),
    ),
    (
        "two profiles",
        errors.MalformedRequest,
        lambda: bent(verifier_info=2 * kit.payload()["verifier_info"]),
    ),
]


@pytest.mark.req(
    "VP-01", "VP-04", "VP-05", "VP-06", "VP-07", "VP-09", "VP-12", "VP-13", "VP-19", "VP-24",
    "VP-14", "VP-30", "VP-34", "VP-40", "HAIP-09", "HAIP-10",
)  # fmt: skip
@pytest.mark.parametrize(
    ("failure", "make"),
    [case[1:] for case in REFUSED],
    ids=[case[0] for case in REFUSED],
)
def test_a_request_that_breaks_a_rule_is_refused(
    failure: type[CheckFailed], make: Callable[[], str]
) -> None:
    with pytest.raises(failure) as caught:
        read(make())
    assert type(caught.value) is failure
    assert error_code_for(caught.value) is CODES.get(failure, WalletErrorCode.INVALID_REQUEST)


@pytest.mark.req("VP-34")
def test_a_trusted_certificate_of_nobody_who_is_registered() -> None:
    trust = replace(kit.pki().trust_list, relying_parties=())
    with pytest.raises(errors.RelyingPartyUnknown) as caught:
        read(signed(), trust=trust)
    assert error_code_for(caught.value) is WalletErrorCode.INVALID_CLIENT


def test_one_minute_of_clock_difference_is_borne() -> None:
    assert read(bent(iat=kit.NOW + 60, exp=kit.NOW + 1)).request == request()
    with pytest.raises(errors.RequestExpired):
        read(signed(), at=kit.AT + timedelta(minutes=5))


# --- Where an error goes ------------------------------------------------------------------------


@pytest.mark.req("VP-34", "VP-24")
def test_an_authenticated_request_says_where_an_error_goes() -> None:
    trust = kit.pki().trust_list
    good = authenticate_request(bent(scope="x"), link=kit.link(), trust=trust, at=kit.AT)
    to = good.reply_to()
    assert to is not None
    assert (to.response_uri, to.state) == (kit.RESPONSE_URI, kit.STATE)
    with pytest.raises(errors.ScopeAndQuery):
        read_parameters(good)
    for text in (bent(response_uri="http://x.example/"), bent(state="ä"), bent(state=7)):
        broken = authenticate_request(text, link=kit.link(), trust=trust, at=kit.AT)
        assert broken.reply_to() is None


# --- Whatever comes -----------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from([*kit.payload(), "scope", "redirect_uri", "nbf"])


@settings(max_examples=60)
@given(changes=st.dictionaries(NAMES, JSON, max_size=3))
def test_garbage_in_a_signed_request_never_breaks_the_reader(changes: dict[str, Any]) -> None:
    with suppress(CheckFailed):
        read(bent(**changes))


@settings(max_examples=60)
@given(changes=st.dictionaries(st.sampled_from([*metadata()]), JSON, min_size=1))
def test_garbage_in_the_metadata_never_breaks_the_reader(changes: dict[str, Any]) -> None:
    with suppress(CheckFailed):
        read(bent(client_metadata=metadata(**changes)))


@given(text=st.text(max_size=60))
def test_garbage_is_no_request(text: str) -> None:
    with pytest.raises(CheckFailed):
        read(text)
