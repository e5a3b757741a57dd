"""Encryption keys that several processes make of one secret."""

import pytest

from keys.jose import EncryptionKey, decrypt_jwe, encrypt_jwe

SEED = bytes(range(32))


def test_one_seed_is_one_key_and_another_another() -> None:
    key = EncryptionKey.from_seed(SEED)
    assert EncryptionKey.from_seed(SEED).public_jwk == key.public_jwk
    assert EncryptionKey.from_seed(SEED[::-1]).kid != key.kid
    text = encrypt_jwe(b"hello", key.public_jwk, enc="A256GCM")
    assert decrypt_jwe(text, EncryptionKey.from_seed(SEED)) == b"hello"


def test_a_short_seed_is_no_seed() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        EncryptionKey.from_seed(SEED[:31])
