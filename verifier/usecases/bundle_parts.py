"""Whether an issuer's certificate may go into a bundle, and come out of it."""

from collections.abc import Sequence
from datetime import datetime

from keys.checks import CheckFailed
from keys.trust import TrustList
from keys.x509 import LeafProfile, load_certificate, validate_chain
from openid4vc.qr.challenge import MAX_HELD

MAX_CERTIFICATES = MAX_HELD


def leads_to_an_issuer(
    der: bytes, others: Sequence[bytes], trust_list: TrustList, *, at: datetime
) -> bool:
    """Return whether a certificate is of a credential signer under an issuing authority.

    Args:
        der: the certificate.
        others: certificates that may stand between it and the authority.
        trust_list: whose authorities count.
        at: now.
    """
    anchors = trust_list.issuing_anchors()
    try:
        issuer = load_certificate(der).issuer
        between = [one for one in others if load_certificate(one).subject == issuer]
        for chain in ((der,), *((der, one) for one in between)):
            try:
                validate_chain(chain, anchors, at=at, profile=LeafProfile.CREDENTIAL_SIGNER)
            except CheckFailed:
                continue
            return True
    except CheckFailed:
        return False
    return False
