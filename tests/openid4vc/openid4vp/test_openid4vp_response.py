"""Answers: encrypted by the wallet, opened by the verifier, and everything else refused."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from keys.checks import AlgorithmNotAllowed, DecryptionFailed, MalformedJwe
from keys.jose import EncryptionKey, b64url_decode, encrypt_jwe
from openid4vc.checks import CheckFailed
from openid4vc.openid4vp import errors
from openid4vc.openid4vp.errors import WalletErrorCode
from openid4vc.openid4vp.response import (
    AuthorizationResponse,
    WalletError,
    encrypt_response,
    error_form,
    read_response,
    response_form,
)
from tests.openid4vc.openid4vp import kit

TOKEN = {"statement_feedback": ["eyJ.e.e~d~kb"]}
Pairs = Sequence[tuple[str, str]]


def answered(**options: Any) -> Pairs:
    return list(response_form(encrypt_response(kit.request(**options), TOKEN)).items())


def encrypted(payload: object, *, key: EncryptionKey = kit.KEY, enc: str = "A128GCM") -> Pairs:
    body = payload if isinstance(payload, bytes) else strict_json.dumps(payload)
    return [("response", encrypt_jwe(body, key.public_jwk, enc=enc))]


def read(pairs: Pairs, **options: Any) -> AuthorizationResponse | WalletError:
    return read_response(pairs, **{"key": kit.KEY, "state": kit.STATE, **options})


@pytest.mark.req("VP-23", "VP-24", "VP-28", "VP-29")
@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
def test_an_answer_comes_back_as_it_was_given(enc: str) -> None:
    pairs = answered(enc_values=("A128CBC-HS256", enc))
    header = json.loads(b64url_decode(pairs[0][1].split(".")[0]))
    assert (header["alg"], header["enc"], header["kid"]) == ("ECDH-ES", enc, kit.KEY.kid)
    assert read(pairs) == AuthorizationResponse({"statement_feedback": ("eyJ.e.e~d~kb",)})


def test_who_answered_for_the_holder_comes_with_the_answer() -> None:
    jwe = encrypt_response(kit.request(), TOKEN, acted_by="guardian")
    found = read(list(response_form(jwe).items()))
    assert isinstance(found, AuthorizationResponse)
    assert found.acted_by == "guardian"


@pytest.mark.req("VP-28")
@pytest.mark.parametrize("said", ["Matti Mallikas", "", 7, None, ["guardian"], "x" * 65])
def test_what_is_no_word_of_ours_is_an_unknown_parameter(said: object) -> None:
    token = {"statement_feedback": ["eyJ.e.e~d~kb"]}
    found = read(encrypted({"vp_token": token, "state": kit.STATE, "acted_by": said}))
    assert isinstance(found, AuthorizationResponse)
    assert found.acted_by is None


@pytest.mark.req("VP-29")
def test_no_content_encryption_in_common() -> None:
    with pytest.raises(errors.EncryptionNotPossible):
        encrypt_response(replace(kit.request(), enc_values=("A128CBC-HS256",)), TOKEN)


@pytest.mark.req("VP-29", "HAIP-11")
def test_the_published_encrypted_response_is_opened() -> None:
    published = kit.vector("encrypted-response.json")
    jwk = published["private_jwk"]
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(b64url_decode(jwk["x"]), "big"),
        int.from_bytes(b64url_decode(jwk["y"]), "big"),
        ec.SECP256R1(),
    )
    private = ec.EllipticCurvePrivateNumbers(
        int.from_bytes(b64url_decode(jwk["d"]), "big"), numbers
    )
    key = EncryptionKey(private.private_key(), kid=jwk["kid"])
    # its request had no state, which ours always have: opened, shaped right, and not for us
    with pytest.raises(errors.StateMismatch):
        read([("response", published["jwe"])], key=key)
    same = {**published["expected_payload"], "state": kit.STATE}
    found = read(encrypted(same))
    assert found == AuthorizationResponse({"example_credential_id": ("eyJhb...YMetA",)})


@pytest.mark.req("VP-23")
def test_the_published_vp_tokens_are_read() -> None:
    texts = [one["text"] for one in kit.vector("spec-responses.json")]
    tokens = [json.loads(text) for text in texts if text.startswith("{")]
    assert len(tokens) == 2
    assert read(encrypted({"vp_token": tokens[0], "state": kit.STATE})) == AuthorizationResponse(
        {"my_credential": ("eyJhbGci...QMA",)}
    )
    assert read(encrypted({**tokens[1], "state": kit.STATE})) == AuthorizationResponse(
        {"example_jwt_vc": ("eY...QMA",)}
    )


@pytest.mark.req("VP-42")
def test_unknown_members_and_parameters_are_ignored() -> None:
    inner = {"vp_token": TOKEN, "state": kit.STATE, "iss": "x", "presentation_submission": {}}
    assert isinstance(read([*encrypted(inner), ("new", "x")]), AuthorizationResponse)


@pytest.mark.req("VP-34", "VP-35")
@pytest.mark.parametrize("code", WalletErrorCode)
def test_an_error_may_come_in_the_clear(code: WalletErrorCode) -> None:
    form = error_form(code, state=kit.STATE)
    assert set(form) == {"error", "state"}
    assert read(list(form.items())) == WalletError(code.value)


@pytest.mark.req("VP-35")
def test_an_error_may_come_encrypted_and_its_description_is_not_kept() -> None:
    inner = {"error": "access_denied", "state": kit.STATE, "error_description": "Aino said no"}
    found = read(encrypted(inner))
    assert found == WalletError("access_denied")
    assert "Aino" not in repr(found)


def test_an_error_for_a_request_without_state_has_none() -> None:
    assert error_form(WalletErrorCode.ACCESS_DENIED, state=None) == {"error": "access_denied"}


CLEAR: Pairs = [("vp_token", json.dumps(TOKEN)), ("state", kit.STATE)]


@pytest.mark.req("VP-29", "VP-31")
def test_presentations_in_the_clear_are_for_tests_alone() -> None:
    with pytest.raises(errors.ResponseNotEncrypted):
        read(CLEAR)
    assert isinstance(read(CLEAR, unsafe_allow_unencrypted=True), AuthorizationResponse)


def token(value: object) -> Pairs:
    return encrypted({"vp_token": value, "state": kit.STATE})


MANY = {f"q{n}": ["x"] for n in range(17)}


@pytest.mark.req("VP-23", "VP-28", "VP-29", "VP-31", "HAIP-11")
@pytest.mark.parametrize(
    ("failure", "pairs"),
    [
        (errors.MalformedResponse, []),
        (errors.MalformedResponse, [("state", kit.STATE)]),
        (errors.MalformedResponse, [*answered(), *answered()]),
        (errors.MalformedResponse, [("error", "x"), *((f"p{n}", "") for n in range(40))]),
        (errors.MalformedResponse, [("error", "No!"), ("state", kit.STATE)]),
        (errors.MalformedResponse, [("error", ""), ("state", kit.STATE)]),
        (errors.MalformedResponse, encrypted(b"[]")),
        (errors.MalformedResponse, encrypted(b"no JSON")),
        (errors.MalformedResponse, encrypted(b'{"state":"a","state":"b"}')),
        (errors.StateMismatch, encrypted({"vp_token": TOKEN})),
        (errors.StateMismatch, encrypted({"vp_token": TOKEN, "state": kit.STATE + "x"})),
        (errors.StateMismatch, encrypted({"vp_token": TOKEN, "state": 7})),
        (errors.StateMismatch, [("error", "access_denied")]),
        (errors.StateMismatch, [("error", "access_denied"), ("state", "\ud800")]),
        (errors.MalformedVpToken, encrypted({"state": kit.STATE})),
        (errors.MalformedVpToken, token("eyJ.e.e~")),
        (errors.MalformedVpToken, token(["eyJ.e.e~"])),
        (errors.MalformedVpToken, token({})),
        (errors.MalformedVpToken, token({"a": "eyJ.e.e~"})),
        (errors.MalformedVpToken, token({"a": []})),
        (errors.MalformedVpToken, token({"a": [{}]})),
        (errors.MalformedVpToken, token({"a": [""]})),
        (errors.MalformedVpToken, token({"a b": ["x"]})),
        (errors.MalformedVpToken, token({"a": ["x"] * 17})),
        (errors.MalformedVpToken, token({"a": ["x" * 131_073]})),
        (errors.MalformedVpToken, token(MANY)),
        (MalformedJwe, [("response", "eyJ.e.e")]),
        (MalformedJwe, [("response", "x" * 300_000)]),
        (DecryptionFailed, encrypted({}, key=EncryptionKey.generate())),
    ],
)
def test_an_answer_of_another_shape_is_refused(failure: type[CheckFailed], pairs: Pairs) -> None:
    with pytest.raises(failure) as caught:
        read(pairs)
    assert type(caught.value) is failure


@pytest.mark.req("VP-29")
def test_a_signed_answer_in_place_of_an_encrypted_one_is_refused() -> None:
    with pytest.raises((MalformedJwe, AlgorithmNotAllowed)):
        read([("response", kit.signed())])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(["response", "vp_token", "error", "state"])


@given(value=JSON)
def test_garbage_inside_an_encrypted_answer_never_breaks_the_reader(value: object) -> None:
    for payload in (value, {"state": kit.STATE, "vp_token": value}):
        with suppress(CheckFailed):
            read(encrypted(payload))


@given(pairs=st.lists(st.tuples(NAMES, st.text(max_size=30)), max_size=4))
def test_garbage_in_a_form_never_breaks_the_reader(pairs: Pairs) -> None:
    with suppress(CheckFailed):
        read(pairs, unsafe_allow_unencrypted=True)


@pytest.mark.req("VP-24")
def test_a_published_form_is_taken_apart_like_any_other() -> None:
    texts = [one["text"] for one in kit.vector("spec-responses.json")]
    bodies = ["".join(text.split("\n\n", 1)[1].split()) for text in texts if "POST" in text]
    forms = [parse_qsl(body) for body in bodies]
    assert [[name for name, _ in form] for form in forms] == [["vp_token", "state"], ["response"]]
    with pytest.raises(errors.ResponseNotEncrypted):
        read(forms[0])
    with pytest.raises(MalformedJwe):
        read(forms[1])
