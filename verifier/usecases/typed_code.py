"""The code that a client can type instead of reading the QR code: 60 bits in three groups.

It is derived from the unguessable part of the wallet's addresses and is worth no more than the
QR code itself: it leads to the same request, for as long as that can be answered.
"""

import hashlib

from verifier.usecases.failures import RequestUnknown

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_READ_AS = str.maketrans("OIL", "011")
_BITS_A_CHARACTER = 5
_CHARACTERS = 12
_GROUP = 4
_CONTEXT = b"kykylompakko typed code 1\x00"


def typed_code(ref: str) -> str:
    """Return the typed code of a request, 12 characters without separators.

    Args:
        ref: the unguessable part of its addresses.
    """
    digest = hashlib.sha256(_CONTEXT + ref.encode()).digest()
    number = int.from_bytes(digest, "big")
    mask = (1 << _BITS_A_CHARACTER) - 1
    return "".join(
        _ALPHABET[(number >> (_BITS_A_CHARACTER * place)) & mask] for place in range(_CHARACTERS)
    )


def in_groups(code: str) -> str:
    """Return a code as people read it: `ABCD-EFGH-JKMN`."""
    return "-".join(code[start : start + _GROUP] for start in range(0, _CHARACTERS, _GROUP))


def read_typed(text: str) -> str:
    """Return what somebody typed as a code: spaces, hyphens, case, and O, I, L forgiven.

    Raises:
        RequestUnknown: it cannot be a code.
    """
    code = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    if len(code) != _CHARACTERS or not set(code) <= set(_ALPHABET):
        raise RequestUnknown
    return code
