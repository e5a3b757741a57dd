"""Certificates as they should not be: every part can be set."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from keys.x509 import ACCESS_POLICY, LeafProfile
from tests.keys.keys_kit import AT

Extension = tuple[x509.ExtensionType, bool]


def name(common: str, identifier: str | None = "NTRFI-0000006-0") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if identifier:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, identifier))
    return x509.Name(parts)


def usage(**on: bool) -> x509.KeyUsage:
    off = dict.fromkeys(
        [
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ],
        False,
    )
    return x509.KeyUsage(**(off | on))


AUTHORITY: dict[str, Extension] = {
    "basic": (x509.BasicConstraints(ca=True, path_length=0), True),
    "usage": (usage(key_cert_sign=True, crl_sign=True), True),
}


def leaf_extensions(profile: LeafProfile) -> dict[str, Extension]:
    site = x509.UniformResourceIdentifier("https://kela.example/")
    return {
        "basic": (x509.BasicConstraints(ca=False, path_length=None), True),
        "usage": (usage(digital_signature=True), True),
        "extended": (x509.ExtendedKeyUsage([profile.key_usage]), False),
        "contact": (x509.SubjectAlternativeName([site]), False),
        "policy": (
            x509.CertificatePolicies([x509.PolicyInformation(ACCESS_POLICY, None)]),
            False,
        ),
    }


@dataclass(frozen=True)
class Draft:
    """A certificate to be; `issue` signs it."""

    subject: x509.Name
    extensions: dict[str, Extension]
    begins: datetime = AT - timedelta(days=1)
    ends: datetime = AT + timedelta(days=100)
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def with_extension(self, place: str, value: x509.ExtensionType, *, critical: bool) -> Self:
        return replace(self, extensions=self.extensions | {place: (value, critical)})

    def without_extension(self, place: str) -> Self:
        kept = {name: each for name, each in self.extensions.items() if name != place}
        return replace(self, extensions=kept)

    def issue(self, issuer: "Draft | None" = None) -> x509.Certificate:
        issuer = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer.subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
        )
        for value, critical in self.extensions.values():
            builder = builder.add_extension(value, critical=critical)
        return builder.sign(issuer.key, hashes.SHA256())

    def der(self, issuer: "Draft | None" = None) -> bytes:
        return self.issue(issuer).public_bytes(Encoding.DER)


def authority(common: str = "issuing CA") -> Draft:
    return Draft(name(common), AUTHORITY)


def leaf(profile: LeafProfile = LeafProfile.CREDENTIAL_SIGNER) -> Draft:
    return Draft(name("signer"), leaf_extensions(profile))
