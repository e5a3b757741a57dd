"""Client identifiers of verifiers: the prefix `x509_hash` and nothing else (HAIP 5)."""

from hashlib import sha256
from typing import Final

from keys.jose import b64url_encode
from openid4vc.openid4vp.errors import ClientIdNotOfCertificate, ClientIdPrefixNotSupported

PREFIX: Final = "x509_hash"


def x509_hash(leaf: bytes) -> str:
    """Return the full client identifier of an access certificate.

    Args:
        leaf: the certificate in DER.

    Returns:
        `x509_hash:` and the base64url SHA-256 of the certificate (OpenID4VP 5.9.3). It is used
        whole everywhere, as audience too.
    """
    return f"{PREFIX}:{b64url_encode(sha256(leaf).digest())}"


def check_prefix(client_id: str) -> None:
    """Check that the identifier has our prefix, which is what stands before the first colon.

    Raises:
        ClientIdPrefixNotSupported: another prefix, among them `origin`, or none (5.9.1, 5.9.3).
    """
    prefix, colon, _ = client_id.partition(":")
    if not colon or prefix != PREFIX:
        raise ClientIdPrefixNotSupported("prefix is not x509_hash")


def check_certificate(client_id: str, leaf: bytes) -> None:
    """Check that the identifier belongs to the certificate (5.9.3).

    Raises:
        ClientIdNotOfCertificate: it is the hash of another one.
    """
    if client_id != x509_hash(leaf):
        raise ClientIdNotOfCertificate("hash differs")
