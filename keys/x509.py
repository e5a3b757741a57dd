"""Certificate chains: who says it, and are they allowed to say this kind of thing.

Path building and dates are `cryptography`'s; what a leaf may be used for is checked here. Each
use has an extended key usage of its own below the arc 2.25.<UUID> (ITU-T X.667) of this project:

    ARC.1.1  signs credentials           ARC.1.3  signs requests for presentation
    ARC.1.2  signs status lists          ARC.1.4  signs the trust list
    ARC.1.5  attests wallets and the keys in them
    ARC.2.1  policy: access certificate of the demo; the ETSI `eudiwrp` policies are not claimed,
             because no audited authority stands behind it (TS 119 411-8)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from keys.certificate_path import MAX_CHAIN, find_path, validity
from keys.chain_memory import ChainMemory, Question
from keys.checks import (
    AnchorInChain,
    CertificateProfileWrong,
    ChainMissing,
    ChainNotTrusted,
    MalformedCertificate,
)

# UUID 11c80ccd-fe90-48fb-830b-0b3bb7d7893b, drawn for this project
ARC: Final = "2.25.23635595009522717071913449901767756091"
ACCESS_POLICY: Final = x509.ObjectIdentifier(f"{ARC}.2.1")
_REMEMBERED: Final = 256

_T = TypeVar("_T", bound=x509.ExtensionType)
_ORGANIZATION_IDENTIFIER: Final = x509.NameOID.ORGANIZATION_IDENTIFIER


class LeafProfile(StrEnum):
    """What a leaf certificate may be used for; the value is its extended key usage."""

    CREDENTIAL_SIGNER = f"{ARC}.1.1"
    STATUS_LIST_SIGNER = f"{ARC}.1.2"
    ACCESS = f"{ARC}.1.3"
    TRUST_LIST_SIGNER = f"{ARC}.1.4"
    WALLET_ATTESTATION_SIGNER = f"{ARC}.1.5"

    @property
    def key_usage(self) -> x509.ObjectIdentifier:
        """The extended key usage that the leaf has to carry."""
        return x509.ObjectIdentifier(self.value)


@dataclass(frozen=True, slots=True)
class ValidatedChain:
    """A leaf that leads to an anchor and fits its use.

    Attributes:
        leaf: the signer's certificate.
        anchor: the trust anchor at the end of the path.
        public_key: the leaf's key, imported once.
    """

    leaf: x509.Certificate
    anchor: x509.Certificate
    public_key: ec.EllipticCurvePublicKey


# Makers of other wallets do not know our arc; their authorities are listed for this use alone.
_USE_MAY_BE_UNSAID: Final = frozenset({LeafProfile.WALLET_ATTESTATION_SIGNER})

_MEMORY: Final[ChainMemory[ValidatedChain]] = ChainMemory(_REMEMBERED)


def load_certificate(der: bytes) -> x509.Certificate:
    """Parse one DER certificate; nothing is trusted yet.

    Raises:
        MalformedCertificate: not X.509 version 3, or not a P-256 key.
    """
    certificate, _public_key = _load(der)
    return certificate


def validate_chain(
    chain: Sequence[bytes],
    anchors: Sequence[x509.Certificate],
    *,
    at: datetime,
    profile: LeafProfile,
) -> ValidatedChain:
    """Lead a chain to one of the anchors and check that its leaf fits the use.

    A chain that held before, under the very same tuple of anchors and for the same use, holds again
    while every certificate on its path is valid; see `keys.chain_memory`.

    Args:
        chain: DER, leaf first, anchor left out.
        anchors: the certification authorities trusted for this use.
        at: the time to judge by, with a time zone.
        profile: what the leaf is used for.

    Raises:
        ChainMissing: no certificate at all.
        MalformedCertificate: something that is not a P-256 certificate.
        AnchorInChain: the anchor or a self-signed certificate is part of the chain (HAIP 5, 6.1.1).
        CertificateExpired, CertificateNotYetValid: a right path at the wrong time.
        ChainNotTrusted: no path to an anchor (RFC 5280 6.1), or too long a chain.
        CertificateProfileWrong: trusted, but not for this use.
    """
    question = Question(tuple(chain), tuple(anchors), profile)
    known = _MEMORY.recall(question, at=at)
    if known is not None:
        return known
    path = _validated_path(chain, anchors, at=at, profile=profile)
    found = ValidatedChain(leaf=path[0], anchor=path[-1], public_key=_load(chain[0])[1])
    if question.anchors is anchors:  # a list may change, and is never the same question again
        begins, ends = validity(path)
        _MEMORY.keep(question, found, begins=begins, ends=ends)
    return found


def _validated_path(
    chain: Sequence[bytes],
    anchors: Sequence[x509.Certificate],
    *,
    at: datetime,
    profile: LeafProfile,
) -> list[x509.Certificate]:
    """Return the path from the leaf to an anchor, both included."""
    # 1. There is a chain of a sensible length, made of certificates
    if not chain:
        raise ChainMissing("empty chain")
    if len(chain) > MAX_CHAIN:
        raise ChainNotTrusted("chain too long")
    certificates = [load_certificate(der) for der in chain]
    # 2. Neither the anchor nor anything self-signed is inside
    _check_no_anchor(certificates, anchors)
    # 3. A path leads to an anchor, and every certificate on it is valid now
    path = find_path(certificates, anchors, at)
    # 4. The leaf comes straight from an authority that issues nothing but leaves
    _check_issuing_authority(path[1])
    # 5. The leaf may be used for this
    _check_leaf(certificates[0], profile)
    return path


def organisation_identifier(cert: x509.Certificate) -> str | None:
    """Return the subject's organizationIdentifier (OID 2.5.4.97), or None without just one."""
    found = cert.subject.get_attributes_for_oid(_ORGANIZATION_IDENTIFIER)
    if len(found) != 1 or not isinstance(found[0].value, str):
        return None
    return found[0].value


