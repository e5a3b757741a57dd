"""Compact JWS with ES256 over the `Signer` port, and the door to JWK and JWE.

The framing is ours: a signing input is built once, signed by whatever holds the key, and verified
with a public key that was imported once. The algorithm is never taken from a message.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from msgspec import Struct

from keys import strict_json
from keys.base64url import (
    b64url_decode,
    b64url_decode_lines,
    b64url_encode,
    b64url_encode_ascii,
    b64url_encode_each,
)
from keys.checks import (
    AlgorithmNotAllowed,
    ChainMissing,
    CriticalHeaderNotUnderstood,
    MalformedJson,
    MalformedJws,
    SignatureInvalid,
    WrongTokenType,
)
from keys.jwe import EncryptionKey, decrypt_jwe, encrypt_jwe
from keys.jwk import key_from_jwk, public_jwk, thumbprint
from keys.ports import Signer

__all__ = [
    "ALGORITHM",
    "EncryptionKey",
    "UnreadJws",
    "UnverifiedJws",
    "b64url_decode",
    "b64url_decode_lines",
    "b64url_encode",
    "b64url_encode_ascii",
    "b64url_encode_each",
    "check_raw_signature",
    "decrypt_jwe",
    "encrypt_jwe",
    "key_from_jwk",
    "parse_jws",
    "protected_header",
    "public_jwk",
    "raw_signature",
    "sign_jws",
    "sign_protected",
    "split_jws",
    "thumbprint",
    "verify_jws",
    "x5c_from",
    "x5c_header",
]

ALGORITHM: Final = "ES256"
MAX_JWS_CHARS: Final = 65_536
MAX_HEADER_BYTES: Final = 32_768
MAX_CHAIN: Final = 4
MAX_CERTIFICATE_CHARS: Final = 8_192

# The digest is taken beforehand, by the function that digests of disclosures are taken with: a
# second implementation of SHA-256 would have to be fetched into the processor's caches each time.
_ES256: Final = ec.ECDSA(Prehashed(hashes.SHA256()))
_HALF: Final = 32
_KEPT_HEADER_CHARS: Final = 4_096


class UnreadJws(Struct, frozen=True):
    """A compact JWS whose payload is read elsewhere, and whose signature nobody has checked yet.

    Attributes:
        header: the protected header, a JSON object; read-only, as it may be shared.
        signing_input: ASCII of `header.payload` as received.
        signature: the decoded third part.
        text: the whole text as received.
    """

    header: Mapping[str, object]
    signing_input: bytes
    signature: bytes
    text: str


class UnverifiedJws(UnreadJws, frozen=True):
    """The same with its payload decoded."""

    payload: bytes


def parse_jws(text: str, *, max_chars: int = MAX_JWS_CHARS) -> UnverifiedJws:
    """Take a compact JWS apart (RFC 7515 3.1); nothing is verified.

    Raises:
        MalformedJws: too long, not three base64url parts, or a header that is not a JSON object.
    """
    jws, payload = split_jws(text, max_chars=max_chars)
    return UnverifiedJws(
        jws.header, jws.signing_input, jws.signature, jws.text, b64url_decode(payload)
    )


def split_jws(text: str, *, max_chars: int = MAX_JWS_CHARS) -> tuple[UnreadJws, str]:
    """Take a compact JWS apart but for its payload, which is returned as it came.

    Raises:
        MalformedJws: as `parse_jws`, if not for the payload.
    """
    if len(text) > max_chars:
        raise MalformedJws("too long")
    if not text.isascii():
        raise MalformedJws("not ASCII")
    # Not `split`, which looks at each character: these ask the processor for the next dot.
    signing_input, dot, signature = text.rpartition(".")
    header, other_dot, payload = signing_input.partition(".")
    if not dot or not other_dot or "." in payload:
        raise MalformedJws("not three parts")
    jws = UnreadJws(
        header=_kept_header(header) if len(header) <= _KEPT_HEADER_CHARS else _header(header),
        signing_input=signing_input.encode("ascii"),
        signature=b64url_decode(signature),
        text=text,
    )
    return jws, payload


def _header(segment: str) -> Mapping[str, object]:
    try:
        header = strict_json.loads_object(b64url_decode(segment), max_bytes=MAX_HEADER_BYTES)
    except MalformedJson as failure:
        raise MalformedJws(f"header: {failure.detail}") from None
    return MappingProxyType(header)


@lru_cache(maxsize=128)
def _kept_header(segment: str) -> Mapping[str, object]:
    """Read a header as it was read before: all credentials of an issuer have the same one."""
    return _header(segment)


def sign_jws(header: Mapping[str, object], payload: bytes, signer: Signer) -> str:
    """Sign a payload as a compact JWS.

    Args:
        header: the protected header without `alg`; `typ` belongs in it.
        payload: the bytes to sign, usually JSON.
        signer: the ES256 key.
    """
    return sign_protected(protected_header(header), payload, signer)


def protected_header(header: Mapping[str, object]) -> str:
    """Return a header as `sign_protected` takes it: written once, used for many signatures.

    Args:
        header: the protected header without `alg`, which is added here and nowhere else.
    """
    return b64url_encode(strict_json.dumps({**header, "alg": ALGORITHM}))


def sign_protected(protected: str, payload: bytes, signer: Signer) -> str:
    """Sign a payload as a compact JWS under a header from `protected_header`."""
    signing_input = f"{protected}.{b64url_encode(payload)}"
    signature = signer.sign(signing_input.encode("ascii"))
    return f"{signing_input}.{b64url_encode(signature)}"


def verify_jws(jws: UnreadJws, key: ec.EllipticCurvePublicKey, *, typ: str | None) -> None:
    """Check a JWS against the key and the type that we expect.

    Raises:
        WrongTokenType: the header's `typ` is not exactly `typ`, or is there although `typ` is
            None (RFC 8725 3.11).
        AlgorithmNotAllowed: the header's `alg` is not ES256 (RFC 8725 3.1).
        CriticalHeaderNotUnderstood: there is a `crit` header (RFC 7515 4.1.11).
        SignatureInvalid: the signature does not match (RFC 7515 5.2).
    """
    # 1. It says that it is what we expect
    if jws.header.get("typ") != typ:
        raise WrongTokenType("typ differs")
    # 2. ES256, because we chose it
    if jws.header.get("alg") != ALGORITHM:
        raise AlgorithmNotAllowed("alg is not ES256")
    # 3. It demands nothing that we do not know
    if "crit" in jws.header:
        raise CriticalHeaderNotUnderstood("crit is present")
    # 4. The signature is right
    check_raw_signature(jws.signature, jws.signing_input, key)


def check_raw_signature(signature: bytes, message: bytes, key: ec.EllipticCurvePublicKey) -> None:
    """Check an ES256 signature as JOSE and COSE write it: r || s, 64 bytes (RFC 7518 3.4).

    Raises:
        SignatureInvalid: it does not belong to this message and key.
    """
    if len(signature) != 2 * _HALF or not isinstance(key.curve, ec.SECP256R1):
        raise SignatureInvalid("not an ES256 signature and key")
    der = encode_dss_signature(
        int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    )
    try:
        key.verify(der, sha256(message).digest(), _ES256)
    except InvalidSignature:
        raise SignatureInvalid("signature does not match") from None


def raw_signature(private_key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Sign with a P-256 key held in this process; return r || s, 64 bytes (RFC 7518 3.4)."""
    r, s = decode_dss_signature(private_key.sign(sha256(message).digest(), _ES256))
    return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


