"""The way from a leaf to an anchor: signatures, names, authorities and dates, by `cryptography`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from keys.checks import CertificateExpired, CertificateNotYetValid, ChainNotTrusted

MAX_CHAIN: Final = 3


def find_path(
    certificates: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime
) -> list[x509.Certificate]:
    """Return the path from the first certificate to an anchor, both included.

    Args:
        certificates: leaf first, anchor left out.
        anchors: the certification authorities trusted.
        at: the time to judge by, with a time zone.

    Raises:
        CertificateExpired, CertificateNotYetValid: a right path at the wrong time.
        ChainNotTrusted: no path (RFC 5280 6.1).
    """
    try:
        return _build(certificates, anchors, at)
    except VerificationError:
        raise _why_no_path(certificates, anchors, at) from None


def _why_no_path(
    certificates: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime
) -> CertificateExpired | CertificateNotYetValid | ChainNotTrusted:
    """Ask whether the same path was or will be right at a time when all of it is valid."""
    issuers = {certificate.issuer for certificate in certificates}
    for anchor in anchors:
        if anchor.subject not in issuers:
            continue
        everything = [*certificates, anchor]
        begins, ends = validity(everything)
        if begins > ends or begins <= at <= ends or not _builds(certificates, anchor, begins):
            continue
        if at < begins:
            return CertificateNotYetValid("certificate dates")
        return CertificateExpired("certificate dates")
    return ChainNotTrusted("no path to an anchor")


def validity(path: Sequence[x509.Certificate]) -> tuple[datetime, datetime]:
    """Return the first and the last second at which every certificate is valid."""
    begins = max(certificate.not_valid_before_utc for certificate in path)
    return begins, min(certificate.not_valid_after_utc for certificate in path)


def _builds(
    certificates: Sequence[x509.Certificate], anchor: x509.Certificate, at: datetime
) -> bool:
    try:
        _build(certificates, [anchor], at)
    except VerificationError:
        return False
    return True


def _build(
    certificates: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime
) -> list[x509.Certificate]:
    if not anchors:
        raise VerificationError("no anchors")
    verifier = (
        PolicyBuilder()
        .store(Store(list(anchors)))
        .time(at)
        .max_chain_depth(MAX_CHAIN)
        .extension_policies(ca_policy=_AUTHORITY, ee_policy=_LEAF)
        .build_client_verifier()
    )
    return verifier.verify(certificates[0], list(certificates[1:])).chain


def _must_be_authority(
    _policy: Policy, _certificate: x509.Certificate, extension: x509.BasicConstraints
) -> None:
    if not extension.ca:
        raise ValueError("not a certification authority")


def _must_sign_certificates(
    _policy: Policy, _certificate: x509.Certificate, extension: x509.KeyUsage
) -> None:
    if not extension.key_cert_sign:
        raise ValueError("may not sign certificates")


_AUTHORITY: Final = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.CRITICAL, _must_be_authority)
    .require_present(x509.KeyUsage, Criticality.CRITICAL, _must_sign_certificates)
)
_LEAF: Final = ExtensionPolicy.permit_all()
