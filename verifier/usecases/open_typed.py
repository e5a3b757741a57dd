"""Find the request behind a typed code; who types too many wrong ones must wait."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import ClassVar

from keys.checks import CheckFailed
from verifier.model import OPEN_STATES, Verification
from verifier.ports import Askings, Clock, Verifications
from verifier.usecases.failures import RequestOver, RequestUnknown
from verifier.usecases.typed_code import read_typed

_WRONG_ONES = 10
_WITHIN = timedelta(minutes=10)
_CALLERS = 4_096  # the oldest is forgotten first


class TooManyAttempts(CheckFailed):
    """Too many wrong codes came from there; it is looked at again in ten minutes."""

    code: ClassVar[str] = "too_many_attempts"
    spec: ClassVar[str] = "Kykylompakko typed code"


class OpenTyped:
    """See the module text. Wrong codes are counted in memory, by caller."""

    def __init__(self, *, askings: Askings, verifications: Verifications, clock: Clock) -> None:
        self._askings = askings
        self._verifications = verifications
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    async def __call__(self, text: str, *, caller: str) -> Verification:
        """Return the open verification whose request has that code.

        Args:
            text: what was typed.
            caller: where it came from, as far as is known.

        Raises:
            TooManyAttempts: too many wrong ones from there.
            RequestUnknown: no request has that code.
            RequestOver: its request is answered, closed or out of time.
        """
        now = self._clock.now()
        count, since = self._wrong.get(caller, (0, now))
        if since + _WITHIN <= now:
            count, since = 0, now
        if count >= _WRONG_ONES:
            raise TooManyAttempts
        # Counted before it is compared, so that many at once gain nothing.
        self._count(caller, count + 1, since)
        verification = await self._find(text)
        self._wrong.pop(caller, None)
        if verification.state not in OPEN_STATES or verification.expires_at <= now:
            raise RequestOver
        return verification

    async def _find(self, text: str) -> Verification:
        ref = await self._askings.ref_of(read_typed(text))
        verification = None if ref is None else await self._verifications.find_by_ref(ref)
        if verification is None:
            raise RequestUnknown
        return verification

    def _count(self, caller: str, count: int, since: datetime) -> None:
        self._wrong[caller] = (count, since)
        self._wrong.move_to_end(caller)
        while len(self._wrong) > _CALLERS:
            self._wrong.popitem(last=False)
