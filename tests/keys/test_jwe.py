"""Compact JWE: ECDH-ES on P-256 with AES-GCM, and nothing else."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe as joserfc_jwe
from joserfc.jwk import ECKey

from keys.checks import (
    AlgorithmNotAllowed,
    CriticalHeaderNotUnderstood,
    DecryptionFailed,
    MalformedJwe,
    MalformedKey,
)
from keys.jose import (
    EncryptionKey,
    b64url_decode,
    b64url_encode,
    decrypt_jwe,
    encrypt_jwe,
    key_from_jwk,
    public_jwk,
    thumbprint,
)
from keys.software_signer import SoftwareSigner
from tests.keys.keys_kit import vector

KEY = EncryptionKey.generate()
TEXT = encrypt_jwe(b"hei", KEY.public_jwk, enc="A128GCM")
HEADER = json.loads(b64url_decode(TEXT.split(".")[0]))


def with_header(**members: object) -> str:
    header = b64url_encode(json.dumps(HEADER | members).encode())
    return ".".join([header, *TEXT.split(".")[1:]])


@pytest.mark.req("VP-29", "HAIP-11")
@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
def test_there_and_back(enc: str) -> None:
    text = encrypt_jwe(b'{"vp_token":{}}', KEY.public_jwk, enc=enc)
    header = json.loads(b64url_decode(text.split(".")[0]))
    assert header["alg"] == "ECDH-ES"
    assert header["enc"] == enc
    assert header["kid"] == KEY.kid
    assert decrypt_jwe(text, KEY) == b'{"vp_token":{}}'


def test_nothing_is_a_message_too() -> None:
    assert decrypt_jwe(encrypt_jwe(b"", KEY.public_jwk, enc="A128GCM"), KEY) == b""


def test_public_jwk_says_what_it_is_for() -> None:
    jwk = KEY.public_jwk
    assert jwk["kid"] == thumbprint(jwk)
    assert jwk["alg"] == "ECDH-ES"
    assert jwk["use"] == "enc"
    assert "d" not in jwk
    jwk["kid"] = "changed"
    assert KEY.public_jwk["kid"] == KEY.kid


def test_private_bytes_there_and_back() -> None:
    again = EncryptionKey.from_private_bytes(KEY.to_private_bytes())
    assert again.public_jwk == KEY.public_jwk
    assert decrypt_jwe(TEXT, again) == b"hei"
    assert EncryptionKey.from_private_bytes(KEY.to_private_bytes(), kid="a").kid == "a"


def test_private_bytes_refused() -> None:
    p384 = ec.generate_private_key(ec.SECP384R1())
    other = p384.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for data in (b"", b"x" * 40, KEY.to_private_bytes()[:-1], other):
        with pytest.raises(MalformedKey):
            EncryptionKey.from_private_bytes(data)


@pytest.mark.req("VP-29")
def test_the_specifications_own_example() -> None:
    example = vector("openid4vp/encrypted-response.json")
    jwk = example["private_jwk"]
    number = int.from_bytes(b64url_decode(jwk["d"]), "big")
    key = EncryptionKey(ec.derive_private_key(number, ec.SECP256R1()), kid=jwk["kid"])
    assert json.loads(decrypt_jwe(example["jwe"], key)) == example["expected_payload"]


def test_joserfc_decrypts_ours() -> None:
    theirs = ECKey.import_key(KEY.to_private_bytes())
    found = joserfc_jwe.decrypt_compact(TEXT, theirs, algorithms=["ECDH-ES", "A128GCM"])
    assert found.plaintext == b"hei"


@pytest.mark.parametrize("more", [{}, {"apu": "QWxpY2U", "apv": "Qm9i"}, {"typ": "JWT"}])
def test_we_decrypt_joserfcs(more: dict[str, Any]) -> None:
    theirs = ECKey.import_key(key_from_jwk(KEY.public_jwk))
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": KEY.kid} | more
    text = joserfc_jwe.encrypt_compact(header, b"hei", theirs, algorithms=["ECDH-ES", "A256GCM"])
    assert decrypt_jwe(text, KEY) == b"hei"


def test_large_messages() -> None:
    payload = b"x" * 150_000
    text = encrypt_jwe(payload, KEY.public_jwk, enc="A256GCM")
    assert decrypt_jwe(text, KEY) == payload
    with pytest.raises(MalformedJwe, match="too long"):
        decrypt_jwe(text, KEY, max_chars=100_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "....",
        TEXT + ".",
        TEXT.rpartition(".")[0],
        "ä" + TEXT,
        b64url_encode(b"[]") + "....",
        b64url_encode(b'{"alg":1,"alg":1}') + "....",
        with_header(epk=None),
        with_header(epk="x"),
        with_header(epk=HEADER["epk"] | {"crv": "P-384"}),
        with_header(epk=HEADER["epk"] | {"d": "AAAA"}),
        with_header(epk=HEADER["epk"] | {"y": HEADER["epk"]["x"]}),
        TEXT.replace("..", ".AAAA."),
        TEXT[:-2],
        TEXT + "AA",
        TEXT.replace("..", "..A"),
        TEXT.replace("..", "..AAAA"),
        with_header(pad="x" * 3_000),
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedJwe):
        decrypt_jwe(text, KEY)


@pytest.mark.req("ARF-30")
@pytest.mark.parametrize(
    "members",
    [
        {"alg": "ECDH-ES+A128KW"},
        {"alg": "RSA-OAEP"},
        {"alg": "dir"},
        {"alg": "none"},
        {"alg": None},
        {"alg": ["ECDH-ES"]},
        {"enc": "A128CBC-HS256"},
        {"enc": "A192GCM"},
        {"enc": None},
        {"enc": ["A128GCM"]},
        {"zip": "DEF"},
        {"zip": None},
    ],
)
def test_algorithms_are_ours_to_choose(members: dict[str, object]) -> None:
    with pytest.raises(AlgorithmNotAllowed):
        decrypt_jwe(with_header(**members), KEY)


def test_only_what_was_announced() -> None:
    with pytest.raises(AlgorithmNotAllowed):
        decrypt_jwe(TEXT, KEY, enc_allowed=("A256GCM",))


def test_crit_is_refused() -> None:
    with pytest.raises(CriticalHeaderNotUnderstood):
        decrypt_jwe(with_header(crit=["exp"]), KEY)


@pytest.mark.parametrize("members", [{"kid": "other"}, {"kid": None}, {"typ": "changed"}])
def test_not_for_us_or_changed(members: dict[str, object]) -> None:
    with pytest.raises(DecryptionFailed):
        decrypt_jwe(with_header(**members), KEY)


def test_without_kid() -> None:
    header = {name: value for name, value in HEADER.items() if name != "kid"}
    text = ".".join([b64url_encode(json.dumps(header).encode()), *TEXT.split(".")[1:]])
    with pytest.raises(DecryptionFailed):
        decrypt_jwe(text, KEY)


def test_another_key_under_the_same_name() -> None:
    other = EncryptionKey(SoftwareSigner.generate().private_key, kid=KEY.kid)
    with pytest.raises(DecryptionFailed):
        decrypt_jwe(TEXT, other)


@given(st.integers(0, len(TEXT) - 1), st.sampled_from("ABCxyz019-_.="))
def test_no_changed_character_survives(place: int, character: str) -> None:
    changed = TEXT[:place] + character + TEXT[place + 1 :]
    if changed == TEXT:
        assert decrypt_jwe(changed, KEY) == b"hei"
        return
    with pytest.raises(
        (MalformedJwe, AlgorithmNotAllowed, DecryptionFailed, CriticalHeaderNotUnderstood)
    ):
        decrypt_jwe(changed, KEY)


@pytest.mark.parametrize(
    "recipient",
    [
        public_jwk(SoftwareSigner.generate().public_key),
        KEY.public_jwk | {"alg": "ECDH-ES+A256KW"},
        KEY.public_jwk | {"use": "sig"},
    ],
)
def test_encrypting_to_a_key_for_something_else(recipient: dict[str, object]) -> None:
    with pytest.raises(AlgorithmNotAllowed):
        encrypt_jwe(b"", recipient, enc="A128GCM")


def test_encrypting_with_something_else() -> None:
    with pytest.raises(AlgorithmNotAllowed):
        encrypt_jwe(b"", KEY.public_jwk, enc="A128CBC-HS256")


@pytest.mark.parametrize("change", [{"d": "AAAA"}, {"kid": 1}, {"crv": "P-384"}, {"x": "AAAA"}])
def test_encrypting_to_no_key(change: dict[str, object]) -> None:
    with pytest.raises(MalformedKey):
        encrypt_jwe(b"", KEY.public_jwk | change, enc="A128GCM")
