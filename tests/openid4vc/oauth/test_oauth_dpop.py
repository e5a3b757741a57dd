"""DPoP proofs."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.jose import b64url_encode, parse_jws, public_jwk, sign_jws, thumbprint
from openid4vc.oauth import dpop_errors as failures
from openid4vc.oauth.dpop import (
    ProvedCall,
    ReadDpop,
    make_dpop_proof,
    read_dpop_proof,
    token_hash,
)
from openid4vc.oauth.dpop_errors import DpopRefused
from tests.openid4vc import wallet_provider as provider
from tests.openid4vc.oauth import kit
from tests.openid4vc.openid4vci.kit import JSON

JWK = public_jwk(provider.DEVICE.public_key)
HEADER = {"typ": "dpop+jwt", "jwk": JWK}
PUBLISHED = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0Vj"
    "NoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5"
    "VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TV"
    "CIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8"
    "lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)
"""The proof of RFC 9449 5, made at 1562262616."""


def read(text: str, **options: Any) -> ReadDpop:
    known: dict[str, Any] = {"method": "POST", "url": kit.TOKEN_ENDPOINT, "at": provider.AT}
    return read_dpop_proof([text], **{**known, **options})


@pytest.mark.req("DPOP-01", "DPOP-02")
def test_a_proof_comes_back_as_it_was_made() -> None:
    call = ProvedCall(
        "POST", f"{kit.TOKEN_ENDPOINT}?a=b#c", nonce=kit.NONCE, access_token=kit.TOKEN
    )
    text = make_dpop_proof(call, signer=provider.DEVICE, jti=kit.JTI, at=provider.AT)
    found = read(text, access_token=kit.TOKEN)
    assert found == ReadDpop(
        jwk=JWK, thumbprint=thumbprint(JWK), jti=kit.JTI, nonce=kit.NONCE, issued_at=provider.AT
    )
    jws = parse_jws(text)
    assert jws.header == {"typ": "dpop+jwt", "alg": "ES256", "jwk": JWK}
    assert json.loads(jws.payload) == {
        "jti": kit.JTI,
        "htm": "POST",
        "htu": kit.TOKEN_ENDPOINT,
        "iat": provider.NOW,
        "nonce": kit.NONCE,
        "ath": token_hash(kit.TOKEN),
    }
    assert kit.TOKEN not in repr(call)
    assert kit.NONCE not in repr(found)


@pytest.mark.req("DPOP-01")
def test_without_a_nonce_and_a_token_there_is_neither_in_the_proof() -> None:
    call = ProvedCall("GET", "https://a.example/x")
    text = make_dpop_proof(call, signer=provider.DEVICE, jti="1", at=provider.AT)
    assert json.loads(parse_jws(text).payload).keys() == {"jti", "htm", "htu", "iat"}
    assert read(text, method="GET", url="https://a.example/x?y").nonce is None


@pytest.mark.req("DPOP-02")
def test_the_published_hash_of_a_token() -> None:
    assert token_hash(kit.TOKEN) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


@pytest.mark.req("DPOP-01", "DPOP-03")
def test_the_published_proof_holds() -> None:
    at = datetime.fromtimestamp(1562262616, UTC)
    found = read(PUBLISHED, url="https://server.example.com/token", at=at)
    assert found.jti == "-BwC3ESc6acc2lTc"
    assert found.thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


@pytest.mark.req("DPOP-03")
@pytest.mark.parametrize(
    ("htu", "url"),
    [
        ("https://a.example/t", "https://a.example/t?x=1"),
        ("https://a.example:443/t", "https://a.example/t"),
        ("https://a.example/t", "https://a.example:443/t"),
        ("HTTPS://A.example/t", "https://a.example/t"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example/%7Et", "https://a.example/~t"),
        ("https://a.example/%c3%a4", "https://a.example/%C3%A4"),
        ("https://a.example/t?x=1#y", "https://a.example/t"),
        ("http://127.0.0.1:80/t", "http://127.0.0.1/t"),
    ],
)
def test_two_ways_to_write_one_address_are_one(htu: str, url: str) -> None:
    assert read(kit.dpop(claims={"htu": htu}), url=url).jti == kit.JTI


@pytest.mark.req("DPOP-03")
@pytest.mark.parametrize(
    ("htu", "url"),
    [
        ("https://a.example/t", "https://a.example/T"),
        ("https://a.example/t", "https://a.example/t/"),
        ("https://a.example/t", "https://a.example:8443/t"),
        ("https://a.example/t", "https://b.example/t"),
        ("http://a.example/t", "https://a.example/t"),
        ("https://a.example/a%2Ft", "https://a.example/a/t"),
        ("https://a.example/kela/token", "https://a.example/mallimaa/token"),
    ],
)
def test_another_address_is_another_request(htu: str, url: str) -> None:
    with pytest.raises(failures.DpopForOtherRequest):
        read(kit.dpop(claims={"htu": htu}), url=url)


@pytest.mark.req("DPOP-03")
def test_the_window_is_five_minutes_back_and_one_ahead() -> None:
    for later in (timedelta(minutes=5), -timedelta(seconds=60)):
        assert read(kit.dpop(), at=provider.AT + later).issued_at == provider.AT


def test_unknown_members_are_ignored() -> None:
    text = kit.dpop(header={"kid": "1"}, claims={"exp": 1, "ath": 7, "x": {}})
    assert read(text).jwk == JWK


@pytest.mark.req("DPOP-03")
def test_exactly_one_header_comes() -> None:
    known: dict[str, Any] = {"method": "POST", "url": kit.TOKEN_ENDPOINT, "at": provider.AT}
    with pytest.raises(failures.DpopMissing):
        read_dpop_proof([], **known)
    with pytest.raises(failures.DpopRepeated):
        read_dpop_proof([kit.dpop(), kit.dpop()], **known)
    with pytest.raises(failures.DpopMalformed):  # two that somebody on the way put into one
        read_dpop_proof([f"{kit.dpop()}, {kit.dpop()}"], **known)


def with_alg(alg: str) -> str:
    header = {**HEADER, "alg": alg}
    _, payload, signature = kit.dpop().split(".")
    return f"{b64url_encode(json.dumps(header).encode())}.{payload}.{signature}"


REFUSED: list[tuple[str, type[DpopRefused], str]] = [
    ("no JWT", failures.DpopMalformed, "x"),
    ("empty", failures.DpopMalformed, ""),
    ("two parts", failures.DpopMalformed, "e30.e30"),
    ("too long", failures.DpopMalformed, "e30.e30." + "A" * 8_192),
    ("no object inside", failures.DpopMalformed, sign_jws(HEADER, b"[]", provider.DEVICE)),
    ("a name twice", failures.DpopMalformed, sign_jws(HEADER, b'{"a":1,"a":1}', provider.DEVICE)),
    ("no key", failures.DpopMalformed, kit.dpop(header={"jwk": None})),
    ("key a text", failures.DpopMalformed, kit.dpop(header={"jwk": "1"})),
    ("private part", failures.DpopKeyNotAllowed, kit.dpop(header={"jwk": {**JWK, "d": "AA"}})),
    ("other curve", failures.DpopKeyNotAllowed, kit.dpop(header={"jwk": {**JWK, "crv": "P-384"}})),
    (
        "symmetric key",
        failures.DpopKeyNotAllowed,
        kit.dpop(header={"jwk": {"kty": "oct", "k": "AA"}}),
    ),
    ("off the curve", failures.DpopKeyNotAllowed, kit.dpop(header={"jwk": {**JWK, "y": JWK["x"]}})),
    ("typ JWT", failures.DpopSignatureInvalid, kit.dpop(header={"typ": "JWT"})),
    ("typ missing", failures.DpopSignatureInvalid, kit.dpop(header={"typ": None})),
    ("crit", failures.DpopSignatureInvalid, kit.dpop(header={"crit": ["x"], "x": 1})),
    ("another signer", failures.DpopSignatureInvalid, kit.dpop(signer=provider.INSTANCE)),
    ("alg none", failures.DpopSignatureInvalid, with_alg("none")),
    ("alg HS256", failures.DpopSignatureInvalid, with_alg("HS256")),
    ("alg ES384", failures.DpopSignatureInvalid, with_alg("ES384")),
    ("htm missing", failures.DpopMalformed, kit.dpop(claims={"htm": None})),
    ("htm another", failures.DpopForOtherRequest, kit.dpop(claims={"htm": "GET"})),
    ("htm in small letters", failures.DpopForOtherRequest, kit.dpop(claims={"htm": "post"})),
    ("htu missing", failures.DpopMalformed, kit.dpop(claims={"htu": None})),
    ("htu no URL", failures.DpopMalformed, kit.dpop(claims={"htu": "token"})),
    ("htu with a broken port", failures.DpopMalformed, kit.dpop(claims={"htu": "https://a:b/"})),
    ("htu with a user", failures.DpopMalformed, kit.dpop(claims={"htu": "https://a@b.example/"})),
    ("htu not ASCII", failures.DpopMalformed, kit.dpop(claims={"htu": "https://ä.example/"})),
    (
        "htu another",
        failures.DpopForOtherRequest,
        kit.dpop(claims={"htu": f"{kit.ISSUER}/credential"}),
    ),
    ("iat missing", failures.DpopMalformed, kit.dpop(claims={"iat": None})),
    ("iat a text", failures.DpopMalformed, kit.dpop(claims={"iat": str(provider.NOW)})),
    ("iat true", failures.DpopMalformed, kit.dpop(claims={"iat": True})),
    ("iat beyond all time", failures.DpopMalformed, kit.dpop(claims={"iat": 10**30})),
    ("iat old", failures.DpopStale, kit.dpop(claims={"iat": provider.NOW - 301})),
    ("iat ahead", failures.DpopStale, kit.dpop(claims={"iat": provider.NOW + 61})),
    ("jti missing", failures.DpopMalformed, kit.dpop(claims={"jti": None})),
    ("jti empty", failures.DpopMalformed, kit.dpop(claims={"jti": ""})),
    ("jti too long", failures.DpopMalformed, kit.dpop(claims={"jti": "x" * 257})),
    ("nonce a number", failures.DpopMalformed, kit.dpop(claims={"nonce": 7})),
]


@pytest.mark.req("DPOP-01", "DPOP-03")
@pytest.mark.parametrize(
    ("failure", "text"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_proof_that_breaks_a_rule_is_refused(failure: type[DpopRefused], text: str) -> None:
    with pytest.raises(failure) as caught:
        read(text)
    assert type(caught.value) is failure
    assert caught.value.error == "invalid_dpop_proof"


@pytest.mark.req("DPOP-02")
@pytest.mark.parametrize("ath", [None, "", 7, "ä", token_hash("another"), kit.TOKEN])
def test_a_proof_for_another_token_is_refused(ath: object) -> None:
    text = kit.dpop(claims={"ath": ath})
    with pytest.raises(failures.DpopForOtherToken) as caught:
        read(text, access_token=kit.TOKEN)
    assert caught.value.error == "invalid_dpop_proof"
    right = kit.dpop(claims={"ath": token_hash(kit.TOKEN)})
    assert read(right, access_token=kit.TOKEN).jwk == JWK


@pytest.mark.req("DPOP-05")
def test_what_only_the_server_can_judge_has_its_code() -> None:
    assert failures.DpopNonceNeeded().error == "use_dpop_nonce"
    assert failures.DpopReplayed().error == "invalid_dpop_proof"


MEMBERS = st.sampled_from(["typ", "jwk", "crit", "jti", "htm", "htu", "iat", "nonce", "ath"])


@settings(max_examples=80)
@given(header=st.dictionaries(MEMBERS, JSON), claims=st.dictionaries(MEMBERS, JSON))
def test_garbage_is_never_more_than_an_invalid_proof(
    header: dict[str, object], claims: dict[str, object]
) -> None:
    with suppress(DpopRefused):
        found = read(kit.dpop(header=header, claims=claims), access_token=kit.TOKEN)
        assert found.thumbprint == thumbprint(JWK)


@given(st.text(max_size=60))
def test_garbage_is_no_proof(text: str) -> None:
    with pytest.raises(failures.DpopMalformed):
        read(text)


@given(st.text(max_size=40))
def test_no_address_breaks_anything(text: str) -> None:
    with pytest.raises(DpopRefused):
        read(kit.dpop(claims={"htu": text or "x"}))
