"""Whether a credential comes from the issuers that a query accepts (OpenID4VP 1.0, 6.1.1).

Nobody is trusted because of this: it keeps credentials at home that would be refused anyway. No
address in a query is ever fetched (15.10): a trusted list is told by its identifier alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from cryptography import x509

from keys.checks import MalformedJws
from keys.jose import b64url_decode, b64url_encode
from openid4vc.dcql.model import TrustedAuthority

AKI: Final = "aki"
ETSI_TL: Final = "etsi_tl"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What stands behind a credential.

    Attributes:
        key_identifiers: the authority key identifier of every certificate in its chain.
        trust_lists: identifiers of the trusted lists on which its chain ends.
    """

    key_identifiers: frozenset[bytes] = frozenset()
    trust_lists: frozenset[str] = frozenset()


UNKNOWN: Final = Provenance()
"""Nothing is known; it answers no query that names authorities."""


def provenance_of(chain: Sequence[bytes], *, trust_lists: Collection[str] = ()) -> Provenance:
    """Return what stands behind a credential.

    Args:
        chain: the certificates that the credential carries, DER, leaf first.
        trust_lists: identifiers of the trusted lists that lead to this chain, as the caller found.
    """
    known = _provenance(tuple(chain))
    return replace(known, trust_lists=frozenset(trust_lists)) if trust_lists else known


def accepts(authorities: Sequence[TrustedAuthority], provenance: Provenance) -> bool:
    """Say whether one value of one of the authorities matches; none named accepts everything."""
    return not authorities or any(_matches(one, provenance) for one in authorities)


def authority_named_by(anchors: Sequence[x509.Certificate]) -> TrustedAuthority:
    """Return the `aki` entry for credentials whose chains lead to these issuing authorities.

    Raises:
        ExtensionNotFound: an authority without a subject key identifier (RFC 5280 4.2.1.2).
    """
    identifiers = (
        anchor.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        for anchor in anchors
    )
    return TrustedAuthority(AKI, tuple(dict.fromkeys(map(b64url_encode, identifiers))))


def _matches(authority: TrustedAuthority, provenance: Provenance) -> bool:
    if authority.type == AKI:
        return any(_raw(value) in provenance.key_identifiers for value in authority.values)
    if authority.type == ETSI_TL:
        return not provenance.trust_lists.isdisjoint(authority.values)
    # `openid_federation` wants a trust path through entity statements, and our credentials stand
    # in no federation. A type that we do not know tells us nothing either.
    return False


def _raw(value: str) -> bytes | None:
    try:
        return b64url_decode(value)
    except MalformedJws:
        return None


@lru_cache(maxsize=256)
def _provenance(chain: tuple[bytes, ...]) -> Provenance:
    found = map(_authority_key_identifier, chain)
    return Provenance(frozenset(one for one in found if one is not None))


def _authority_key_identifier(der: bytes) -> bytes | None:
    """Return who the certificate says has signed it; None when it does not say so readably."""
    try:
        extensions = x509.load_der_x509_certificate(der).extensions
        return extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
