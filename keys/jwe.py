"""Compact JWE with ECDH-ES on P-256 and AES-GCM; joserfc does the cryptography.

The header is read and judged here before joserfc sees the message: no compression, no other
algorithm, no point off the curve, no key but ours.
"""

from collections.abc import Collection, Mapping
from typing import Final, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from joserfc import jwe as joserfc_jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from keys import strict_json
from keys.base64url import b64url_decode
from keys.checks import (
    AlgorithmNotAllowed,
    CriticalHeaderNotUnderstood,
    DecryptionFailed,
    MalformedJson,
    MalformedJwe,
    MalformedJws,
    MalformedKey,
)
from keys.jwk import key_from_jwk, public_jwk, thumbprint

KEY_AGREEMENT: Final = "ECDH-ES"
CONTENT_ENCRYPTIONS: Final = ("A128GCM", "A256GCM")
MAX_JWE_CHARS: Final = 262_144
MAX_HEADER_BYTES: Final = 2_048

_SEGMENTS: Final = 5
_IV_BYTES: Final = 12
_TAG_BYTES: Final = 16
_SEED_BYTES: Final = 32
_SCALAR_BYTES: Final = 48
_SEED_USE: Final = b"kykylompakko encryption key 1"
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5, SP 800-186 3.2.1.3)."""


class EncryptionKey:
    """One P-256 key pair that others encrypt to."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey, *, kid: str | None = None) -> None:
        """Take a key pair; without a `kid` its thumbprint names it (RFC 7638).

        Raises:
            MalformedKey: not a P-256 key.
        """
        self._private_key = private_key
        public = public_jwk(private_key.public_key())
        self._public_jwk = {
            **public,
            "kid": thumbprint(public) if kid is None else kid,
            "use": "enc",
            "alg": KEY_AGREEMENT,
        }

    @classmethod
    def generate(cls) -> Self:
        """Make a fresh key pair."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Make the key pair of a secret seed: several processes then have the same one.

        The seed is stretched to 48 bytes and reduced (FIPS 186-5 A.2.1, extra random bits).

        Raises:
            ValueError: less than 32 bytes.
        """
        if len(seed) < _SEED_BYTES:
            raise ValueError("at least 32 bytes")
        stretched = HKDFExpand(hashes.SHA256(), _SCALAR_BYTES, _SEED_USE).derive(seed)
        scalar = int.from_bytes(stretched, "big") % (_ORDER - 1) + 1
        return cls(ec.derive_private_key(scalar, ec.SECP256R1()))

    @classmethod
    def from_private_bytes(cls, data: bytes, *, kid: str | None = None) -> Self:
        """Import what `to_private_bytes` gave.

        Raises:
            MalformedKey: not an unencrypted PKCS#8 P-256 key.
        """
        try:
            private_key = load_der_private_key(data, password=None)
        except (ValueError, TypeError):
            raise MalformedKey("not PKCS#8") from None
        if not isinstance(private_key, ec.EllipticCurvePrivateKey):
            raise MalformedKey("not elliptic-curve")
        return cls(private_key, kid=kid)

    def to_private_bytes(self) -> bytes:
        """Return the unencrypted PKCS#8 DER; the caller seals it before it is stored."""
        return self._private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    @property
    def kid(self) -> str:
        """The name that a sender repeats in the JWE header."""
        return self._public_jwk["kid"]

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public JWK with `kid`, `use` "enc" and `alg` "ECDH-ES"."""
        return dict(self._public_jwk)

    def open(self, text: str) -> bytes:
        """Decrypt a JWE whose header has been judged; `decrypt_jwe` is the way in.

        Raises:
            DecryptionFailed: another key, or changed on the way.
        """
        try:
            key = ECKey.import_key(self._private_key)
            message = joserfc_jwe.decrypt_compact(text, key, registry=_REGISTRY)
        except (JoseError, ValueError):
            raise DecryptionFailed("authentication tag") from None
        return message.plaintext or b""


def encrypt_jwe(payload: bytes, recipient: Mapping[str, object], *, enc: str) -> str:
    """Encrypt to a recipient's public JWK (OpenID4VP 8.3: `alg` from the JWK, `kid` copied).

    Raises:
        MalformedKey: the JWK is not a public P-256 key, or its `kid` is not a string.
        AlgorithmNotAllowed: its `alg` is not ECDH-ES, it is not for encryption, or `enc` is
            neither A128GCM nor A256GCM.
    """
    if recipient.get("alg") != KEY_AGREEMENT or recipient.get("use", "enc") != "enc":
        raise AlgorithmNotAllowed("the key is not for ECDH-ES")
    if enc not in CONTENT_ENCRYPTIONS:
        raise AlgorithmNotAllowed("enc")
    public = ECKey.import_key(key_from_jwk(recipient))
    header: dict[str, object] = {"alg": KEY_AGREEMENT, "enc": enc}
    kid = recipient.get("kid")
    if kid is not None:
        if not isinstance(kid, str):
            raise MalformedKey("kid")
        header["kid"] = kid
    return joserfc_jwe.encrypt_compact(header, payload, public, registry=_REGISTRY)


def decrypt_jwe(
    text: str,
    key: EncryptionKey,
    *,
    enc_allowed: Collection[str] = CONTENT_ENCRYPTIONS,
    max_chars: int = MAX_JWE_CHARS,
) -> bytes:
    """Decrypt a compact JWE that was encrypted to our key.

    Args:
        text: the compact serialisation.
        key: our key pair; the header has to repeat its `kid`.
        enc_allowed: content encryptions that we announced; others than AES-GCM never work.
        max_chars: upper bound of the text.

    Raises:
        MalformedJwe: not five parts, a broken header, or parts of a wrong length.
        AlgorithmNotAllowed: not ECDH-ES, an `enc` outside `enc_allowed`, or compression.
        CriticalHeaderNotUnderstood: there is a `crit` header.
        DecryptionFailed: another key, or changed on the way.
    """
    segments = _segments(text, max_chars)
    header = _header(segments[0])
    _check_header(header, kid=key.kid, enc_allowed=enc_allowed)
    _check_lengths(segments)
    return key.open(text)


def _segments(text: str, max_chars: int) -> list[str]:
    if len(text) > max_chars:
        raise MalformedJwe("too long")
    segments = text.split(".")
    if len(segments) != _SEGMENTS:
        raise MalformedJwe("not five parts")
    return segments


def _header(segment: str) -> dict[str, object]:
    try:
        return strict_json.loads_object(b64url_decode(segment), max_bytes=MAX_HEADER_BYTES)
    except (MalformedJws, MalformedJson) as failure:
        raise MalformedJwe(f"header: {failure.detail}") from None


def _check_header(header: Mapping[str, object], *, kid: str, enc_allowed: Collection[str]) -> None:
    # 1. The algorithms are the ones that we announced
    if header.get("alg") != KEY_AGREEMENT:
        raise AlgorithmNotAllowed("alg is not ECDH-ES")
    enc = header.get("enc")
    if enc not in CONTENT_ENCRYPTIONS or enc not in enc_allowed:
        raise AlgorithmNotAllowed("enc")
    # 2. No compression: lengths would tell about contents, and little input could become much
    if "zip" in header:
        raise AlgorithmNotAllowed("zip")
    # 3. It demands nothing that we do not know
    if "crit" in header:
        raise CriticalHeaderNotUnderstood("crit is present")
    # 4. It names our key
    if header.get("kid") != kid:
        raise DecryptionFailed("kid is not ours")
    # 5. The sender's ephemeral key is a public point on our curve
    ephemeral = header.get("epk")
    if not isinstance(ephemeral, dict):
        raise MalformedJwe("epk")
    try:
        key_from_jwk(ephemeral)
    except MalformedKey as failure:
        raise MalformedJwe(f"epk: {failure.detail}") from None


def _check_lengths(segments: list[str]) -> None:
    try:
        encrypted_key, iv, _ciphertext, tag = (b64url_decode(part) for part in segments[1:])
    except MalformedJws:
        raise MalformedJwe("not base64url") from None
    if encrypted_key or len(iv) != _IV_BYTES or len(tag) != _TAG_BYTES:
        raise MalformedJwe("part of a wrong length")


class _Registry(joserfc_jwe.JWERegistry):
    """What joserfc may use on our behalf; the sizes are bounded by `max_chars` beforehand."""

    max_protected_header_length = MAX_HEADER_BYTES * 2
    max_ciphertext_length = 16_777_216


_REGISTRY: Final = _Registry(
    algorithms=[KEY_AGREEMENT, *CONTENT_ENCRYPTIONS], strict_check_header=False
)
