"""Status lists: had when needed, held for as long as they say, and asked about one card.

What the token says (`ttl`, `exp`) decides how long a list is held, whatever HTTP says (TSL-11).
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from keys.checks import CheckFailed
from keys.trust import TrustedIssuer
from openid4vc.checks import CredentialRevoked, CredentialSuspended, StatusListStale
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.status_list.bits import Status
from openid4vc.status_list.token import VerifiedStatusList, read_status_list
from verifier.ports import StatusListSource
from verifier.usecases.failures import IssuerClosed, StatusUnknown

MAX_AGE = timedelta(hours=24)
_HELD_AT_MOST = 256
_HELD_WITHOUT_TTL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Held:
    status_list: VerifiedStatusList
    fresh_until: datetime


class StatusBook:
    """Answers whether a card still counts; see the module text."""

    def __init__(self, source: StatusListSource) -> None:
        self._source = source
        self._held: OrderedDict[tuple[str, str], _Held] = OrderedDict()
        self._fetching: dict[tuple[str, str], asyncio.Lock] = {}

    async def check(
        self, reference: StatusReference, *, issuer: TrustedIssuer, at: datetime
    ) -> timedelta:
        """Check that a card is valid and return the age of the list that says so.

        Raises:
            CredentialRevoked: it is revoked. An old list is enough to say so: revocation is final.
            CredentialSuspended: it is suspended.
            StatusUnknown: no usable list could be had.
            StatusListStale: the newest list that could be had is older than 24 hours or has ended.
            IssuerClosed: the same, and the issuer has closed.
            StatusIndexOutOfRange: the list has no such entry; no statement is possible.
            StatusValueUnknown: the entry says nothing that we know.
        """
        try:
            status_list = await self._list(reference.uri, issuer=issuer, at=at)
        except (StatusUnknown, StatusListStale):
            self._check_known(reference, issuer, at)
            if issuer.closed_on is not None and issuer.closed_on <= at.date():
                raise IssuerClosed from None
            raise
        status = status_list.status_at(reference.index)
        if status is Status.INVALID:
            raise CredentialRevoked
        age = at - status_list.issued_at
        if age > MAX_AGE:
            raise StatusListStale("made more than 24 hours ago")
        if status is Status.SUSPENDED:
            raise CredentialSuspended
        return age

    async def _list(self, uri: str, *, issuer: TrustedIssuer, at: datetime) -> VerifiedStatusList:
        key = (uri, issuer.id)
        async with self._fetching.setdefault(key, asyncio.Lock()):
            held = self._held.get(key)
            if held is not None and at < held.fresh_until:
                self._held.move_to_end(key)
                return held.status_list
            try:
                text = await self._source.fetch(uri)
                status_list = read_status_list(text, uri=uri, issuer=issuer, at=at)
            except StatusListStale:
                raise
            except CheckFailed as failure:
                raise StatusUnknown(failure.code) from failure
            until = status_list.fresh_until(at, otherwise=_HELD_WITHOUT_TTL)
            # A list says how long it may be held, but once too old it would confirm nothing.
            until = min(until, status_list.issued_at + MAX_AGE)
            self._hold(key, _Held(status_list, until))
            return status_list

    def _hold(self, key: tuple[str, str], held: _Held) -> None:
        self._held[key] = held
        self._held.move_to_end(key)
        while len(self._held) > _HELD_AT_MOST:
            oldest, _ = self._held.popitem(last=False)
            self._fetching.pop(oldest, None)

    def _check_known(self, reference: StatusReference, issuer: TrustedIssuer, at: datetime) -> None:
        """Say what a list of earlier still tells when no new one can be had."""
        held = self._held.get((reference.uri, issuer.id))
        if held is None:
            return
        if held.status_list.status_at(reference.index) is Status.INVALID:
            raise CredentialRevoked
        if at - held.status_list.issued_at > MAX_AGE:
            raise StatusListStale("made more than 24 hours ago")
