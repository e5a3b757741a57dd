"""Find the request behind a typed code; who types too many wrong ones must wait."""

from typing import Final

from verifier.model import OPEN_STATES, Verification
from verifier.ports import Askings, Clock, Verifications
from verifier.usecases.caller_limit import CallerLimit
from verifier.usecases.failures import RequestOver, RequestUnknown
from verifier.usecases.typed_code import read_typed

_WRONG_ONES: Final = 10


class OpenTyped:
    """See the module text. Wrong codes are counted in memory, by caller."""

    def __init__(self, *, askings: Askings, verifications: Verifications, clock: Clock) -> None:
        self._askings = askings
        self._verifications = verifications
        self._clock = clock
        self._wrong = CallerLimit(_WRONG_ONES)

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
        # Counted before it is compared, so that many at once gain nothing.
        self._wrong.count(caller, at=now)
        verification = await self._find(text)
        self._wrong.forget(caller)
        if verification.state not in OPEN_STATES or verification.expires_at <= now:
            raise RequestOver
        return verification

    async def _find(self, text: str) -> Verification:
        ref = await self._askings.ref_of(read_typed(text))
        verification = None if ref is None else await self._verifications.find_by_ref(ref)
        if verification is None:
            raise RequestUnknown
        return verification
