"""Client identifiers of verifiers: a certificate's hash (HAIP 5), or a DNS name that it carries."""

from enum import StrEnum
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from keys.jose import b64url_encode
from keys.x509 import dns_names, load_certificate
from openid4vc.openid4vp.errors import (
    ClientIdNotOfCertificate,
    ClientIdPrefixNotSupported,
    ResponseUriOfAnotherHost,
)


class Prefix(StrEnum):
    """What stands before the first colon (5.9.1); every other prefix is refused."""

    X509_HASH = "x509_hash"
    X509_SAN_DNS = "x509_san_dns"


_PREFIXES: Final = frozenset(Prefix)


def x509_hash(leaf: bytes) -> str:
    """Return the full client identifier of an access certificate.

    Args:
        leaf: the certificate in DER.

    Returns:
        `x509_hash:` and the base64url SHA-256 of the certificate (OpenID4VP 5.9.3). It is used
        whole everywhere, as audience too.
    """
    return f"{Prefix.X509_HASH}:{b64url_encode(sha256(leaf).digest())}"


def x509_san_dns(host: str) -> str:
    """Return the full client identifier of a verifier that is known by its DNS name (5.9.3)."""
    return f"{Prefix.X509_SAN_DNS}:{host.lower()}"


def check_prefix(client_id: str) -> None:
    """Check that the identifier has a prefix of ours, which is what stands before the first colon.

    Raises:
        ClientIdPrefixNotSupported: another prefix, among them `origin`, or none (5.9.1, 5.9.3).
    """
    prefix, colon, _ = client_id.partition(":")
    if not colon or prefix not in _PREFIXES:
        raise ClientIdPrefixNotSupported("prefix is neither x509_hash nor x509_san_dns")


def check_certificate(client_id: str, leaf: bytes) -> None:
    """Check that the identifier belongs to the certificate (5.9.3).

    Args:
        client_id: the full identifier, of a prefix that `check_prefix` takes.
        leaf: the certificate in DER.

    Raises:
        ClientIdNotOfCertificate: it is the hash of another one, or a name that it does not carry.
        MalformedCertificate: the leaf is no certificate.
    """
    prefix, _, name = client_id.partition(":")
    if prefix != Prefix.X509_SAN_DNS:
        if client_id != x509_hash(leaf):
            raise ClientIdNotOfCertificate("hash differs")
    elif name.lower() not in {one.lower() for one in dns_names(load_certificate(leaf))}:
        raise ClientIdNotOfCertificate("no such dNSName")


def check_response_host(client_id: str, response_uri: str) -> None:
    """Check that who is known by a DNS name is answered there and nowhere else (5.9.3).

    That the name stands on a trusted list frees nobody from it here, though it may.

    Raises:
        ResponseUriOfAnotherHost: the host differs.
    """
    prefix, _, name = client_id.partition(":")
    if prefix == Prefix.X509_SAN_DNS and urlsplit(response_uri).hostname != name.lower():
        raise ResponseUriOfAnotherHost("the host is not the client's")
