"""A wallet provider with its authority, a stranger with one of their own, and a wallet's keys."""

from datetime import UTC, datetime

from keys.certificates import Authority, Subject, make_authority, make_leaf
from keys.software_signer import SoftwareSigner
from keys.x509 import LeafProfile

AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
NOW = int(AT.timestamp())


def provider(name: str, profile: LeafProfile) -> tuple[Authority, SoftwareSigner]:
    subject = Subject(name=name, identifier="NTRFI-0000099-0", site="https://wallet.example/")
    authority = make_authority(subject, use="wallet CA", at=AT)
    return authority, make_leaf(authority, subject, profile=profile, use="wallet", at=AT)


AUTHORITY, ATTESTER = provider("Lompakko Oy (TESTI)", LeafProfile.WALLET_ATTESTATION_SIGNER)
_, STRANGER = provider("Vieras Oy (TESTI)", LeafProfile.WALLET_ATTESTATION_SIGNER)
OTHER_AUTHORITY, CREDENTIAL_SIGNER = provider("Muu Oy (TESTI)", LeafProfile.CREDENTIAL_SIGNER)
ANCHORS = (AUTHORITY.certificate, OTHER_AUTHORITY.certificate)
INSTANCE = SoftwareSigner.generate()
DEVICE = SoftwareSigner.generate()
"""The keys of a wallet's instance, and of its tokens where that is another one."""
