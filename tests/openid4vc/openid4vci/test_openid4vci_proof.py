"""Key proofs."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.jose import b64url_encode, parse_jws, public_jwk, sign_jws
from keys.software_signer import SoftwareSigner
from openid4vc.checks import CheckFailed
from openid4vc.openid4vci import errors
from openid4vc.openid4vci.errors import InvalidProof
from openid4vc.openid4vci.proof import ReadProof, make_proof, read_proof
from tests.openid4vc.openid4vci import kit
from tests.openid4vc.openid4vci.kit import proof

JWK = public_jwk(kit.HOLDER.public_key)
HEADER = {"typ": "openid4vci-proof+jwt", "jwk": JWK}
STRANGER = SoftwareSigner.generate()


def read(text: str, **options: Any) -> ReadProof:
    return read_proof(text, **{"issuer": kit.ISSUER, "at": kit.AT, **options})


@pytest.mark.req("VCI-48", "VCI-49", "VCI-50")
def test_a_proof_comes_back_as_it_was_made() -> None:
    text = make_proof(signer=kit.HOLDER, issuer=kit.ISSUER, nonce=kit.NONCE, at=kit.AT)
    assert read(text) == ReadProof(jwk=JWK, nonce=kit.NONCE, issued_at=kit.AT)
    jws = parse_jws(text)
    assert jws.header == {"typ": "openid4vci-proof+jwt", "alg": "ES256", "jwk": JWK}
    assert json.loads(jws.payload) == {"aud": kit.ISSUER, "iat": kit.NOW, "nonce": kit.NONCE}
    assert kit.NONCE not in repr(read(text))


@pytest.mark.req("VCI-48", "VCI-49")
def test_the_published_proof_holds() -> None:
    (text,) = (one for one in kit.messages("openid4vci/spec-proofs.json", "`jwt`") if "eyJ" in one)
    published = "".join(text.partition('[\n    "')[2].partition('"')[0].split())
    at = datetime.fromtimestamp(1701960444, UTC)
    found = read(published, issuer="https://credential-issuer.example.com", at=at)
    assert found.nonce == "LarRGSbmUPYtRYO6BQ4yn8"
    assert found.jwk["x"] == "nUWAoAv3XZith8E7i19OdaxOLYFOwM-Z2EuM02TirT4"


@pytest.mark.req("VCI-48")
def test_only_the_public_members_of_the_key_are_passed_on() -> None:
    extra = {**JWK, "kid": "my phone", "use": "sig", "alg": "ES256"}
    assert read(proof(header={"jwk": extra})).jwk == JWK


@pytest.mark.req("VCI-49")
def test_the_client_is_named_only_when_it_is_known() -> None:
    assert read(proof(claims={"iss": "wallet"}), client_id="wallet").jwk == JWK
    assert read(proof(), client_id="wallet").jwk == JWK


def test_unknown_members_are_ignored() -> None:
    text = proof(header={"key_attestation": "e.e.e"}, claims={"exp": 1, "jti": "x"})
    assert read(text).jwk == JWK


@pytest.mark.req("VCI-50")
def test_the_window_is_five_minutes_back_and_one_ahead() -> None:
    for later in (timedelta(minutes=5), -timedelta(seconds=60)):
        assert read(proof(), at=kit.AT + later).issued_at == kit.AT
    assert read(proof(claims={"iat": kit.NOW - 0.5})).jwk == JWK


def with_alg(alg: str) -> str:
    header = {"typ": "openid4vci-proof+jwt", "alg": alg, "jwk": JWK}
    _, payload, signature = proof().split(".")
    return f"{b64url_encode(json.dumps(header).encode())}.{payload}.{signature}"


REFUSED: list[tuple[str, type[InvalidProof], str]] = [
    ("no JWT", errors.MalformedProof, "x"),
    ("two parts", errors.MalformedProof, "e30.e30"),
    ("too long", errors.MalformedProof, "e30.e30." + "A" * 32_768),
    ("no object inside", errors.MalformedProof, sign_jws(HEADER, b"[]", kit.HOLDER)),
    ("a name twice", errors.MalformedProof, sign_jws(HEADER, b'{"a":1,"a":1}', kit.HOLDER)),
    ("no key", errors.ProofKeyNotAllowed, proof(header={"jwk": None})),
    ("key and kid", errors.ProofKeyNotAllowed, proof(header={"kid": "1"})),
    ("key and x5c", errors.ProofKeyNotAllowed, proof(header={"x5c": ["AA=="]})),
    ("kid alone", errors.ProofKeyNotAllowed, proof(header={"jwk": None, "kid": "did:a#1"})),
    ("x5c alone", errors.ProofKeyNotAllowed, proof(header={"jwk": None, "x5c": ["AA=="]})),
    ("private part", errors.ProofKeyNotAllowed, proof(header={"jwk": {**JWK, "d": "AA"}})),
    ("other curve", errors.ProofKeyNotAllowed, proof(header={"jwk": {**JWK, "crv": "P-384"}})),
    ("off the curve", errors.ProofKeyNotAllowed, proof(header={"jwk": {**JWK, "y": JWK["x"]}})),
    (
        "symmetric key",
        errors.ProofKeyNotAllowed,
        proof(header={"jwk": {"kty": "oct", "k": "AA"}}),
    ),
    ("key a text", errors.MalformedProof, proof(header={"jwk": "1"})),
    ("typ JWT", errors.ProofSignatureInvalid, proof(header={"typ": "JWT"})),
    ("typ missing", errors.ProofSignatureInvalid, proof(header={"typ": None})),
    ("crit", errors.ProofSignatureInvalid, proof(header={"crit": ["x"], "x": 1})),
    ("another signer", errors.ProofSignatureInvalid, proof(signer=STRANGER)),
    ("alg none", errors.ProofSignatureInvalid, with_alg("none")),
    ("alg HS256", errors.ProofSignatureInvalid, with_alg("HS256")),
    ("alg ES384", errors.ProofSignatureInvalid, with_alg("ES384")),
    ("aud missing", errors.MalformedProof, proof(claims={"aud": None})),
    ("aud a list", errors.MalformedProof, proof(claims={"aud": [kit.ISSUER]})),
    (
        "aud the endpoint",
        errors.ProofForOtherIssuer,
        proof(claims={"aud": f"{kit.ISSUER}/credential"}),
    ),
    ("aud with a slash", errors.ProofForOtherIssuer, proof(claims={"aud": f"{kit.ISSUER}/"})),
    ("iss of an anonymous wallet", errors.ProofOfOtherClient, proof(claims={"iss": "wallet"})),
    ("iat missing", errors.MalformedProof, proof(claims={"iat": None})),
    ("iat a text", errors.MalformedProof, proof(claims={"iat": str(kit.NOW)})),
    ("iat true", errors.MalformedProof, proof(claims={"iat": True})),
    ("iat negative", errors.MalformedProof, proof(claims={"iat": -1})),
    ("iat beyond all time", errors.MalformedProof, proof(claims={"iat": 10**30})),
    ("iat old", errors.ProofStale, proof(claims={"iat": kit.NOW - 301})),
    ("iat ahead", errors.ProofStale, proof(claims={"iat": kit.NOW + 61})),
    ("nonce missing", errors.ProofNonceMissing, proof(claims={"nonce": None})),
    ("nonce empty", errors.ProofNonceMissing, proof(claims={"nonce": ""})),
    ("nonce a number", errors.ProofNonceMissing, proof(claims={"nonce": 7})),
]


@pytest.mark.req("VCI-47", "VCI-48", "VCI-49", "VCI-50", "VCI-51")
@pytest.mark.parametrize(
    ("failure", "text"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_proof_that_breaks_a_rule_is_refused(failure: type[InvalidProof], text: str) -> None:
    with pytest.raises(failure) as caught:
        read(text)
    assert type(caught.value) is failure
    assert caught.value.error == "invalid_proof"


@pytest.mark.req("VCI-49")
@pytest.mark.parametrize("issuer", ["another", "", 7, True])
def test_a_proof_of_another_client_is_refused(issuer: object) -> None:
    with pytest.raises(errors.ProofOfOtherClient):
        read(proof(claims={"iss": issuer}), client_id="wallet")


@pytest.mark.req("VCI-51")
def test_a_proof_made_without_a_nonce_lacks_it() -> None:
    text = make_proof(signer=kit.HOLDER, issuer=kit.ISSUER, nonce=None, at=kit.AT)
    with pytest.raises(errors.ProofNonceMissing):
        read(text)


MEMBERS = st.sampled_from(["typ", "jwk", "kid", "x5c", "aud", "iss", "iat", "nonce", "crit"])


@settings(max_examples=80)
@given(header=st.dictionaries(MEMBERS, kit.JSON), claims=st.dictionaries(MEMBERS, kit.JSON))
def test_garbage_is_never_more_than_an_invalid_proof(
    header: dict[str, object], claims: dict[str, object]
) -> None:
    with suppress(InvalidProof):
        read(proof(header=header, claims=claims))


@given(jwk=st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "d"]), kit.JSON))
def test_a_garbage_key_is_never_more_than_an_invalid_proof(jwk: dict[str, object]) -> None:
    with pytest.raises(InvalidProof):
        read(proof(header={"jwk": {**JWK, **jwk, "y": "AA"}}))


@given(text=st.text(max_size=60))
def test_garbage_is_no_proof(text: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        read(text)
    assert type(caught.value) is errors.MalformedProof
