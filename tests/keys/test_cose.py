"""COSE_Sign1: what we sign is verified, what an attacker would send is not."""

from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from keys import cbor
from keys.checks import (
    AlgorithmNotAllowed,
    ChainMissing,
    CheckFailed,
    CriticalHeaderNotUnderstood,
    MalformedCose,
    SignatureInvalid,
    WrongTokenType,
)
from keys.cose import parse_sign1, sign_sign1, verify_sign1, x5chain_from
from keys.software_signer import SoftwareSigner

TYP = "application/demo+cwt"
BARE = SoftwareSigner.generate()
SIGNER = SoftwareSigner(BARE.private_key, (b"leaf", b"intermediate"))
MESSAGE = sign_sign1(b"payload", typ=TYP, signer=SIGNER)
ES256 = {1: -7, 16: TYP}


def verify(data: bytes, key: Any = SIGNER.public_key, typ: str = TYP) -> bytes:
    message = parse_sign1(data)
    verify_sign1(message, key, typ=typ)
    return message.payload


def made(
    protected: Mapping[int, object] = ES256,
    unprotected: Mapping[int, object] | None = None,
    payload: bytes = b"payload",
) -> bytes:
    """A message that is rightly signed whatever its headers say."""
    header = cbor.dumps(protected)
    signature = BARE.sign(cbor.dumps(["Signature1", header, b"", payload]))
    return cbor.dumps([header, unprotected or {}, payload, signature], tag=18)


def parts(**changes: object) -> bytes:
    """A message with parts replaced; an Ellipsis leaves one out."""
    whole: Any = cbor.loads(made(), tag=18)
    named = dict(zip(("header", "unprotected", "payload", "signature"), whole, strict=True))
    return cbor.dumps([each for each in (named | changes).values() if each is not ...], tag=18)


def test_sign_and_verify() -> None:
    assert verify(MESSAGE) == b"payload"
    message = parse_sign1(MESSAGE)
    assert message.protected == {1: -7, 16: TYP, 33: [b"leaf", b"intermediate"]}
    assert message.unprotected == {}
    assert x5chain_from(message) == SIGNER.certificate_chain
    assert MESSAGE.startswith(b"\xd2\x84")


def test_cryptography_verifies_our_sig_structure() -> None:
    """The Sig_structure written out by hand (RFC 9052 4.4)."""
    message = parse_sign1(sign_sign1(b"p", typ="t", signer=BARE))
    to_be_signed = (
        bytes.fromhex("84 6a") + b"Signature1" + bytes.fromhex("46 a2 01 26 10 61 74 40 41 70")
    )
    assert message.to_be_signed == to_be_signed
    r, s = message.signature[:32], message.signature[32:]
    der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    BARE.public_key.verify(der, to_be_signed, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        BARE.public_key.verify(der, to_be_signed + b"x", ec.ECDSA(hashes.SHA256()))


@pytest.mark.req("HAIP-19", "ARF-30")
def test_both_names_of_the_algorithm_are_known_and_no_other() -> None:
    verify(made())
    verify(made({1: -9, 16: TYP}))
    for alg in (-35, -8, 5, "ES256", None, [-7], True):
        with pytest.raises(AlgorithmNotAllowed):
            verify(made({1: alg, 16: TYP}))
    with pytest.raises(AlgorithmNotAllowed):
        verify(made({16: TYP}))
    with pytest.raises(AlgorithmNotAllowed):
        verify(made({16: TYP}, {1: -7}))


def test_the_type_is_the_one_expected_and_signed() -> None:
    for typ in ("application/other+cwt", TYP.upper(), 18, None):
        with pytest.raises(WrongTokenType):
            verify(made({1: -7, 16: typ}))
    for unprotected in ({}, {16: TYP}):
        with pytest.raises(WrongTokenType):
            verify(made({1: -7}, unprotected))


def test_nothing_critical_is_understood() -> None:
    with pytest.raises(CriticalHeaderNotUnderstood):
        verify(made({**ES256, 2: [16]}))
    with pytest.raises(CriticalHeaderNotUnderstood):
        verify(made(ES256, {2: [16]}))


def test_the_signature_has_to_be_right() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    signature = parse_sign1(made()).signature
    for key in (SoftwareSigner.generate().public_key, other):
        with pytest.raises(SignatureInvalid):
            verify(MESSAGE, key)
    for change in (
        {"signature": b""},
        {"signature": signature[:-1]},
        {"signature": signature + b"\x00"},
        {"signature": bytes(64)},
        {"payload": b"payl0ad"},
        {"header": cbor.dumps({**ES256, 99: 1})},
    ):
        with pytest.raises(SignatureInvalid):
            verify(parts(**change))
    assert verify(parts(unprotected={99: 1})) == b"payload"


@pytest.mark.req("TSL-04")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd2",
        b"\xd2\x80",
        b"\xd2\xa0",
        MESSAGE[1:],
        b"\xd1" + MESSAGE[1:],
        b"\xd8\x3d" + MESSAGE,
        b"\xd2" + MESSAGE,
        MESSAGE + b"\x00",
        MESSAGE[:-1],
        parts(signature=...),
        parts(payload=None),
        parts(more=b""),
        parts(payload="payload"),
        parts(payload=[]),
        parts(signature="x"),
        parts(header={}),
        parts(header=b""),
        parts(header=b"\xd2\xa0"),
        parts(header=b"\xa2\x01\x26\x01\x26"),
        parts(header=cbor.dumps([1])),
        parts(unprotected=b""),
        parts(unprotected=[]),
        made(ES256, {1: -7}),
        made(ES256, {16: TYP}),
    ],
)
def test_what_is_no_cose_sign1_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedCose):
        parse_sign1(data)


def test_size_is_bounded() -> None:
    parse_sign1(MESSAGE, max_bytes=len(MESSAGE))
    with pytest.raises(MalformedCose):
        parse_sign1(MESSAGE, max_bytes=len(MESSAGE) - 1)
    with pytest.raises(MalformedCose):
        parse_sign1(made({**ES256, 99: b"x" * 33_000}))


def test_x5chain_in_either_header() -> None:
    one = SoftwareSigner(BARE.private_key, (b"leaf",))
    message = parse_sign1(sign_sign1(b"", typ=TYP, signer=one))
    assert message.protected[33] == b"leaf"
    assert x5chain_from(message) == (b"leaf",)
    chain = [b"leaf", b"intermediate"]
    assert x5chain_from(parse_sign1(made(ES256, {33: chain}))) == tuple(chain)
    with pytest.raises(ChainMissing):
        x5chain_from(parse_sign1(sign_sign1(b"", typ=TYP, signer=BARE)))


@pytest.mark.parametrize(
    "value", ["leaf", b"", 1, [], [b"leaf"], [b"a", "b"], [b"a", b""], [b"x"] * 5, b"x" * 6_145]
)
def test_an_odd_x5chain_is_refused(value: object) -> None:
    for message in (made({**ES256, 33: value}), made(ES256, {33: value})):
        with pytest.raises(MalformedCose):
            x5chain_from(parse_sign1(message))


@given(st.binary(max_size=80) | st.binary(max_size=80).map(b"\xd2\x84".__add__))
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(CheckFailed):
        verify(data)


@given(st.integers(0, len(MESSAGE) * 8 - 1))
def test_no_flipped_bit_is_accepted(bit: int) -> None:
    changed = bytearray(MESSAGE)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CheckFailed):
        verify(bytes(changed))
