"""So many from one caller within some minutes, and no more: kept in memory, forgotten soon."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import ClassVar, Final

from keys.checks import CheckFailed

_CALLERS: Final = 4_096  # the one not heard of for longest is forgotten first


class TooManyAttempts(CheckFailed):
    """Too much came from there; it is looked at again in some minutes."""

    code: ClassVar[str] = "too_many_attempts"
    spec: ClassVar[str] = "Kykylompakko limits"


class CallerLimit:
    """Counts by caller.

    Args:
        most: how much is taken from one caller.
        within: the time after its first one when its count begins anew.
    """

    def __init__(self, most: int, *, within: timedelta = timedelta(minutes=10)) -> None:
        self._most = most
        self._within = within
        self._counts: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def count(self, caller: str, *, at: datetime) -> None:
        """Count one more.

        Raises:
            TooManyAttempts: it would be one too many; it is not counted.
        """
        count, since = self._counts.get(caller, (0, at))
        if since + self._within <= at:
            count, since = 0, at
        if count >= self._most:
            raise TooManyAttempts
        self._counts[caller] = (count + 1, since)
        self._counts.move_to_end(caller)
        while len(self._counts) > _CALLERS:
            self._counts.popitem(last=False)

    def forget(self, caller: str) -> None:
        """Begin anew for one who did what was right."""
        self._counts.pop(caller, None)
