"""The hash functions of `_sd_alg`, and the digest of a disclosure."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from keys.jose import b64url_encode, b64url_encode_each
from openid4vc.checks import HashAlgorithmNotAllowed

DEFAULT: Final = "sha-256"
_FUNCTIONS: Final = {
    "sha-256": hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
}
_SIZES: Final = {name: function().digest_size for name, function in _FUNCTIONS.items()}


def hash_name_of(claims: Mapping[str, object]) -> str:
    """Return the hash name that a raw payload declares (RFC 9901 4.1.1).

    Raises:
        HashAlgorithmNotAllowed: not one of SHA-256, SHA-384, SHA-512 (RFC 9901 7.1 step 2).
    """
    name = claims.get("_sd_alg", DEFAULT)
    if not isinstance(name, str) or name not in _FUNCTIONS:
        raise HashAlgorithmNotAllowed
    return name


def digests_of(texts: Iterable[bytes], hash_name: str = DEFAULT) -> list[str]:
    """Return what `digest_of` returns of each text, which comes as its ASCII bytes."""
    function = _FUNCTIONS[hash_name]
    digests = [function(text).digest() for text in texts]
    return b64url_encode_each(digests, _SIZES[hash_name])


def digest_of(text: str, hash_name: str = DEFAULT) -> str:
    """Return base64url(hash(text)) over the ASCII text as it travels (RFC 9901 4.2.3, 4.3.1)."""
    return b64url_encode(_FUNCTIONS[hash_name](text.encode("ascii")).digest())
