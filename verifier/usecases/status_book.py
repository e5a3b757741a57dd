"""Status lists: had when needed, held for as long as they say, and asked about one card.

What the token says (`ttl`, `exp`) decides how long a list is held, whatever HTTP says (TSL-11).
"""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from keys.checks import CheckFailed
from keys.trust import TrustedIssuer
from openid4vc.checks import (
    CredentialRevoked,
    CredentialSuspended,
    StatusListFormUnknown,
    StatusListStale,
)
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.status_list.bits import Status
from openid4vc.status_list.model import VerifiedStatusList
from verifier.ports import StatusListSource
from verifier.usecases.failures import IssuerClosed, StatusUnknown
from verifier.usecases.last_word import has_closed, is_last_word
from verifier.usecases.list_shelf import MAX_AGE, ListShelf, Shelved

_Key = tuple[str, str]
_NOT_HAD = (StatusUnknown, StatusListStale, StatusListFormUnknown)
_ASK_AGAIN_AFTER = timedelta(minutes=2)
_FAILURES_NOTED = 256


class StatusBook:
    """Answers whether a card still counts; see the module text.

    Args:
        source: where lists come from.
        shelf: the lists at hand; one that keeps nothing over a restart when left out.
    """

    def __init__(self, source: StatusListSource, shelf: ListShelf | None = None) -> None:
        self._source = source
        self._shelf = shelf or ListShelf()
        self._fetching: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()
        self._failed: OrderedDict[_Key, datetime] = OrderedDict()

    async def check(
        self, reference: StatusReference, *, issuer: TrustedIssuer, at: datetime
    ) -> timedelta:
        """Check that a card is valid and return the age of the list that says so.

        Raises:
            CredentialRevoked: it is revoked. An old list is enough to say so: revocation is final.
            CredentialSuspended: it is suspended.
            StatusUnknown: no usable list could be had.
            StatusListFormUnknown: what came is neither form of a list.
            StatusListStale: the newest list that could be had is older than 24 hours or has ended.
            IssuerClosed: the issuer has closed, and no list that it left behind holds any more.
            StatusIndexOutOfRange: the list has no such entry; no statement is possible.
            StatusValueUnknown: the entry says nothing that we know.
        """
        status_list = self._shelf.fresh(reference.uri, issuer=issuer, at=at)
        if status_list is None:
            try:
                status_list = await self._ask(reference.uri, issuer=issuer, at=at)
            except _NOT_HAD as failure:
                status_list = await self._make_do(reference, issuer, at, failure)
        status = status_list.status_at(reference.index)
        if status is Status.INVALID:
            raise CredentialRevoked
        age = at - status_list.issued_at
        if is_last_word(status_list, issuer):
            age = timedelta(0)  # it is what holds now
        if age > MAX_AGE:
            if has_closed(issuer, at=at):
                raise IssuerClosed
            raise StatusListStale("made more than 24 hours ago")
        if status is Status.SUSPENDED:
            raise CredentialSuspended
        return age

    async def renew(self, uri: str, *, issuer: TrustedIssuer, at: datetime) -> VerifiedStatusList:
        """Return the list at that address: the one at hand while it is fresh, else a new one.

        Raises:
            StatusUnknown, StatusListFormUnknown, StatusListStale: no usable list can be had.
        """
        key = (uri, issuer.id)
        async with self._fetching.setdefault(key, asyncio.Lock()):
            held = await self._shelf.newest(uri, issuer=issuer)
            if held is not None and at < held.fresh_until:
                return held.status_list
            try:
                token = await self._source.fetch(uri)
                taken = await self._shelf.take(token, uri=uri, issuer=issuer, fetched_at=at)
                if taken.has_ended(at):
                    raise StatusListStale("has ended")
            except CheckFailed as failure:
                self._note_failure(key, at)
                if isinstance(failure, _NOT_HAD):
                    raise
                raise StatusUnknown(failure.code) from failure
            self._failed.pop(key, None)
            return taken.status_list

    async def _ask(self, uri: str, *, issuer: TrustedIssuer, at: datetime) -> VerifiedStatusList:
        """Renew; but a desk that can do without is not kept waiting for a network that is away."""
        failed_at = self._failed.get((uri, issuer.id))
        just_now = failed_at is not None and timedelta(0) <= at - failed_at < _ASK_AGAIN_AFTER
        if just_now and await self._shelf.works_offline(at=at):
            raise StatusUnknown("asked a moment ago")
        return await self.renew(uri, issuer=issuer, at=at)

    async def _make_do(
        self, reference: StatusReference, issuer: TrustedIssuer, at: datetime, failure: CheckFailed
    ) -> VerifiedStatusList:
        """Say what a list of earlier still tells when no new one can be had.

        Beyond its `ttl` it confirms something only when nothing can have changed since, because its
        organisation had closed, or at a desk that was given a bundle for being without network; and
        for no longer than it lasts itself.
        """
        held = await self._shelf.newest(reference.uri, issuer=issuer)
        closed = has_closed(issuer, at=at)
        if held is not None:
            if held.status_list.status_at(reference.index) is Status.INVALID:
                raise CredentialRevoked
            if await self._still_confirms(held, issuer, at):
                return held.status_list
            if not closed and at - held.status_list.issued_at > MAX_AGE:
                raise StatusListStale("made more than 24 hours ago")
        if closed:
            raise IssuerClosed from None
        raise failure

    async def _still_confirms(self, held: Shelved, issuer: TrustedIssuer, at: datetime) -> bool:
        if held.has_ended(at):
            return False
        if is_last_word(held.status_list, issuer):
            return True
        is_young = at - held.status_list.issued_at <= MAX_AGE
        return is_young and await self._shelf.works_offline(at=at)

    def _note_failure(self, key: _Key, at: datetime) -> None:
        self._failed[key] = at
        self._failed.move_to_end(key)
        while len(self._failed) > _FAILURES_NOTED:
            self._failed.popitem(last=False)
