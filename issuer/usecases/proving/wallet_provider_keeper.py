"""Keep the list of wallet providers: read again and again, its number never lowered."""

from datetime import datetime, timedelta

from issuer.ports import Clock, Store
from issuer.ports.proving import WalletProviderSource
from issuer.usecases.proving.failures import NoWalletProviders
from keys.checks import CheckFailed
from keys.wallet_providers import WalletProviders, read_wallet_providers

_TRY_AGAIN_AFTER = timedelta(minutes=1)


class WalletProviderKeeper:
    """Holds the list that attestations are judged by; a bad one leaves the last good one in force.

    Args:
        source: where new lists come from.
        store: the last good one, over restarts and for all processes.
        clock: the time.
    """

    def __init__(self, *, source: WalletProviderSource, store: Store, clock: Clock) -> None:
        self._source = source
        self._store = store
        self._clock = clock
        self._held: WalletProviders | None = None
        self._tried_at: datetime | None = None

    async def refresh(self) -> WalletProviders:
        """Read the list at its source and go by it.

        Raises:
            CheckFailed: it cannot be read, is not signed by the operator, has ended, or is older
                than one seen before, here or in another process. The one held stays.
        """
        self._tried_at = self._clock.now()
        text = await self._source.read()
        seen = await self._store.read(lambda records: records.wallet_providers.highest())
        providers = self._read(text, at_least=seen)
        await self._store.write(
            lambda records: records.wallet_providers.keep(text, sequence=providers.sequence)
        )
        self._held = providers
        return providers

    async def current(self) -> WalletProviders:
        """Return the list to go by; the first time, and when the one held has ended, it is read.

        Raises:
            NoWalletProviders: none can be read, or the last has ended.
        """
        now = self._clock.now()
        if self._is_over(now) and self._may_try(now):
            try:
                return await self.refresh()
            except CheckFailed as failure:
                await self._take_kept(failure)
        if self._held is None or self._is_over(now):
            raise NoWalletProviders("no list in force")
        return self._held

    def _is_over(self, now: datetime) -> bool:
        return self._held is None or self._held.next_update <= now

    def _may_try(self, now: datetime) -> bool:
        """Say whether to read again: not for each of many who ask."""
        return self._tried_at is None or now - self._tried_at >= _TRY_AGAIN_AFTER

    async def _take_kept(self, failure: CheckFailed) -> None:
        """Go by what was kept before this process began, if it is still good."""
        text = await self._store.read(lambda records: records.wallet_providers.newest())
        if text is None:
            raise NoWalletProviders(failure.code) from failure
        try:
            self._held = self._read(text, at_least=0)
        except CheckFailed as kept:
            raise NoWalletProviders(kept.code) from kept

    def _read(self, text: str, *, at_least: int) -> WalletProviders:
        return read_wallet_providers(
            text,
            operator_anchors=self._source.operator_anchors(),
            at=self._clock.now(),
            at_least_sequence=at_least,
        )
