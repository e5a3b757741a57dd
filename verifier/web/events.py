"""Where a verification has got to, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi.sse import ServerSentEvent

from verifier.model import State, Verification

_LEVEL = {
    State.REQUESTED: 0,
    State.FETCHED: 1,
    State.ANSWERED: 2,
    State.CODE_PENDING: 3,
    State.IDENTITY_PENDING: 4,
}
_NAMES = ("requested", "fetched", "answered", "code_pending", "identity_pending")
_NOT_ALWAYS = "code_pending"  # told only while it is so: an answer over the counter needs no code
_DONE = "done"
_BETWEEN_LOOKS_SECONDS = 0.2


async def follow(
    look: Callable[[], Awaitable[Verification]],
    *,
    pause: float = _BETWEEN_LOOKS_SECONDS,
) -> AsyncIterator[ServerSentEvent]:
    """Yield the names of the states as they come, from `requested` on, then `done`.

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
            if name == _NOT_ALWAYS and verification.state is not State.CODE_PENDING:
                continue
            yield _event(name, verification)
        told = max(told, level + 1)
        await asyncio.sleep(pause)


def _event(name: str, verification: Verification) -> ServerSentEvent:
    outcome = None if verification.outcome is None else verification.outcome.value
    return ServerSentEvent(event=name, data={"state": verification.state.value, "outcome": outcome})
