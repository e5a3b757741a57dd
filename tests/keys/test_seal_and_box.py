"""Sealed (symmetric) and boxed (public-key) data."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from keys.box import BoxKey, box, unbox
from keys.checks import BoxBroken, MalformedKey, SealBroken
from keys.seal import seal, unseal

SECRET = bytes(range(32))
NONCE = bytes(12)
BOX_KEY = BoxKey.generate()


@given(st.binary(max_size=100), st.binary(max_size=30))
def test_seal_there_and_back(plaintext: bytes, aad: bytes) -> None:
    sealed = seal(SECRET, plaintext, aad=aad, nonce=NONCE)
    assert len(sealed) == len(plaintext) + 28
    assert unseal(SECRET, sealed, aad=aad) == plaintext


@given(st.integers(0, 30), st.integers(1, 255))
def test_no_changed_byte_survives_a_seal(place: int, change: int) -> None:
    sealed = bytearray(seal(SECRET, b"abc", aad=b"x", nonce=NONCE))
    sealed[place] ^= change
    with pytest.raises(SealBroken):
        unseal(SECRET, bytes(sealed), aad=b"x")


def test_seal_is_bound_to_key_and_context() -> None:
    sealed = seal(SECRET, b"abc", aad=b"x", nonce=NONCE)
    with pytest.raises(SealBroken):
        unseal(SECRET, sealed, aad=b"y")
    with pytest.raises(SealBroken):
        unseal(bytes(32), sealed, aad=b"x")
    with pytest.raises(SealBroken, match="too short"):
        unseal(SECRET, sealed[:27], aad=b"x")


def test_seal_takes_full_keys_only() -> None:
    with pytest.raises(ValueError, match="32-byte key"):
        seal(SECRET[:16], b"", aad=b"", nonce=NONCE)
    with pytest.raises(ValueError, match="12-byte nonce"):
        seal(SECRET, b"", aad=b"", nonce=b"")
    with pytest.raises(ValueError, match="32-byte key"):
        unseal(b"", bytes(28), aad=b"")


@given(st.binary(max_size=100), st.binary(max_size=30))
def test_box_there_and_back(plaintext: bytes, info: bytes) -> None:
    boxed = box(BOX_KEY.public_bytes, plaintext, info=info)
    again = BoxKey.from_private_bytes(BOX_KEY.private_bytes)
    assert unbox(again, boxed, info=info) == plaintext


@given(st.integers(0, 50), st.integers(1, 255))
def test_no_changed_byte_survives_a_box(place: int, change: int) -> None:
    boxed = bytearray(box(BOX_KEY.public_bytes, b"abc", info=b"x"))
    boxed[place] ^= change
    with pytest.raises(BoxBroken):
        unbox(BOX_KEY, bytes(boxed), info=b"x")


@given(st.binary(max_size=80))
def test_any_bytes_are_refused(boxed: bytes) -> None:
    with pytest.raises(BoxBroken):
        unbox(BOX_KEY, boxed, info=b"")


def test_box_is_bound_to_key_and_context() -> None:
    boxed = box(BOX_KEY.public_bytes, b"abc", info=b"x")
    with pytest.raises(BoxBroken):
        unbox(BOX_KEY, boxed, info=b"y")
    with pytest.raises(BoxBroken):
        unbox(BoxKey.generate(), boxed, info=b"x")


def test_box_is_hpke_as_written() -> None:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    key = X25519PrivateKey.from_private_bytes(BOX_KEY.private_bytes)
    assert suite.decrypt(box(BOX_KEY.public_bytes, b"a", info=b"i"), key, b"i") == b"a"


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33), bytes(32), b"\x01" + bytes(31)])
def test_boxing_to_no_key(public: bytes) -> None:
    with pytest.raises(MalformedKey):
        box(public, b"", info=b"")


def test_private_box_keys_have_one_length() -> None:
    with pytest.raises(MalformedKey):
        BoxKey.from_private_bytes(b"short")
