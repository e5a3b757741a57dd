"""Compact JWS: base64url, framing, ES256, and what an attacker would send."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey

from keys.checks import (
    AlgorithmNotAllowed,
    ChainMissing,
    CriticalHeaderNotUnderstood,
    MalformedJws,
    MalformedKey,
    SignatureInvalid,
    WrongTokenType,
)
from keys.jose import (
    b64url_decode,
    b64url_decode_lines,
    b64url_encode,
    b64url_encode_each,
    parse_jws,
    sign_jws,
    verify_jws,
    x5c_from,
    x5c_header,
)
from keys.software_signer import SoftwareSigner
from tests.keys.keys_kit import pki

SIGNER = SoftwareSigner.generate()
TEXT = sign_jws({"typ": "demo+jwt"}, b'{"a":1}', SIGNER)


def with_header(**members: object) -> str:
    """A JWS signed by us whatever its header says."""
    header = b64url_encode(json.dumps({"typ": "demo+jwt", "alg": "ES256"} | members).encode())
    signing_input = f"{header}.{b64url_encode(b'{}')}"
    return f"{signing_input}.{b64url_encode(SIGNER.sign(signing_input.encode()))}"


def verify(text: str, key: Any = SIGNER.public_key, typ: str = "demo+jwt") -> None:
    verify_jws(parse_jws(text), key, typ=typ)


# base64url --------------------------------------------------------------------------------


@given(st.integers(1, 70).flatmap(lambda size: st.lists(st.binary(min_size=size, max_size=size))))
def test_base64url_of_many_is_that_of_each(items: list[bytes]) -> None:
    size = len(items[0]) if items else 1
    assert b64url_encode_each(items, size) == [b64url_encode(item) for item in items]


@given(st.binary(max_size=100))
def test_base64url_there_and_back(data: bytes) -> None:
    text = b64url_encode(data)
    assert "=" not in text
    assert b64url_decode(text) == data


@given(st.text(max_size=30) | st.text("ABCabc019-_=+/ \n", max_size=12))
def test_each_base64url_text_is_the_only_one(text: str) -> None:
    try:
        data = b64url_decode(text)
    except MalformedJws:
        return
    assert b64url_encode(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AAAAA",
        "AB",
        "AAB",
        "AA==",
        "A+",
        "A/",
        "AA\n",
        " AA",
        "ÄÄ",
        "A.",
        "AÅÅÅ",
        "\u0660\u0660",
    ],
)
def test_base64url_refused(text: str) -> None:
    with pytest.raises(MalformedJws):
        b64url_decode(text)


@given(st.lists(st.binary(max_size=40)))
def test_base64url_texts_become_lines(items: list[bytes]) -> None:
    lines = b64url_decode_lines([b64url_encode(item) for item in items])
    ends = {0: b"\t\t\n", 1: b"\t\n", 2: b"\n"}
    assert lines == b"".join(item + ends[len(item) % 3] for item in items)


@pytest.mark.parametrize(
    "texts",
    [
        ["A"],
        ["AAAA", "AAAAA"],
        ["A", "AAA"],  # together they would be one
        ["AAAAA", "AAAAAAA"],
        ["AAAAA"] * 4,  # four are even a multiple of four
        ["AAA="],
        ["AA+A"],
        ["AA/A"],
        ["AA*A"],
        ["AA\nA"],
        ["AAA ", "AAAA"],
        ["AB"],
        ["AAB", "AAAA"],
        ["ÄAAA"],
    ],
)
def test_lines_of_what_is_no_base64url_are_refused(texts: list[str]) -> None:
    with pytest.raises(MalformedJws):
        b64url_decode_lines(texts)


@given(st.lists(st.text("ABCabc019-_=+/*~", max_size=9), max_size=4))
def test_lines_are_there_when_each_text_is_base64url(texts: list[str]) -> None:
    try:
        expected = [b64url_decode(text) for text in texts]
    except MalformedJws:
        with pytest.raises(MalformedJws):
            b64url_decode_lines(texts)
        return
    lines = b64url_decode_lines(texts)
    for data in expected:
        assert lines.startswith(data)
        lines = lines[len(data) :].lstrip(b"\t").removeprefix(b"\n")
    assert not lines


# framing ----------------------------------------------------------------------------------


@pytest.mark.req("HAIP-19")
def test_sign_and_verify() -> None:
    jws = parse_jws(TEXT)
    assert jws.header == {"typ": "demo+jwt", "alg": "ES256"}
    assert jws.payload == b'{"a":1}'
    assert jws.text == TEXT
    assert jws.signing_input == TEXT.rpartition(".")[0].encode()
    assert len(jws.signature) == 64
    verify(TEXT)


def test_alg_is_ours() -> None:
    text = sign_jws({"alg": "none", "typ": "demo+jwt"}, b"", SIGNER)
    assert parse_jws(text).header["alg"] == "ES256"
    verify(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        TEXT + ".",
        TEXT + ".x",
        TEXT.rpartition(".")[0],
        TEXT + "=",
        TEXT + "\n",
        " " + TEXT,
        "e30" + TEXT[5:] + "ä",
        "e30.ä.AA",
        "ä.e30.AA",
        "e30.\ud800.AA",
        b64url_encode(b"[]") + "..",
        b64url_encode(b'"x"') + "..",
        b64url_encode(b'{"typ":"a","typ":"b"}') + "..",
        b64url_encode(b"\xff") + "..",
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedJws):
        parse_jws(text)


def test_length_is_bounded() -> None:
    with pytest.raises(MalformedJws, match="too long"):
        parse_jws(TEXT, max_chars=len(TEXT) - 1)
    assert parse_jws(TEXT, max_chars=len(TEXT)).payload


@given(st.text(max_size=60) | st.text("ey.AJ0_-=", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        jws = parse_jws(text)
    except MalformedJws:
        return
    assert jws.text == text
    assert isinstance(jws.header, dict)


@given(st.integers(0, len(TEXT) - 1), st.sampled_from("ABCxyz019-_.="))
def test_no_changed_character_survives(place: int, character: str) -> None:
    changed = TEXT[:place] + character + TEXT[place + 1 :]
    if changed == TEXT:
        verify(changed)
        return
    with pytest.raises((MalformedJws, SignatureInvalid, WrongTokenType, AlgorithmNotAllowed)):
        verify(changed)


# what an attacker sends -------------------------------------------------------------------


@pytest.mark.req("SDJWT-11", "SDJWT-18", "ARF-30")
@pytest.mark.parametrize(
    "alg", ["none", "None", "HS256", "ES384", "ES256K", "EdDSA", "es256", "", None, ["ES256"]]
)
def test_algorithm_is_not_the_senders_choice(alg: object) -> None:
    with pytest.raises(AlgorithmNotAllowed):
        verify(with_header(alg=alg))


@pytest.mark.parametrize("typ", ["DEMO+JWT", "application/demo+jwt", "", None, "kb+jwt", 1, []])
def test_type_is_exact(typ: object) -> None:
    with pytest.raises(WrongTokenType):
        verify(with_header(typ=typ))


@pytest.mark.parametrize("crit", [[], ["b64"], ["exp"], None, "x"])
def test_crit_is_refused(crit: object) -> None:
    with pytest.raises(CriticalHeaderNotUnderstood):
        verify(with_header(crit=crit))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        bytes(63),
        bytes(65),
        b"\xff" * 64,
        bytes(32) + b"\x01" * 32,
        b"\x01" * 32 + bytes(32),
        SIGNER.private_key.sign(TEXT.rpartition(".")[0].encode(), ec.ECDSA(hashes.SHA256())),
    ],
    ids=["empty", "zeros", "short", "long", "ones", "no r", "no s", "DER instead of r and s"],
)
def test_signature_has_to_match(signature: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify(f"{TEXT.rpartition('.')[0]}.{b64url_encode(signature)}")


def test_another_key_does_not_match() -> None:
    with pytest.raises(SignatureInvalid):
        verify(TEXT, SoftwareSigner.generate().public_key)
    with pytest.raises(SignatureInvalid):
        verify(TEXT, ec.generate_private_key(ec.SECP384R1()).public_key())


def test_a_signer_is_p256() -> None:
    with pytest.raises(MalformedKey):
        SoftwareSigner(ec.generate_private_key(ec.SECP384R1()))


# others' code -----------------------------------------------------------------------------


def test_joserfc_verifies_ours() -> None:
    key = ECKey.import_key(SIGNER.public_key)
    assert joserfc_jws.deserialize_compact(TEXT, key, ["ES256"]).payload == b'{"a":1}'


def test_we_verify_joserfcs() -> None:
    key = ECKey.import_key(SIGNER.private_key)
    text = joserfc_jws.serialize_compact({"alg": "ES256", "typ": "demo+jwt"}, b"hei", key)
    verify(text)
    assert parse_jws(text).payload == b"hei"


def test_a_header_read_twice_cannot_be_changed_in_between() -> None:
    text = sign_jws({"typ": "a"}, b"{}", pki().signer("kela", "credential"))
    header = parse_jws(text).header
    with pytest.raises(TypeError):
        header["typ"] = "b"  # type: ignore[index]  # that is the point
    assert parse_jws(text).header == {"typ": "a", "alg": "ES256"}


def test_long_headers_are_read_too() -> None:
    text = sign_jws({"typ": "a" * 5_000}, b"{}", pki().signer("kela", "credential"))
    assert parse_jws(text).header["typ"] == "a" * 5_000


# x5c --------------------------------------------------------------------------------------


def test_x5c_there_and_back() -> None:
    chain = pki().signer("kela", "credential").certificate_chain
    assert x5c_from({"x5c": x5c_header(chain)}) == chain


@pytest.mark.parametrize("header", [{}, {"x5c": []}, {"x5c": None}])
def test_x5c_missing(header: dict[str, object]) -> None:
    with pytest.raises(ChainMissing):
        x5c_from(header)


@pytest.mark.parametrize(
    "x5c",
    [
        "AAAA",
        {"0": "AAAA"},
        [1],
        [None],
        [""],
        ["AA"],
        ["AB=="],
        ["A-__"],
        ["AAAA\n"],
        ["AA AA"],
        ["====", "AAAA"],
        ["ÄÄÄÄ"],
        ["AAAA"] * 5,
        ["A" * 10_000],
    ],
)
def test_x5c_malformed(x5c: object) -> None:
    with pytest.raises(MalformedJws):
        x5c_from({"x5c": x5c})


@given(st.lists(st.text(max_size=20) | st.binary(max_size=20).map(base64.b64encode) | st.none()))
def test_any_x5c_is_read_or_refused(x5c: list[object]) -> None:
    entries = [entry.decode() if isinstance(entry, bytes) else entry for entry in x5c]
    try:
        chain = x5c_from({"x5c": entries})
    except (MalformedJws, ChainMissing):
        return
    assert x5c_header(chain) == entries
