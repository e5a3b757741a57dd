"""Whether the service can do its work: its records are there, and a trust list is in force."""

from dataclasses import dataclass
from datetime import timedelta

from keys.checks import CheckFailed
from verifier.ports import Clock
from verifier.usecases.trust_keeper import TrustKeeper

NO_RECORDS = "database_unavailable"


@dataclass(frozen=True, slots=True)
class Health:
    """How it is.

    Attributes:
        failure: code of what keeps the service from its work; None when nothing does.
        is_new: whether this was not so when it was last asked.
        trust_list_age: how old the trust list is; None when there is none to go by.
    """

    failure: str | None
    is_new: bool
    trust_list_age: timedelta | None = None


class CheckHealth:
    """See the module text."""

    def __init__(self, *, trust: TrustKeeper, clock: Clock) -> None:
        self._trust = trust
        self._clock = clock
        self._last: str | None = None

    async def __call__(self) -> Health:
        """Look at the records and at the trust list; never raises."""
        age = None
        try:
            now = self._clock.now()
            await self._trust.text()  # from the records, each time
            age = now - (await self._trust.current(at=now)).issued_at
            failure = None
        except CheckFailed as known:
            failure = known.code
        except Exception:
            failure = NO_RECORDS
        before, self._last = self._last, failure
        return Health(failure, is_new=failure != before, trust_list_age=age)
