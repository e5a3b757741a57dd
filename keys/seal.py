"""Authenticated encryption of stored data: AES-256-GCM with a bound context."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.checks import SealBroken

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


def seal(key: bytes, plaintext: bytes, *, aad: bytes, nonce: bytes) -> bytes:
    """Encrypt and bind to a context (NIST SP 800-38D).

    Args:
        key: 32 bytes.
        plaintext: what to hide.
        aad: the context (organisation, offer, type, version, ...); needed again to open.
        nonce: 12 bytes, never used twice with the same key.

    Returns:
        The nonce, then the ciphertext with its tag: 28 bytes more than the plaintext.

    Raises:
        ValueError: a key or nonce of another length (a mistake of ours).
    """
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError("a 32-byte key and a 12-byte nonce are needed")
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def unseal(key: bytes, sealed: bytes, *, aad: bytes) -> bytes:
    """Open what `seal` made with the same key and context.

    Raises:
        SealBroken: changed data, another key or another context.
        ValueError: a key of another length (a mistake of ours).
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a 32-byte key is needed")
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("too short")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except InvalidTag:
        raise SealBroken("authentication tag") from None
