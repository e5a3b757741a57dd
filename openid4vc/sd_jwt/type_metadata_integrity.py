"""Integrity metadata: which bytes a reference means (SD-JWT VC 6, W3C SRI 3)."""

import base64
import binascii
import hashlib
from hmac import compare_digest
from typing import Final

from openid4vc import limits
from openid4vc.sd_jwt.type_metadata_errors import IntegrityMismatch, IntegrityNotUnderstood

_FUNCTIONS: Final = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
_WEAKEST_FIRST: Final = tuple(_FUNCTIONS)


def integrity_of(document: bytes) -> str:
    """Return the integrity metadata of a document, by SHA-256."""
    return f"sha256-{base64.b64encode(hashlib.sha256(document).digest()).decode()}"


def check_integrity(document: bytes, integrity: str) -> None:
    """Check that a document is the one that was meant, before anything in it is read.

    Of several digests those of the strongest function that we know decide, and one of them has to
    fit; functions that we do not know and options behind a question mark are passed over.

    Args:
        document: the bytes as they were retrieved.
        integrity: such as `sha256-` and ordinary base64; several stand with spaces between.

    Raises:
        IntegrityNotUnderstood: no function that we know, or a digest of it that is none.
        IntegrityMismatch: other bytes.
    """
    wanted = _digests(integrity)
    if not wanted:
        raise IntegrityNotUnderstood("no known hash function")
    strongest = max(wanted, key=_WEAKEST_FIRST.index)
    found = _FUNCTIONS[strongest](document).digest()
    if not any(compare_digest(found, each) for each in wanted[strongest]):
        raise IntegrityMismatch(strongest)


def _digests(integrity: str) -> dict[str, list[bytes]]:
    """Return the digests by the functions that we know."""
    if len(integrity) > limits.MAX_INTEGRITY_CHARS:
        raise IntegrityNotUnderstood("too long")
    digests: dict[str, list[bytes]] = {}
    for expression in integrity.split():
        name, _, digest = expression.partition("?")[0].partition("-")
        if name in _FUNCTIONS:
            digests.setdefault(name, []).append(_digest(name, digest))
    return digests


def _digest(name: str, text: str) -> bytes:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise IntegrityNotUnderstood("not ordinary base64") from None
    if len(digest) != _FUNCTIONS[name]().digest_size:
        raise IntegrityNotUnderstood("a digest of another length")
    return digest
