"""The JWS JSON form: the same SD-JWT in other words, and nothing but that."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from keys.checks import CheckFailed, SignatureInvalid
from keys.jose import b64url_encode
from openid4vc import limits
from openid4vc.checks import KbSdHashMismatch, MalformedJsonSdJwt
from openid4vc.sd_jwt.json_form import compact_from_json, json_from_compact, parse_json
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, check_key_binding
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.verify import ExpectedPlain, verify, verify_plain
from tests.openid4vc.sd_jwt.kit import (
    bound,
    credential,
    encoded,
    expected,
    expected_binding,
    hiding,
    key,
    vector,
)

VECTOR = vector("sd-jwt/rfc9901-json-flattened.json")
ISSUED = datetime(2025, 5, 29, 16, 42, tzinfo=UTC)


def plain_expected(key_binding: ExpectedKeyBinding | None) -> ExpectedPlain:
    return ExpectedPlain(
        issuer_key=key(VECTOR["issuer_public_jwk"]),
        typ="example+sd-jwt",
        at=ISSUED,
        key_binding=key_binding,
    )


def holder_binding() -> ExpectedKeyBinding:
    return ExpectedKeyBinding(
        audience="https://verifier.example.org", nonce="1234567890", at=ISSUED
    )


def changed(form: dict[str, Any], *path: str | int, to: object) -> str:
    """The form with one member put in or replaced."""
    whole = copy.deepcopy(form)
    place: Any = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(whole)


def refused(text: str | bytes) -> None:
    with pytest.raises(MalformedJsonSdJwt):
        compact_from_json(text)


@pytest.mark.req("SDJWT-24")
def test_the_examples_of_the_rfc_verify() -> None:
    plain = compact_from_json(json.dumps(VECTOR["sd_jwt"]))
    assert verify_plain(plain, plain_expected(None)).claims["given_name"] == "John"
    shown = compact_from_json(json.dumps(VECTOR["sd_jwt_kb"]))
    disclosed = verify_plain(shown, plain_expected(holder_binding()))
    assert disclosed.claims["family_name"] == "Doe"
    assert "birthdate" not in disclosed.claims


@pytest.mark.req("SDJWT-24")
@pytest.mark.parametrize("name", ["sd_jwt", "sd_jwt_kb"])
def test_the_examples_are_written_as_they_were_read(name: str) -> None:
    assert json_from_compact(compact_from_json(json.dumps(VECTOR[name]))) == VECTOR[name]


@pytest.mark.req("SDJWT-24")
@pytest.mark.parametrize("general", [True, False])
def test_a_credential_goes_through_either_form_unchanged(general: bool) -> None:
    for text in (credential(), bound(credential())):
        form = json_from_compact(text, general=general)
        assert ("signatures" in form) is general
        assert compact_from_json(strict_json.dumps(form)) == text
        assert parse_json(strict_json.dumps(form)) == parse(text)


@pytest.mark.req("SDJWT-24")
def test_sd_hash_is_over_the_compact_form_with_these_disclosures_in_this_order() -> None:
    name, city = encoded("salt-1", "name", "Aino"), encoded("salt-2", "city", "Mallila")
    form: Any = json_from_compact(bound(hiding(name, city)))
    assert verify(
        compact_from_json(json.dumps(form)), expected(key_binding=expected_binding())
    ).claims["city"]
    for disclosures in ([city, name], [name], []):
        other = parse_json(changed(form, "header", "disclosures", to=disclosures))
        with pytest.raises(KbSdHashMismatch):
            check_key_binding(other, other.claims, expected_binding())


@pytest.mark.req("SDJWT-24")
def test_only_the_first_header_holds_disclosures_and_key_binding() -> None:
    form: Any = json_from_compact(bound(credential()), general=True)
    one = form["signatures"][0]
    second = {"protected": one["protected"], "signature": one["signature"]}
    two = {**form, "signatures": [one, second]}
    assert compact_from_json(json.dumps(two)) == bound_text(form)
    refused(changed(two, "signatures", 1, "header", to={"disclosures": []}))
    refused(changed(two, "signatures", 1, "header", to={"kb_jwt": one["header"]["kb_jwt"]}))
    refused(json.dumps({**form, "signatures": [second, one]}))
    protected = b64url_encode(b'{"alg":"ES256","disclosures":[]}')
    refused(changed(form, "signatures", 0, "protected", to=protected))
    refused(changed(two, "signatures", 1, "protected", to=protected))


def bound_text(form: Any) -> str:
    """The compact text of the first signature, put together by hand."""
    one = form["signatures"][0]
    jws = f"{one['protected']}.{form['payload']}.{one['signature']}"
    return "~".join((jws, *one["header"]["disclosures"], one["header"]["kb_jwt"]))


@pytest.mark.req("SDJWT-24")
def test_a_second_signature_does_not_stand_in_for_the_first() -> None:
    form: Any = json_from_compact(credential(), general=True)
    good = form["signatures"][0]
    bad = {**good, "signature": VECTOR["sd_jwt"]["signature"]}
    second = {"protected": good["protected"], "signature": good["signature"]}
    text = compact_from_json(json.dumps({**form, "signatures": [bad, second]}))
    with pytest.raises(SignatureInvalid):
        verify(text, expected())


@pytest.mark.req("SDJWT-24")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("payload",), None),
        (("payload",), ""),
        (("payload",), "e30.e30"),
        (("payload",), "e30~"),
        (("protected",), 1),
        (("protected",), "e30="),
        (("protected",), "W10"),
        (("protected",), "eyJ"),
        (("signature",), None),
        (("signature",), "a~b"),
        (("header",), []),
        (("header", "disclosures"), "WyJh"),
        (("header", "disclosures"), [1]),
        (("header", "disclosures"), [""]),
        (("header", "disclosures"), ["WyJh~WyJh"]),
        (("header", "kb_jwt"), None),
        (("header", "kb_jwt"), ""),
        (("header", "kb_jwt"), "a.b"),
        (("header", "kb_jwt"), "WyJh~a.b.c"),
        (("header", "alg"), "none"),
        (("header", "typ"), "other"),
        (("signatures",), [{}]),
    ],
)
def test_members_of_another_shape_are_refused(path: tuple[str, ...], value: object) -> None:
    refused(changed(VECTOR["sd_jwt_kb"], *path, to=value))


@pytest.mark.req("SDJWT-24")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"payload":"e30"}',
        '{"payload":"e30","signatures":[]}',
        '{"payload":"e30","signatures":[1]}',
        '{"payload":"e30","signatures":[{"signature":"YQ"}]}',
        '{"payload":"e30","payload":"e30","protected":"e30","signature":"YQ"}',
        b"\xff",
        '{"payload":"e30","signatures":['
        + ",".join(['{"protected":"e30","signature":"YQ"}'] * (limits.MAX_SIGNATURES + 1))
        + "]}",
        " " * (limits.MAX_JSON_SD_JWT_BYTES + 1),
    ],
)
def test_what_is_no_json_form_is_refused(text: str | bytes) -> None:
    refused(text)


def test_without_disclosures_there_may_be_no_unprotected_header() -> None:
    text = hiding()
    form: Any = json_from_compact(text)
    assert form["header"] == {"disclosures": []}
    del form["header"]
    assert compact_from_json(json.dumps(form)) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "payload",
                    "protected",
                    "signature",
                    "header",
                    "signatures",
                    "disclosures",
                    "kb_jwt",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_garbage_is_refused_by_name(value: object) -> None:
    try:
        parse_json(json.dumps(value))
    except CheckFailed:
        return
    raise AssertionError("garbage was read")


@given(st.binary(max_size=200))
def test_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(MalformedJsonSdJwt):
        parse_json(data)
