"""Issuer metadata signed by the organisation, beside the plain JSON."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from keys import strict_json
from keys.checks import (
    AnchorInChain,
    CertificateProfileWrong,
    ChainMissing,
    SignatureInvalid,
    WrongTokenType,
)
from keys.jose import b64url_encode, parse_jws, sign_jws, x5c_header
from keys.ports import Signer
from openid4vc.openid4vci.read_metadata import read_issuer_metadata
from openid4vc.openid4vci.signed_metadata import METADATA_TYPE, read_signed_metadata, sign_metadata
from openid4vc.openid4vci.wallet_errors import (
    MetadataOfOtherIssuer,
    SignedMetadataMalformed,
    SignedMetadataStale,
)
from tests.issuer.world import BASE, NOW, World, demo_pki

PLACE = "/.well-known/openid-credential-issuer/mallimaa"
ISSUER = f"{BASE}/mallimaa"
JWT = {"Accept": "application/jwt"}


def signer(purpose: str = "credential") -> Signer:
    return demo_pki().keys.signer("mallimaa", purpose)


def read(text: str, **changes: Any) -> Any:
    expected = {"issuer": ISSUER, "trust": demo_pki().trust_list, "at": NOW, **changes}
    return read_signed_metadata(text, **expected)


def signed(**changes: Any) -> str:
    """Metadata signed as they should be, except for the changes; None leaves a claim out."""
    claims = {"sub": ISSUER, "iat": int(NOW.timestamp()), **changes}
    header = {"typ": METADATA_TYPE, "x5c": x5c_header(signer().certificate_chain)}
    payload = {name: value for name, value in claims.items() if value is not None}
    return sign_jws(header, strict_json.dumps(payload), signer())


@pytest.mark.req("VCI-03", "VCI-04", "HAIP-21")
def test_whoever_asks_for_a_jwt_gets_the_same_metadata_signed(world: World) -> None:
    answer = world.get(PLACE, headers=JWT)
    assert answer.headers["content-type"] == "application/jwt"
    assert "Accept" in answer.headers["vary"].split(", ")
    assert answer.headers["cache-control"] == "public, max-age=300"
    jws = parse_jws(answer.text)
    assert (jws.header["typ"], jws.header["alg"]) == ("openidvci-issuer-metadata+jwt", "ES256")
    found = read(answer.text)
    assert found.signer.id == "mallimaa"
    plain = world.get(PLACE).json()
    assert {name: found.members[name] for name in plain} == plain
    assert set(found.members) - set(plain) == {"sub", "iat", "exp"}
    assert found.members["sub"] == ISSUER
    assert read_issuer_metadata(found.members, issuer=ISSUER).issuer == ISSUER


@pytest.mark.req("VCI-03")
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/jwt;q=0.4, application/json", "application/json"),
        ("application/json;q=0.5, application/jwt", "application/jwt"),
        ("text/html", "application/json"),
    ],
)
def test_the_plain_json_is_there_for_everybody(
    world: World, accept: str | None, media_type: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = world.get(PLACE, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


def test_asking_often_signs_seldom(world: World) -> None:
    first = world.get(PLACE, headers=JWT).text
    assert world.get(PLACE, headers=JWT).text == first
    world.clock.advance(minutes=5)
    assert world.get(PLACE, headers=JWT).text != first
    assert world.get(PLACE.replace("mallimaa", "nobody"), headers=JWT).status_code == 404


@pytest.mark.req("VCI-04", "VCI-05")
@pytest.mark.parametrize(
    ("text", "failure"),
    [
        (lambda: signed(sub=f"{BASE}/kela"), MetadataOfOtherIssuer),
        (lambda: signed(sub=f"{ISSUER}/"), MetadataOfOtherIssuer),
        (lambda: signed(sub=None), SignedMetadataMalformed),
        (lambda: signed(iat=None), SignedMetadataMalformed),
        (lambda: signed(iat="today"), SignedMetadataMalformed),
        (lambda: signed(iat=NOW.timestamp() + 90), SignedMetadataStale),
        (lambda: signed(exp=NOW.timestamp()), SignedMetadataStale),
        (lambda: sign_jws(header(), b"[]", signer()), SignedMetadataMalformed),
        (lambda: sign_jws(header(typ="JWT"), b"{}", signer()), WrongTokenType),
        (lambda: sign_jws({"typ": METADATA_TYPE}, b"{}", signer()), ChainMissing),
        (
            lambda: sign_jws(header("status-list"), b"{}", signer("status-list")),
            CertificateProfileWrong,
        ),
        (lambda: tampered(signed()), SignatureInvalid),
    ],
)
def test_signed_metadata_that_do_not_hold_are_refused(text: Any, failure: Any) -> None:
    with pytest.raises(failure):
        read(text())


def header(purpose: str = "credential", *, typ: str = METADATA_TYPE) -> dict[str, object]:
    return {"typ": typ, "x5c": x5c_header(signer(purpose).certificate_chain)}


def tampered(text: str) -> str:
    head, _payload, signature = text.split(".")
    payload = {"sub": ISSUER, "iat": int(NOW.timestamp()), "credential_endpoint": "https://e.vil"}
    return ".".join((head, b64url_encode(strict_json.dumps(payload)), signature))


@pytest.mark.req("VCI-05", "HAIP-21")
def test_a_signer_that_brings_the_anchor_along_is_refused() -> None:
    (found,) = [one for one in demo_pki().trust_list.issuers if one.id == "mallimaa"]
    anchor = found.issuing_anchors[0].public_bytes(Encoding.DER)
    chain = (*signer().certificate_chain, anchor)
    claims = strict_json.dumps({"sub": ISSUER, "iat": int(NOW.timestamp())})
    with pytest.raises(AnchorInChain):
        read(sign_jws({"typ": METADATA_TYPE, "x5c": x5c_header(chain)}, claims, signer()))


@pytest.mark.req("VCI-04")
def test_signed_metadata_end_after_a_day() -> None:
    text = sign_metadata({"credential_issuer": ISSUER}, signer=signer(), at=NOW)
    assert read(text).members["credential_issuer"] == ISSUER
    with pytest.raises(SignedMetadataStale):
        read(text, at=NOW + timedelta(days=1))