def dns_names(cert: x509.Certificate) -> frozenset[str]:
    """Return the dNSName entries of the subject alternative name; none without the extension."""
    names = _extension(cert, x509.SubjectAlternativeName)
    return (
        frozenset() if names is None else frozenset(names.value.get_values_for_type(x509.DNSName))
    )


@lru_cache(maxsize=1024)
def _load(der: bytes) -> tuple[x509.Certificate, ec.EllipticCurvePublicKey]:
    try:
        certificate = x509.load_der_x509_certificate(der)
        public_key = certificate.public_key()
        _ = (certificate.subject, certificate.issuer, certificate.extensions)
    except Exception:  # the parser documents several; whatever it says, this is no certificate
        raise MalformedCertificate("not a certificate") from None
    if certificate.version is not x509.Version.v3:
        raise MalformedCertificate("not version 3")
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or not isinstance(
        public_key.curve, ec.SECP256R1
    ):
        raise MalformedCertificate("not a P-256 key")
    return certificate, public_key


def _check_no_anchor(
    certificates: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> None:
    known = {anchor.subject for anchor in anchors}
    for certificate in certificates:
        if certificate.subject == certificate.issuer:
            raise AnchorInChain("self-signed certificate")
        if certificate.subject in known:
            raise AnchorInChain("trust anchor")


def _check_issuing_authority(authority: x509.Certificate) -> None:
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    if constraints.path_length != 0:
        raise CertificateProfileWrong("the issuing authority has no path length of 0")


def _check_leaf(leaf: x509.Certificate, profile: LeafProfile) -> None:
    # 1. Not an authority
    constraints = _extension(leaf, x509.BasicConstraints)
    if constraints is not None and constraints.value.ca:
        raise CertificateProfileWrong("the leaf is an authority")
    # 2. For digital signatures, critically, and for no certificates
    usage = _extension(leaf, x509.KeyUsage)
    if usage is None or not usage.critical or not usage.value.digital_signature:
        raise CertificateProfileWrong("key usage")
    if usage.value.key_cert_sign or usage.value.crl_sign:
        raise CertificateProfileWrong("key usage of an authority")
    # 3. For this use and no other
    _check_use(leaf, profile)
    # 4. Names its organisation
    if not organisation_identifier(leaf):
        raise CertificateProfileWrong("organizationIdentifier")
    if profile is LeafProfile.ACCESS:
        _check_access(leaf)


def _check_use(leaf: x509.Certificate, profile: LeafProfile) -> None:
    extended = _extension(leaf, x509.ExtendedKeyUsage)
    if extended is None:
        if profile not in _USE_MAY_BE_UNSAID:
            raise CertificateProfileWrong("no extended key usage")
    elif list(extended.value) != [profile.key_usage]:
        raise CertificateProfileWrong("extended key usage")


def _check_access(leaf: x509.Certificate) -> None:
    # 5. An access certificate says how to reach its holder, and which policy it stands under
    names = _extension(leaf, x509.SubjectAlternativeName)
    if names is None or not any(
        isinstance(name, x509.RFC822Name | x509.UniformResourceIdentifier) for name in names.value
    ):
        raise CertificateProfileWrong("no contact")
    policies = _extension(leaf, x509.CertificatePolicies)
    if policies is None or ACCESS_POLICY not in {
        policy.policy_identifier for policy in policies.value
    }:
        raise CertificateProfileWrong("policy")


def _extension(certificate: x509.Certificate, kind: type[_T]) -> x509.Extension[_T] | None:
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
