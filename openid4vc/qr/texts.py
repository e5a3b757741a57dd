"""The digest that both directions of the compaction refer to."""

from hashlib import sha256

from keys.jose import b64url_encode


def digest_text(text: str) -> str:
    """Return base64url of the SHA-256 of an ASCII text (RFC 9901 4.2.3)."""
    return b64url_encode(sha256(text.encode("ascii")).digest())
