"""What every request passes through: cross-origin rules for wallets, the log, the last resort."""

import json
import logging
import sys
import time

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from issuer.web.authorize import is_authorizing
from issuer.web.errors import API, SYSTEM_TOKEN, ServiceFailed, answer
from issuer.web.landing import is_landing
from issuer.web.proofs import CHALLENGE, DPOP_NONCE, SHOWN_IN

_LOG = logging.getLogger("issuer.requests")


class WalletCors:
    """Lets wallets in browsers call everything but what systems call and people look at."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", *SHOWN_IN],
            expose_headers=["ETag", "WWW-Authenticate", "X-Request-Id", DPOP_NONCE, CHALLENGE],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and not _is_for_others(scope["path"]):
            await self._open(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_for_others(path: str) -> bool:
    return (
        path.startswith(API)
        or path.endswith(SYSTEM_TOKEN)
        or is_landing(path)
        or is_authorizing(path)
    )


class RequestLog:
    """Logs each request by its route's pattern: an address may hold an offer's reference.

    What nobody caught ends here too: the log gets the kind of failure and the request id, never
    its text, which may quote a statement's values.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def watching_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        failure: str | None = None
        try:
            await self._app(scope, receive, watching_send)
        except Exception as unforeseen:
            failure = type(unforeseen).__name__
            if status == 0:
                await answer(scope, ServiceFailed())(scope, receive, watching_send)
        route = scope.get("route")
        _LOG.log(
            logging.ERROR if failure else logging.INFO,
            "request",
            extra={
                "fields": {
                    "request_id": scope.get("state", {}).get("request_id"),
                    "method": scope["method"],
                    "route": getattr(route, "path_format", "-"),
                    "status": status,
                    "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                    **({"failure": failure} if failure else {}),
                }
            },
        )


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's time, level, logger, message and fields."""
        entry: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            entry.update(fields)
        return json.dumps(entry, ensure_ascii=False)


def log_json_lines() -> None:
    """Log to standard error, one JSON object a line; each process of a server calls it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
