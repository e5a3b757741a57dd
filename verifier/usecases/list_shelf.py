"""Status lists at hand: verified, the newest of each, in memory and kept over a restart.

What is kept is the signed token. Read back, it is verified anew: under today's trust list, as of
the time when it was had from its address.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from keys.checks import CheckFailed
from keys.trust import TrustedIssuer
from openid4vc.status_list.forms import ListToken, read_token
from openid4vc.status_list.model import VerifiedStatusList
from verifier.model import HeldList
from verifier.ports import KeptLists
from verifier.usecases.last_word import is_last_word

MAX_AGE = timedelta(hours=24)
"""The age of a list from which nothing is confirmed, and of a bundle from which it helps nobody."""
_HELD_AT_MOST = 256
_HELD_WITHOUT_TTL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A verified list.

    Attributes:
        status_list: what it says.
        fetched_at: when it was had from its address.
        fresh_until: when to ask for a newer one.
        anchors: the status authorities under which it was verified.
    """

    status_list: VerifiedStatusList
    fetched_at: datetime
    fresh_until: datetime
    anchors: tuple[x509.Certificate, ...]

    def has_ended(self, at: datetime) -> bool:
        """Return whether its signer believes in it no more."""
        ends = self.status_list.expires_at
        return ends is not None and ends <= at


class ListShelf:
    """See the module text.

    Args:
        kept: where lists outlast a restart; None keeps them in memory only.
        renew_after: the age from which a newer list is asked for, however long the list itself
            says that it may be held.
    """

    def __init__(self, kept: KeptLists | None = None, *, renew_after: timedelta = MAX_AGE) -> None:
        self._kept = kept
        self._renew_after = min(renew_after, MAX_AGE)
        self._held: OrderedDict[tuple[str, str], Shelved] = OrderedDict()

    def fresh(self, uri: str, *, issuer: TrustedIssuer, at: datetime) -> VerifiedStatusList | None:
        """Return the list in memory while it need not be asked for again, else None."""
        held = self._in_memory(uri, issuer)
        return held.status_list if held is not None and at < held.fresh_until else None

    async def newest(self, uri: str, *, issuer: TrustedIssuer) -> Shelved | None:
        """Return the newest list that was ever had and still verifies, however old; or None."""
        held = self._in_memory(uri, issuer)
        row = None if self._kept is None else await self._kept.find(uri, issuer=issuer.id)
        if row is None or (held is not None and held.status_list.issued_at >= row.issued_at):
            return held
        try:
            return self._put(row.token, uri=uri, issuer=issuer, fetched_at=row.fetched_at)
        except CheckFailed:
            return held

    async def take(
        self, token: ListToken, *, uri: str, issuer: TrustedIssuer, fetched_at: datetime
    ) -> Shelved:
        """Verify a list and keep it, unless a newer one is held; return the newer of both.

        Args:
            token: as it came.
            uri: where cards say that it is.
            issuer: whose cards they are.
            fetched_at: when it was had from there; the time by which it is judged.

        Raises:
            CheckFailed: it is none, or not this one; see `openid4vc.status_list.token`.
        """
        before = await self.newest(uri, issuer=issuer)
        taken = self._put(token, uri=uri, issuer=issuer, fetched_at=fetched_at)
        issued_at = taken.status_list.issued_at
        if before is not None and before.status_list.issued_at > issued_at:
            self._hold((uri, issuer.id), before)
            return before
        if self._kept is not None:
            await self._kept.save(HeldList(uri, issuer.id, token, fetched_at, issued_at))
        return taken

    async def works_offline(self, *, at: datetime) -> bool:
        """Return whether a bundle was loaded that makes do for the network (ADR 14)."""
        made_at = None if self._kept is None else await self._kept.bundle_made_at()
        return made_at is not None and at - made_at <= MAX_AGE

    def _put(
        self, token: ListToken, *, uri: str, issuer: TrustedIssuer, fetched_at: datetime
    ) -> Shelved:
        status_list = read_token(token, uri=uri, issuer=issuer, at=fetched_at)
        until = status_list.fresh_until(fetched_at, otherwise=_HELD_WITHOUT_TTL)
        # A list says how long it may be held, but once too old it would confirm nothing.
        if not is_last_word(status_list, issuer):
            until = min(until, status_list.issued_at + self._renew_after)
        shelved = Shelved(status_list, fetched_at, until, issuer.status_anchors)
        self._hold((uri, issuer.id), shelved)
        return shelved

    def _hold(self, key: tuple[str, str], shelved: Shelved) -> None:
        self._held[key] = shelved
        self._held.move_to_end(key)
        while len(self._held) > _HELD_AT_MOST:
            self._held.popitem(last=False)

    def _in_memory(self, uri: str, issuer: TrustedIssuer) -> Shelved | None:
        held = self._held.get((uri, issuer.id))
        return held if held is not None and held.anchors == issuer.status_anchors else None
