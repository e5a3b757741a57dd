"""Where an issuer's key comes from: its certificates, and no address that the credential names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from keys.checks import ChainMissing
from keys.jose import public_jwk, sign_jws, thumbprint, x5c_header
from keys.software_signer import SoftwareSigner
from keys.strict_json import dumps
from openid4vc.sd_jwt.verify import (
    Expected,
    ExpectedPlain,
    IssuersOnTrustList,
    PinnedIssuerKey,
    Step,
    verify,
    verify_plain,
)
from tests.openid4vc.sd_jwt.kit import AT, ISSUER, key, pki, vc_claims, vector

ISSUED = datetime(2025, 5, 29, 16, 42, tzinfo=UTC)
COMPACT = (
    "sd-jwt/rfc9901-a1-simple-structured.json",
    "sd-jwt/rfc9901-a3-pid.json",
    "sd-jwt/rfc9901-main.json",
    "sd-jwt-vc/main.json",
)
METADATA = vector("sd-jwt-vc/issuer-metadata.json")
PUBLISHED = {one["kid"]: one for one in METADATA["jwks_variant"]["jwks"]["keys"]}


def issued(name: str) -> Any:
    """The credential of a document with all its disclosures, and its header."""
    return next(each for each in vector(name)["serialized"] if each["kind"] == "sd_jwt")


def refused_before_any_key(text: str, at: datetime) -> None:
    passed: list[Step] = []
    with pytest.raises(ChainMissing):
        verify(
            text,
            Expected(issuer=IssuersOnTrustList(pki().trust_list), at=at, key_binding=None),
            passed=passed.append,
        )
    assert passed == [Step.FORM]


@pytest.mark.req("SDJWT-11")
@pytest.mark.parametrize("name", COMPACT)
def test_the_key_of_the_appendix_verifies_every_compact_example(name: str) -> None:
    entry = issued(name)
    jwk = vector("sd-jwt/issuer-key.json")
    assert jwk == vector(name)["issuer_public_jwk"]
    disclosed = verify_plain(
        entry["value"],
        ExpectedPlain(
            issuer_key=key(jwk), typ=entry["issuer_header"]["typ"], at=ISSUED, key_binding=None
        ),
    )
    assert disclosed.claims


@pytest.mark.req("VCT-06", "VCT-07")
def test_a_key_that_only_issuer_metadata_name_is_no_trusted_key() -> None:
    """SD-JWT VC 2.5 lets the receiver choose the mechanisms; ours is `x5c` under the trust list.

    The document's own credential is sound under the key that the document's metadata publish for
    it (4.2), and is refused all the same: an attacker who may choose the mechanism may choose the
    key (7.3), and nothing is fetched from an address that a credential names.
    """
    entry = issued("sd-jwt-vc/main.json")
    published = PUBLISHED[entry["issuer_header"]["kid"]]
    assert "x5c" not in entry["issuer_header"]
    pinned = PinnedIssuerKey(key(published))
    assert verify(entry["value"], Expected(issuer=pinned, at=ISSUED, key_binding=None)).claims
    refused_before_any_key(entry["value"], ISSUED)


@pytest.mark.req("VCT-04", "VCT-06")
@pytest.mark.parametrize("variant", ["jwks_variant", "jwks_uri_variant"])
@pytest.mark.parametrize("member", ["kid", "jwk", "jku", "x5u"])
def test_pointing_to_issuer_metadata_or_to_a_key_does_not_replace_a_chain(
    variant: str, member: str
) -> None:
    metadata = METADATA[variant]
    pointers = {
        "kid": next(iter(PUBLISHED)),
        "jwk": public_jwk(ISSUER.public_key),
        "jku": metadata.get("jwks_uri", "https://example.com/keys"),
        "x5u": "https://example.com/chain.pem",
    }
    payload = dumps(vc_claims(iss=metadata["issuer"]))
    header = {"typ": "dc+sd-jwt", member: pointers[member]}
    refused_before_any_key(sign_jws(header, payload, ISSUER) + "~", AT)


@pytest.mark.req("VCT-06", "VCT-07")
def test_beside_a_chain_such_pointers_change_nothing() -> None:
    signer: SoftwareSigner = pki().signer("mallimaa", "credential")
    header = {
        "typ": "dc+sd-jwt",
        "x5c": x5c_header(signer.certificate_chain),
        "kid": next(iter(PUBLISHED)),
        "jku": METADATA["jwks_uri_variant"]["jwks_uri"],
    }
    payload = dumps(vc_claims(iss=METADATA["jwks_uri_variant"]["issuer"]))
    result = verify(
        sign_jws(header, payload, signer) + "~",
        Expected(issuer=IssuersOnTrustList(pki().trust_list), at=AT, key_binding=None),
    )
    assert result.issuer is not None
    assert result.issuer.id == "mallimaa"
    assert thumbprint(public_jwk(signer.public_key)) not in {
        thumbprint({name: one[name] for name in ("kty", "crv", "x", "y")})
        for one in PUBLISHED.values()
    }
