"""Fetch status lists before they are needed, all of an issuer's at a time.

So a desk has them when the network goes, and nobody learns from the fetching which card is looked
at (Token Status List 9; ARF VCR_15). When a card names a list that is not here, it is fetched then.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keys.checks import CheckFailed
from keys.trust import TrustedIssuer
from verifier.ports import Clock, KeptLists, ListNames, Random
from verifier.usecases.list_shelf import ListShelf
from verifier.usecases.status_book import StatusBook
from verifier.usecases.trust_keeper import TrustKeeper

MAX_LISTS_OF_AN_ISSUER = 64
KEPT_FOR = timedelta(days=30)  # a revocation of long ago is still one
_AT_ONCE = 4
_AT_START = timedelta(seconds=10)
_WITHOUT_NETWORK = timedelta(minutes=1)
_SPREAD = 0.5  # between three quarters and five quarters of a pause
_JITTER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Lists:
    """Where to find what.

    Attributes:
        trust: who the issuers are.
        names: reads where an issuer's lists are.
        book: fetches and checks them.
        shelf: holds them.
        kept: those of earlier.
    """

    trust: TrustKeeper
    names: ListNames
    book: StatusBook
    shelf: ListShelf
    kept: KeptLists


@dataclass(slots=True)
class Prefetched:
    """What one pass came to.

    Attributes:
        had: lists that are at hand and fresh.
        failures: the codes of what could not be had.
        asked: addresses of issuers that were asked where their lists are.
        answered: how many of them answered.
    """

    had: int = 0
    failures: list[str] = field(default_factory=list)
    asked: int = 0
    answered: int = 0

    @property
    def has_network(self) -> bool:
        """Whether anybody was reached, or there was nobody to reach."""
        return self.answered > 0 if self.asked else self.had > 0 or not self.failures


class PrefetchStatus:
    """See the module text. `offline_since` is when the network was first missed, else None."""

    def __init__(self, *, lists: Lists, clock: Clock, random: Random) -> None:
        self._lists = lists
        self._clock = clock
        self._random = random
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._began = False
        self.offline_since: datetime | None = None

    async def __call__(self) -> Prefetched:
        """Make one pass over every issuer on the trust list; never raises for what is not had."""
        self._began = True
        now = self._clock.now()
        done = Prefetched()
        try:
            trust_list = await self._lists.trust.current(at=now)
        except CheckFailed as failure:
            done.failures.append(failure.code)
            return done
        met: dict[str, list[str]] = {}
        for place in await self._lists.kept.places():
            met.setdefault(place.issuer, []).append(place.uri)
        await asyncio.gather(
            *(
                self._issuer(issuer, met.get(issuer.id, []), now, done)
                for issuer in trust_list.issuers
            )
        )
        await self._lists.kept.forget(now - KEPT_FOR)
        if done.has_network:
            self.offline_since = None
        elif self.offline_since is None:
            self.offline_since = now
        return done

    def note_no_network(self) -> None:
        """Note that a pass was given up because nothing came."""
        self.offline_since = self.offline_since or self._clock.now()

    def pause(self, usual: timedelta) -> timedelta:
        """Return how long to wait for the next pass; different each time, lest all come at once.

        Args:
            usual: the mean. Shorter at first, and while there is no network.
        """
        if not self._began:
            mean = _AT_START
        else:
            mean = usual if self.offline_since is None else min(usual, _WITHOUT_NETWORK)
        drawn = int.from_bytes(self._random.bytes(_JITTER_BYTES), "big") / (1 << 8 * _JITTER_BYTES)
        return mean * (1 - _SPREAD / 2 + _SPREAD * drawn)

    async def _issuer(
        self, issuer: TrustedIssuer, met: Sequence[str], now: datetime, done: Prefetched
    ) -> None:
        for uri in (await self._uris(issuer, met, done))[:MAX_LISTS_OF_AN_ISSUER]:
            try:
                async with self._slots:
                    await self._lists.book.renew(uri, issuer=issuer, at=now)
                done.had += 1
            except CheckFailed as failure:
                done.failures.append(failure.code)

    async def _uris(
        self, issuer: TrustedIssuer, met: Sequence[str], done: Prefetched
    ) -> Sequence[str]:
        """Return where the issuer's lists are: as it says itself, else those met before."""
        place = issuer.status_lists_at or await self._named_in_a_list(issuer, met)
        if place is None:
            return met
        done.asked += 1
        try:
            async with self._slots:
                named = await self._lists.names.names(place)
        except CheckFailed as failure:
            done.failures.append(failure.code)
            return met
        done.answered += 1
        return list(dict.fromkeys(named))

    async def _named_in_a_list(self, issuer: TrustedIssuer, met: Sequence[str]) -> str | None:
        """Return the address that one of its own signed lists gives (Token Status List 9.2)."""
        for uri in met:
            held = await self._lists.shelf.newest(uri, issuer=issuer)
            if held is not None and held.status_list.entries.aggregation_uri is not None:
                return held.status_list.entries.aggregation_uri
        return None
