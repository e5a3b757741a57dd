"""Two libraries by other people, `sd-jwt` and `openvc-core`, understand us, and we them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from openvc.keys import P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from sd_jwt.common import SDObj  # type: ignore[import-untyped]  # has no types
from sd_jwt.holder import SDJWTHolder  # type: ignore[import-untyped]  # has no types
from sd_jwt.issuer import SDJWTIssuer  # type: ignore[import-untyped]  # has no types
from sd_jwt.verifier import (  # type: ignore[import-untyped]  # has no types
    JWK,
    SDJWTVerifier,
)

from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.issue import issue
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, bind
from openid4vc.sd_jwt.model import Path
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.verify import (
    Expected,
    ExpectedPlain,
    PinnedIssuerKey,
    verify,
    verify_plain,
)
from tests.openid4vc.sd_jwt.kit import (
    AT,
    AUDIENCE,
    HOLDER,
    ISSUER,
    NONCE,
    bound,
    counting_salts,
    expected_binding,
    vc_claims,
)

CLAIMS = {
    "name": "Äiti Ünïcödé \N{SAUROPOD}",
    "score": 7.5,
    "address": {"city": "Mallila", "country": "FI"},
    "codes": ["a", "b", ["c", {"d": None}]],
}
# openvc-core reads the issuer's dates by the machine's clock, so these hold for long.
LONG = {"iat": 1_700_000_000, "exp": 4_000_000_000}

SHAPES: dict[str, Callable[[Path], bool]] = {
    "flat": lambda place: len(place) == 1 and place[0] in CLAIMS,
    "structured": lambda place: len(place) > 1 and place[0] in CLAIMS,
    "recursive": lambda place: place[0] in CLAIMS,
    "nothing hidden": lambda _place: False,
}


def jwk_of(signer: SoftwareSigner) -> Any:
    pem = signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return JWK.from_pem(pem)


def public_of(signer: SoftwareSigner) -> Any:
    pem = signer.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return JWK.from_pem(pem)


def openvc_key(signer: SoftwareSigner) -> P256SigningKey:
    pem = signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return P256SigningKey.from_pem(pem, kid="key-1")


def ours(hide: Callable[[Path], bool], *, decoys: int = 0) -> str:
    return issue(
        {**vc_claims(**LONG), **CLAIMS},
        hide=hide,
        header={"typ": "dc+sd-jwt"},
        signer=ISSUER,
        random_bytes=counting_salts(),
        decoys=decoys,
    )


def read_by_sd_jwt(presentation: str) -> Any:
    verifier = SDJWTVerifier(presentation, lambda _iss, _header: public_of(ISSUER), AUDIENCE, NONCE)
    return verifier.get_verified_payload()


def read_by_openvc(presentation: str) -> Any:
    return SdJwtVcProofSuite().verify(
        presentation,
        public_key_jwk=public_jwk(ISSUER.public_key),
        audience=AUDIENCE,
        nonce=NONCE,
        require_key_binding=True,
        now=AT,
    )


# --- ours, read by others ---


@pytest.mark.req("SDJWT-02", "SDJWT-03", "SDJWT-05", "SDJWT-18", "SDJWT-19")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("decoys", [0, 3])
def test_others_read_what_we_issue_and_bind(shape: str, decoys: int) -> None:
    presentation = bound(ours(SHAPES[shape], decoys=decoys))
    wanted = {**vc_claims(**LONG), **CLAIMS}
    assert read_by_sd_jwt(presentation) == wanted
    result = read_by_openvc(presentation)
    assert result.key_bound
    assert {name: result.claims[name] for name in CLAIMS} == CLAIMS


@pytest.mark.req("SDJWT-09", "SDJWT-14")
def test_others_see_of_our_selection_what_we_see() -> None:
    held = parse(ours(SHAPES["recursive"]))
    presentation = bound(select(held, [("address", "city"), ("codes", 2, 1)]))
    mine = disclose(parse(presentation)).claims
    assert mine == {
        **vc_claims(**LONG),
        "address": {"city": "Mallila"},
        "codes": [[{"d": None}]],
    }
    assert read_by_sd_jwt(presentation) == mine
    theirs = read_by_openvc(presentation).claims
    assert {name: theirs[name] for name in ("address", "codes")} == {
        name: mine[name] for name in ("address", "codes")
    }
    assert "name" not in theirs


# --- others', read by us ---


@pytest.mark.req("SDJWT-02", "SDJWT-03", "SDJWT-05", "SDJWT-07", "SDJWT-13")
@pytest.mark.parametrize("decoys", [False, True])
def test_we_read_what_sd_jwt_issues_and_binds(decoys: bool) -> None:
    claims = {
        "iss": "https://issuer.example",
        "exp": LONG["exp"],
        SDObj("name"): CLAIMS["name"],
        SDObj("address"): {SDObj("city"): "Mallila", "country": "FI"},
        "codes": [SDObj("a"), "b", SDObj(["c", SDObj("e")])],
    }
    issued = SDJWTIssuer(
        claims, jwk_of(ISSUER), holder_key=jwk_of(HOLDER), add_decoy_claims=decoys
    ).sd_jwt_issuance
    holder = SDJWTHolder(issued)
    holder.create_presentation(
        {"name": True, "codes": [True, False, [False, True]]}, NONCE, AUDIENCE, jwk_of(HOLDER)
    )
    key_binding = parse(holder.sd_jwt_presentation).key_binding
    assert key_binding is not None
    made = datetime.fromtimestamp(int(str(key_binding.claims["iat"])), UTC)
    disclosed = verify_plain(
        holder.sd_jwt_presentation,
        ExpectedPlain(
            issuer_key=ISSUER.public_key,
            typ="example+sd-jwt",
            at=made,
            key_binding=expected_binding(at=made),
        ),
    )
    assert disclosed.claims["name"] == CLAIMS["name"]
    assert disclosed.claims["codes"] == ["a", "b", ["c", "e"]]
    assert "address" not in disclosed.claims
    held = verify_plain(
        issued,
        ExpectedPlain(
            issuer_key=ISSUER.public_key, typ="example+sd-jwt", at=made, key_binding=None
        ),
    )
    assert held.claims["address"] == CLAIMS["address"]


@pytest.mark.req("VCT-01", "SDJWT-21")
def test_we_read_what_openvc_issues_and_binds() -> None:
    suite = SdJwtVcProofSuite()
    issued = suite.issue(
        {"iss": "https://issuer.example", **CLAIMS},
        signing_key=openvc_key(ISSUER),
        disclosable=["name", "codes"],
        holder_jwk=public_jwk(HOLDER.public_key),
        vct="urn:example:1",
        expires_in_s=3600,
        decoys=2,
    )
    presentation = suite.create_presentation(
        issued, holder_key=openvc_key(HOLDER), audience=AUDIENCE, nonce=NONCE
    )
    iat = parse(issued).claims["iat"]
    assert isinstance(iat, int)
    at = datetime.fromtimestamp(iat, UTC)
    result = verify(
        presentation,
        Expected(
            issuer=PinnedIssuerKey(ISSUER.public_key),
            at=at,
            key_binding=ExpectedKeyBinding(audience=AUDIENCE, nonce=NONCE, at=at),
        ),
    )
    assert {name: result.claims[name] for name in CLAIMS} == CLAIMS
    assert ("name",) in result.disclosed
    # What we select out of theirs and bind, they read again.
    chosen = select(parse(issued), [("name",)])
    again = bind(chosen, signer=HOLDER, audience=AUDIENCE, nonce=NONCE, at=at)
    read = suite.verify(
        again,
        public_key_jwk=public_jwk(ISSUER.public_key),
        audience=AUDIENCE,
        nonce=NONCE,
        require_key_binding=True,
        now=at,
    )
    assert read.claims["name"] == CLAIMS["name"]
    assert "codes" not in read.claims
