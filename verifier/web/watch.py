"""Tells a page that it is no longer how things stand, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from fastapi.sse import ServerSentEvent

_BETWEEN_LOOKS_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells one page from another, and one code from the one before.

    Attributes:
        page: changes when the reader is to see another page.
        version: changes when parts of the page are renewed.
        is_last: nothing comes after it.
    """

    page: str
    version: str
    is_last: bool


async def watch(
    look: Callable[[], Awaitable[Mark]], *, pause: float = _BETWEEN_LOOKS_SECONDS
) -> AsyncIterator[ServerSentEvent]:
    """Yield `now` with the mark, at once and whenever it changes.

    Args:
        look: says how things stand.
        pause: seconds between two looks.
    """
    told: Mark | None = None
    while True:
        mark = await look()
        if mark != told:
            told = mark
            yield ServerSentEvent(event="now", data={"page": mark.page, "version": mark.version})
        if mark.is_last:
            return
        await asyncio.sleep(pause)
