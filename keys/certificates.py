"""Making certificates of the demo PKI; `keys.x509` judges them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from keys.software_signer import SoftwareSigner
from keys.x509 import ACCESS_POLICY, LeafProfile

AUTHORITY_LIFE: Final = timedelta(days=3650)
LEAF_LIFE: Final = timedelta(days=730)
BACKDATED: Final = timedelta(days=1)

_AUTHORITY_USAGE: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
_LEAF_USAGE: Final = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate is for.

    Attributes:
        name: the organisation's display name, at most 64 characters.
        identifier: its organizationIdentifier (EN 319 412-1 5.1.4), such as NTRFI-0000006-0.
        site: an https URI by which it can be reached.
        hosts: DNS names under which it serves; a verifier may be known by one (`x509_san_dns`).
    """

    name: str
    identifier: str
    site: str
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """A certification authority: its signer, whose chain is just its own certificate, and that."""

    signer: SoftwareSigner
    certificate: x509.Certificate


def make_authority(subject: Subject, *, use: str, at: datetime) -> Authority:
    """Make a self-signed authority that issues leaves only (path length 0).

    Args:
        subject: whose authority it is.
        use: what it is for, part of its common name, such as "issuing CA".
        at: now; the certificate is valid from the day before.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(subject, use)
    begins = start_of_validity(at)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_AUTHORITY_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    signer = SoftwareSigner(key, (certificate.public_bytes(Encoding.DER),))
    return Authority(signer=signer, certificate=certificate)


def make_leaf(
    authority: Authority, subject: Subject, *, profile: LeafProfile, use: str, at: datetime
) -> SoftwareSigner:
    """Issue a leaf for one use and return its signer; its chain is the leaf alone.

    Args:
        authority: who issues it.
        subject: whom it is for.
        profile: what it may be used for.
        use: the same in words, part of its common name.
        at: now; the certificate is valid from the day before.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    begins = start_of_validity(at)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject, use))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_LEAF_USAGE, critical=True)
        .add_extension(x509.ExtendedKeyUsage([profile.key_usage]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.UniformResourceIdentifier(subject.site),
                    *(x509.DNSName(host) for host in subject.hosts),
                ]
            ),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.signer.public_key),
            critical=False,
        )
    )
    if profile is LeafProfile.ACCESS:
        policy = x509.PolicyInformation(ACCESS_POLICY, None)
        builder = builder.add_extension(x509.CertificatePolicies([policy]), critical=False)
    certificate = builder.sign(authority.signer.private_key, hashes.SHA256())
    return SoftwareSigner(key, (certificate.public_bytes(Encoding.DER),))


def start_of_validity(at: datetime) -> datetime:
    """Return the start of the day before: credentials carry whole days as their issue date."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) - BACKDATED


def _name(subject: Subject, use: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FI"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.name),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, subject.identifier),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{subject.identifier} {use}"),
        ]
    )