def x5c_header(chain: Sequence[bytes]) -> list[str]:
    """Return the `x5c` value for DER certificates, leaf first (RFC 7515 4.1.6)."""
    return [_base64(certificate) for certificate in chain]


def x5c_from(header: Mapping[str, object]) -> tuple[bytes, ...]:
    """Return the DER certificates of an `x5c` header, leaf first; nothing is trusted yet.

    Raises:
        ChainMissing: no `x5c`, or an empty one.
        MalformedJws: not a list of at most four base64 strings of reasonable length.
    """
    value = header.get("x5c")
    if value is None or value == []:
        raise ChainMissing("no x5c")
    if not isinstance(value, list) or len(value) > MAX_CHAIN:
        raise MalformedJws("x5c is not a short list")
    for entry in value:
        if not isinstance(entry, str) or len(entry) > MAX_CERTIFICATE_CHARS:
            raise MalformedJws("x5c entry")
    return tuple(map(_certificate_bytes, value))


@lru_cache(maxsize=256)
def _certificate_bytes(entry: str) -> bytes:
    if not entry:
        raise MalformedJws("x5c entry is empty")
    try:
        der = a2b_base64(entry)
    except ValueError:
        raise MalformedJws("x5c is not base64") from None
    # The decoder is lenient, the encoder is not: all that it would not have written is refused.
    if _base64(der) != entry:
        raise MalformedJws("x5c is not base64")
    return der


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")
