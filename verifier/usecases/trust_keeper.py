"""Keep a trust list: read again and again, the last good one kept, its number never lowered."""

import contextlib
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from keys.checks import CheckFailed, TrustListStale
from keys.trust import TrustList, read_trust_list
from verifier.ports import Clock, TrustListSource, TrustListStore
from verifier.usecases.failures import TrustListMissing


class TrustKeeper:
    """Holds the trust list that checks go by; see the module text.

    Args:
        source: where new lists come from.
        store: the last good list, over restarts.
        operator_anchors: who may sign a list.
        clock: the time.
    """

    def __init__(
        self,
        *,
        source: TrustListSource,
        store: TrustListStore,
        operator_anchors: Sequence[x509.Certificate],
        clock: Clock,
    ) -> None:
        self._source = source
        self._store = store
        self._operator_anchors = operator_anchors
        self._clock = clock
        self._held: TrustList | None = None

    async def refresh(self) -> TrustList:
        """Read the list at its source and keep it.

        Raises:
            CheckFailed: it cannot be read, is not signed by the operator, has ended, or is older
                than the one held. The one held stays, or a newer one that was brought by hand.
        """
        try:
            text = await self._source.read()
            return await self.keep(text, await self.read(text))
        except CheckFailed:
            await self._take_over()
            raise

    async def read(self, text: str) -> TrustList:
        """Verify a list that came by another way; nothing is kept.

        Raises:
            CheckFailed: as `refresh`.
        """
        return self._read(text, at_least=await self._store.highest_sequence())

    async def keep(self, text: str, trust_list: TrustList) -> TrustList:
        """Keep a list that `read` has verified, and go by it."""
        await self._store.save(text, sequence=trust_list.sequence)
        self._held = trust_list
        return trust_list

    async def text(self) -> str:
        """Return the list held, as its operator signed it.

        Raises:
            TrustListMissing: none was ever read.
        """
        text = await self._store.load()
        if text is None:
            raise TrustListMissing
        return text

    async def current(self, *, at: datetime) -> TrustList:
        """Return the list to go by.

        Raises:
            TrustListMissing: none was ever read.
            TrustListStale: the one held has ended and no newer one could be read.
        """
        if self._held is None:
            self._held = self._read(await self.text(), at_least=0)
        if self._held.next_update <= at:
            raise TrustListStale
        return self._held

    async def _take_over(self) -> None:
        """Go by a newer list that another process has kept, from a bundle for instance."""
        held = 0 if self._held is None else self._held.sequence
        if await self._store.highest_sequence() > held:
            with contextlib.suppress(CheckFailed):
                self._held = self._read(await self.text(), at_least=held)

    def _read(self, text: str, *, at_least: int) -> TrustList:
        return read_trust_list(
            text,
            operator_anchors=self._operator_anchors,
            at=self._clock.now(),
            at_least_sequence=at_least,
        )
