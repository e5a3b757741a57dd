"""The examples of RFC 9901 and SD-JWT VC come out as those documents say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.hashes import digest_of
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding
from openid4vc.sd_jwt.model import DisclosedClaims
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import PROTECTED_CLAIMS
from openid4vc.sd_jwt.verify import (
    Expected,
    ExpectedPlain,
    PinnedIssuerKey,
    verify,
    verify_plain,
)
from tests.openid4vc.sd_jwt.kit import key, sd_jwt, vector

NAMES = (
    "sd-jwt/rfc9901-a1-simple-structured.json",
    "sd-jwt/rfc9901-a3-pid.json",
    "sd-jwt/rfc9901-main.json",
    "sd-jwt-vc/main.json",
)
DIGESTED = (*NAMES, "sd-jwt/rfc9901-flat.json", "sd-jwt/rfc9901-recursive.json")
ISSUED = datetime(2025, 5, 29, 16, 42, tzinfo=UTC)


def serialised(kind: str) -> list[Any]:
    return [
        pytest.param(name, entry, id=f"{name}-{number}")
        for name in NAMES
        for number, entry in enumerate(vector(name)["serialized"])
        if entry["kind"] == kind
    ]


def binding_of(entry: Any) -> ExpectedKeyBinding | None:
    if entry["kind"] != "sd_jwt_kb":
        return None
    said = entry["kb_jwt_payload"]
    made = datetime.fromtimestamp(said["iat"], UTC)
    return ExpectedKeyBinding(audience=said["aud"], nonce=said["nonce"], at=made)


def verified(name: str, entry: Any) -> DisclosedClaims:
    return verify_plain(
        entry["value"],
        ExpectedPlain(
            issuer_key=key(vector(name)["issuer_public_jwk"]),
            typ=entry["issuer_header"]["typ"],
            at=ISSUED,
            key_binding=binding_of(entry),
        ),
    )


@pytest.mark.req("SDJWT-02", "SDJWT-03")
@pytest.mark.parametrize("name", [*DIGESTED, "sd-jwt/rfc9901-structured.json"])
def test_disclosures_have_the_digests_of_the_text(name: str) -> None:
    entries = vector(name)["disclosures"]
    assert entries
    for entry in entries:
        disclosure = parse(sd_jwt({}, [entry["disclosure"]])).disclosures[0]
        assert disclosure.digest == entry["sha256_b64url"]
        named = [] if disclosure.name is None else [disclosure.name]
        assert [disclosure.salt, *named, disclosure.value] == entry["contents"]


@pytest.mark.req("SDJWT-02")
def test_a_digest_is_over_the_text_and_not_over_what_it_says() -> None:
    items = vector("sd-jwt/disclosure-encodings.json")["items"]
    read = parse(sd_jwt({}, [item["disclosure"] for item in items])).disclosures
    assert [each.digest for each in read] == [item["sha256_b64url"] for item in items]
    assert {(each.salt, each.name, each.value) for each in read} == {tuple(items[0]["contents"])}
    assert len({each.digest for each in read}) == len(items)


@pytest.mark.req("SDJWT-10", "SDJWT-11", "SDJWT-13", "SDJWT-14")
@pytest.mark.parametrize(("name", "entry"), serialised("sd_jwt"))
def test_issued_examples_verify(name: str, entry: Any) -> None:
    sd_jwt_text = entry["value"]
    assert len(parse(sd_jwt_text).disclosures) == entry["disclosure_count"]
    claims = verified(name, entry).claims
    assert "_sd" not in claims
    assert "_sd_alg" not in claims


@pytest.mark.req("SDJWT-18", "SDJWT-19", "SDJWT-21")
@pytest.mark.parametrize(("name", "entry"), serialised("sd_jwt_kb"))
def test_presented_examples_verify_with_their_key_binding(name: str, entry: Any) -> None:
    assert len(parse(entry["value"]).disclosures) == entry["disclosure_count"]
    assert verified(name, entry).claims["cnf"]


@pytest.mark.req("SDJWT-14")
@pytest.mark.parametrize("name", NAMES)
def test_processed_payloads_are_those_of_the_documents(name: str) -> None:
    said = vector(name)
    for wanted in said["processed_payloads"]:
        ours = [
            verified(name, each).claims for each in said["serialized"] if each["kind"][0] == "s"
        ]
        assert wanted in ours


@pytest.mark.req("SDJWT-14", "SDJWT-09")
@pytest.mark.parametrize("name", ["sd-jwt/rfc9901-flat.json", "sd-jwt/rfc9901-recursive.json"])
def test_flat_and_recursive_examples_give_back_the_address(name: str) -> None:
    said = vector(name)
    texts = [each["disclosure"] for each in said["disclosures"]]
    disclosed = disclose(parse(sd_jwt(said["sd_jwt_payloads"][0], texts)))
    address = disclosed.claims["address"]
    assert address == {
        "street_address": "Schulstr. 12",
        "locality": "Schulpforta",
        "region": "Sachsen-Anhalt",
        "country": "DE",
    }
    assert ("address",) in disclosed.disclosed
    assert (("address", "country") in disclosed.disclosed) == ("recursive" in name)


@pytest.mark.req("SDJWT-14")
@pytest.mark.parametrize("number", [0, 1])
def test_structured_examples_show_what_is_disclosed_of_the_address(number: int) -> None:
    said = vector("sd-jwt/rfc9901-structured.json")
    payload = said["sd_jwt_payloads"][number]
    region = next(each for each in said["disclosures"] if each["label"] == "region")
    disclosed = disclose(parse(sd_jwt(payload, [region["disclosure"]])))
    clear = {"country": "DE"} if number else {}
    assert disclosed.claims["address"] == {**clear, "region": "Sachsen-Anhalt"}
    assert disclosed.partial_objects == {("address",)}


@pytest.mark.req("SDJWT-05", "SDJWT-14")
def test_an_array_shown_in_part_is_reported() -> None:
    name = "sd-jwt/rfc9901-main.json"
    presented = next(each for each in vector(name)["serialized"] if each["kind"] == "sd_jwt_kb")
    disclosed = verified(name, presented)
    assert disclosed.claims["nationalities"] == ["US"]
    assert disclosed.partial_arrays == {("nationalities",)}
    assert ("nationalities", 0) in disclosed.disclosed
    assert disclosed.partial_objects == {()}


@pytest.mark.req("VCT-01", "VCT-05", "SDJWT-19")
@pytest.mark.parametrize("name", ["sd-jwt-vc/main.json", "sd-jwt/rfc9901-a3-pid.json"])
def test_credentials_of_the_documents_verify_as_sd_jwt_vc(name: str) -> None:
    said = vector(name)
    for entry in said["serialized"]:
        result = verify(
            entry["value"],
            Expected(
                issuer=PinnedIssuerKey(key(said["issuer_public_jwk"])),
                at=ISSUED,
                key_binding=binding_of(entry),
            ),
        )
        assert result.vct == result.claims["vct"]
        assert result.issuer is None


def test_sd_hash_of_the_document_is_ours() -> None:
    presented = next(
        each
        for each in vector("sd-jwt/rfc9901-main.json")["serialized"]
        if each["kind"] == "sd_jwt_kb"
    )
    said = presented["kb_jwt_payload"]["sd_hash"]
    assert digest_of(parse(presented["value"]).without_key_binding) == said


@pytest.mark.req("SDJWT-14", "VCT-03")
def test_the_published_credential_of_openid4vp_shows_nothing_by_itself() -> None:
    said = vector("openid4vp/credentials-sd_jwt_vc.json")
    shown = disclose(parse(sd_jwt(said)))
    assert shown.claims == {
        name: value for name, value in said.items() if name not in ("_sd", "_sd_alg")
    }
    assert shown.disclosed == frozenset()
    assert shown.partial_objects == {()}
    unsecured = vector("openid4vp/credentials-sd_jwt_vc_unsecured.json")
    assert unsecured["vct"] == shown.claims["vct"]
    assert unsecured.keys() - {"vct"} == {"given_name", "family_name", "birthdate"}
    assert PROTECTED_CLAIMS & said.keys() == {"iss", "exp", "vct", "cnf"}
