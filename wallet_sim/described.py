"""A received card held against the description of its type, where its issuer serves one.

What the person reads comes from the wallet's own catalogue, whoever describes the type. So a
description that cannot be had changes nothing; one that contradicts the card refuses it.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from keys.checks import FetchRefused
from openid4vc import limits
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.type_metadata import ResolvedType, TypeReference, reference_of, resolve_type
from openid4vc.sd_jwt.type_metadata_cache import TypeMetadataCache
from openid4vc.sd_jwt.type_metadata_checks import check_claims
from openid4vc.sd_jwt.type_metadata_errors import TypeMetadataUnavailable
from wallet_sim.answers import JSON
from wallet_sim.flow_failures import ConnectionLost
from wallet_sim.tools import Tools

_KEPT: Final = 16
_NOT_SAID: Final = timedelta(0)


class TypeDescriptions:
    """Type metadata as issuers serve them (SD-JWT VC 5); keeps what cannot change."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._cache = TypeMetadataCache(max_documents=_KEPT)

    async def check(self, card: str, *, issuer: str) -> None:
        """Check a card against the description whose very bytes it names.

        Args:
            card: an SD-JWT VC with all its disclosures; ``issued_card.check_issued`` has passed it.
            issuer: the credential issuer identifier that the offer came from.

        Raises:
            IntegrityMismatch, IntegrityNotUnderstood: the description served is another one.
            CheckFailed: the description breaks a rule, or the card does not follow it; see
                ``openid4vc.sd_jwt.type_metadata`` and ``type_metadata_checks``.
        """
        sd_jwt = parse(card)
        reference = reference_of(sd_jwt.claims)
        if reference.integrity is None:
            return
        described = await self._resolve(reference, issuer)
        if described is not None:
            check_claims(sd_jwt, described.claims, everything_disclosed=True)

    async def _resolve(self, reference: TypeReference, issuer: str) -> ResolvedType | None:
        """Return the type with all that it extends, None when a document of these is not served."""
        now = self._tools.clock.now()
        fetched: dict[TypeReference, bytes] = {}

        def at_hand(wanted: TypeReference) -> bytes | None:
            return fetched.get(wanted) or self._cache.get(wanted, at=now)

        # Ends: each round brings a further document, and a chain of types has a greatest length.
        while True:
            try:
                return resolve_type(reference, at_hand)
            except TypeMetadataUnavailable as missing:
                wanted = TypeReference(missing.vct, missing.integrity)
            data = await self._get(wanted.vct, issuer)
            if data is None:
                return None
            self._cache.put(wanted, data, at=now, max_age=_NOT_SAID)
            fetched[wanted] = data

    async def _get(self, vct: str, issuer: str) -> bytes | None:
        try:
            reply = await self._tools.network.get(_address(vct, issuer), accept=JSON)
        except (ConnectionLost, FetchRefused):
            return None
        if reply.status != HTTPStatus.OK or reply.content_type != JSON:
            return None
        return reply.body if len(reply.body) <= limits.MAX_TYPE_METADATA_BYTES else None


def _address(vct: str, issuer: str) -> str:
    """Return where a description is served: beside the organisations of the issuer's service."""
    parts = urlsplit(issuer)
    base = parts._replace(path=parts.path.rpartition("/")[0])
    return f"{base.geturl()}/type-metadata/{quote(vct, safe=':')}"
