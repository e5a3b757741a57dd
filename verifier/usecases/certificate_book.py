"""Issuers' certificates that this desk has met, so that answers may name them by hash.

Only what led to an anchor of the trust list and signed a card is kept; whoever uses one still
validates it anew. They are the issuers' own and tell nothing of a person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from keys.jose import x5c_from
from openid4vc.qr.challenge import MAX_HELD, PREFIX_BYTES
from openid4vc.sd_jwt.parse import parse
from verifier.ports import Certificates


class CertificateBook:
    """See the module text."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates
        self._noted: frozenset[bytes] = frozenset()

    async def remember(self, presentations: Sequence[str], *, at: datetime) -> None:
        """Keep the certificates of presentations whose issuer's signature holds."""
        for text in presentations:
            for der in x5c_from(parse(text).jws.header):
                digest = sha256(der).digest()
                if digest not in self._noted:
                    await self._certificates.add(digest, der, at=at)
                    self._noted |= {digest}

    async def held(self) -> Mapping[bytes, bytes]:
        """Return the certificates that an answer may name by hash: SHA-256 to DER."""
        return await self._certificates.newest(MAX_HELD)

    async def prefixes(self) -> frozenset[bytes]:
        """Return how the hashes of those begin, for a challenge to name."""
        return frozenset(digest[:PREFIX_BYTES] for digest in await self.held())
