"""What nobody caught: answered in the surface's form, logged by kind and place only.

The text of an exception, and the lines of a traceback, may quote what a client has shown.
"""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("verifier")


class LastResort:
    """ASGI middleware: lets no exception through to the server, which would log its text.

    Args:
        app: the application behind.
        answer: makes the answer, if there was none yet.
    """

    def __init__(self, app: ASGIApp, *, answer: Callable[[Scope], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered = False

        async def watching_send(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, watching_send)
        except Exception as unforeseen:
            request_id = scope.get("state", {}).get("request_id", "-")
            _log.error("request %s failed: %s", request_id, kind_and_place(unforeseen))
            if not answered:
                await self._answer(scope)(scope, receive, send)


def kind_and_place(failure: Exception) -> str:
    """Return an exception's class and where it was raised, and nothing of what it says."""
    frames = traceback.extract_tb(failure.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(failure).__name__} at {place}"
