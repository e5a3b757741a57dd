"""Proof key for code exchange: only who asked for a code can use it (RFC 7636, S256 alone)."""

import re
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from keys.jose import b64url_encode
from openid4vc.oauth.errors import CodeVerifierMissing, CodeVerifierWrong

METHOD: Final = "S256"
CHALLENGE_CHARS: Final = 43
VERIFIER_BYTES: Final = 32

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_CHALLENGE: Final = re.compile(rf"[A-Za-z0-9_-]{{{CHALLENGE_CHARS}}}", re.ASCII)


def make_code_verifier(random: bytes) -> str:
    """Return a code verifier (RFC 7636 4.1).

    Raises:
        ValueError: not 32 bytes.
    """
    if len(random) != VERIFIER_BYTES:
        raise ValueError("32 random bytes are needed")
    return b64url_encode(random)


def code_challenge(verifier: str) -> str:
    """Return the challenge that a verifier leads to (RFC 7636 4.2)."""
    return b64url_encode(sha256(verifier.encode("ascii")).digest())


def is_code_challenge(text: str) -> bool:
    """Whether a text can be a challenge by S256: base64url of 32 bytes."""
    return _CHALLENGE.fullmatch(text) is not None


def check_code_verifier(verifier: str | None, challenge: str) -> None:
    """Check that whoever sends a code is who asked for it (RFC 7636 4.6).

    Args:
        verifier: out of the token request; None when it has none.
        challenge: what the code was asked for with.

    Raises:
        CodeVerifierMissing: there is none.
        CodeVerifierWrong: it is no verifier, or leads to another challenge.
    """
    if verifier is None:
        raise CodeVerifierMissing("code_verifier")
    if not _VERIFIER.fullmatch(verifier):
        raise CodeVerifierWrong("code_verifier has another form")
    if not compare_digest(code_challenge(verifier), challenge):
        raise CodeVerifierWrong("code_verifier differs")
