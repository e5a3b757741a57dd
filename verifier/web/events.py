"""Where a verification has got to, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi.sse import ServerSentEvent

from verifier.model import State, Verification

_LEVEL = {
    State.REQUESTED: 0,
    State.FETCHED: 1,
    State.ANSWERED: 2,
    State.IDENTITY_PENDING: 3,
}
_NAMES = ("requested", "fetched", "answered", "identity_pending")
_DONE = "done"
_BETWEEN_LOOKS_SECONDS = 0.5


async def follow(
    look: Callable[[], Awaitable[Verification]],
    *,
    pause: float = _BETWEEN_LOOKS_SECONDS,
) -> AsyncIterator[ServerSentEvent]:
    """Yield `requested`, `fetched`, `answered`, `identity_pending` as they come, then `done`.

    Args:
        look: says where the verification stands now.
        pause: seconds between two looks.
    """
    told = 0
    while True:
        verification = await look()
        level = _LEVEL.get(verification.state)
        if level is None:
            yield _event(_DONE, verification)
            return
        for name in _NAMES[told : level + 1]:
            yield _event(name, verification)
        told = max(told, level + 1)
        await asyncio.sleep(pause)


def _event(name: str, verification: Verification) -> ServerSentEvent:
    outcome = None if verification.outcome is None else verification.outcome.value
    return ServerSentEvent(event=name, data={"state": verification.state.value, "outcome": outcome})
