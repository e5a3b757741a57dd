"""Read the trust list again. A list that cannot be read leaves the last good one in force."""

from dataclasses import dataclass

from keys.checks import CheckFailed
from verifier.usecases.trust_keeper import TrustKeeper


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How reading went: the number of the list now held, or the code of what failed."""

    sequence: int | None
    failure: str | None


class RefreshTrust:
    """See the module text."""

    def __init__(self, *, trust: TrustKeeper) -> None:
        self._trust = trust

    async def __call__(self) -> Refreshed:
        """Read the list; never raises for what is wrong with it."""
        try:
            trust_list = await self._trust.refresh()
        except CheckFailed as failure:
            return Refreshed(None, failure.code)
        return Refreshed(trust_list.sequence, None)
