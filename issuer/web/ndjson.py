"""Newline-delimited JSON, taken in and given out piece by piece."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final

from fastapi import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from issuer.usecases.failures import BatchStalled
from keys import strict_json

MEDIA_TYPE: Final = "application/x-ndjson"
WHOLE_SECONDS: Final = 300.0
"""So long a body may take to arrive, and an answer's piece to leave."""


class CallerWentAway(Exception):
    """The connection ended before the body did; there is nobody to answer."""


async def chunks_of(request: Request, *, gap_seconds: float) -> AsyncIterator[bytes]:
    """Yield the pieces of a body as they arrive.

    Args:
        request: one whose body nobody has read.
        gap_seconds: how long to wait for the next piece.

    Raises:
        BatchStalled: the next piece, or the end, did not come in time.
        CallerWentAway: the connection is gone.
    """
    ends = asyncio.get_running_loop().time() + WHOLE_SECONDS
    while True:
        message = await _next(request.receive, gap_seconds, ends)
        if message["type"] == "http.disconnect":
            raise CallerWentAway
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


async def _next(receive: Receive, gap_seconds: float, ends: float) -> Message:
    left = ends - asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(min(gap_seconds, left)):
            return await receive()
    except TimeoutError:
        raise BatchStalled("no more came in time") from None


class NdjsonAnswer(Response):
    """Sends each object as a line of its own, as soon as there is one.

    It never listens, unlike Starlette's own: the body may still be on its way.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self, objects: AsyncGenerator[dict[str, object], None], headers: dict[str, str]
    ) -> None:
        super().__init__(headers=headers)
        del self.headers["content-length"]
        self._objects = objects

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the answer."""
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        async with aclosing(self._objects) as objects:
            async for one in objects:
                line = strict_json.dumps(one) + b"\n"
                async with asyncio.timeout(WHOLE_SECONDS):
                    await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
