"""P-256 public keys as JWK."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from keys.checks import MalformedKey
from keys.jose import key_from_jwk, public_jwk, thumbprint
from keys.software_signer import SoftwareSigner

KEY = SoftwareSigner.generate().public_key
JWK = public_jwk(KEY)
OTHER = public_jwk(SoftwareSigner.generate().public_key)


def test_there_and_back() -> None:
    assert key_from_jwk(JWK) == KEY
    assert key_from_jwk(JWK | {"kid": "a", "use": "sig", "alg": "ES256"}) == KEY


def test_a_key_is_imported_once() -> None:
    assert key_from_jwk(JWK) is key_from_jwk(dict(JWK))


def test_joserfc_agrees() -> None:
    theirs = ECKey.import_key(KEY)
    assert theirs.as_dict(private=False).items() >= JWK.items()
    assert theirs.thumbprint() == thumbprint(JWK)


def test_thumbprint_is_of_the_required_members() -> None:
    assert thumbprint(JWK | {"kid": "x", "use": "enc"}) == thumbprint(JWK)


@pytest.mark.req("VCI-48")
@pytest.mark.parametrize(
    "change",
    [
        {"d": "AAAA"},
        {"k": "AAAA"},
        {"kty": "RSA"},
        {"kty": "OKP"},
        {"kty": None},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"x": 1},
        {"y": None},
        {"x": JWK["x"][:-2]},
        {"x": "AA" + JWK["x"]},
        {"x": JWK["x"] + "="},
        {"x": JWK["x"].replace(JWK["x"][0], "+")},
        {"y": OTHER["y"]},
        {"x": "A" * 43, "y": "A" * 43},
        {"x": "_" * 42 + "8"},
    ],
)
def test_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedKey):
        key_from_jwk(JWK | change)


@given(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y"]), st.text(max_size=50)))
def test_any_object_is_read_or_refused(jwk: dict[str, object]) -> None:
    with pytest.raises(MalformedKey):
        key_from_jwk({"kty": "EC", "crv": "P-256"} | jwk)


def test_other_curves_have_no_jwk_here() -> None:
    with pytest.raises(MalformedKey):
        public_jwk(ec.generate_private_key(ec.SECP384R1()).public_key())
