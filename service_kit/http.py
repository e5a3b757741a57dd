"""HTTP hygiene that both services share: bounded bodies, strict reading, headers, request ids."""

import asyncio
import urllib.parse
from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keys import strict_json
from keys.checks import CheckFailed

_FORM_FIELDS_MAX = 32
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class BodyTooLarge(CheckFailed):
    """The request body is larger than this endpoint takes."""

    code: ClassVar[str] = "body_too_large"
    spec: ClassVar[str] = "RFC 9110 section 15.5.14"


class BodyTooSlow(CheckFailed):
    """The request body did not arrive in time."""

    code: ClassVar[str] = "body_too_slow"
    spec: ClassVar[str] = "RFC 9110 section 15.5.9"


class MediaTypeNotSupported(CheckFailed):
    """The request's Content-Type is not the one that this endpoint takes."""

    code: ClassVar[str] = "media_type_not_supported"
    spec: ClassVar[str] = "RFC 9110 section 15.5.16"


class MalformedForm(CheckFailed):
    """The body is no well-formed `application/x-www-form-urlencoded` text."""

    code: ClassVar[str] = "malformed_form"
    spec: ClassVar[str] = "RFC 6749 appendix B"


class ParameterRepeated(CheckFailed):
    """A form parameter stands there more than once."""

    code: ClassVar[str] = "parameter_repeated"
    spec: ClassVar[str] = "RFC 6749 section 3.2"


class RandomTokens(Protocol):
    """What request ids are drawn from."""

    def token(self, count: int = 32) -> str:
        """Return `count` random bytes as base64url text."""


class BodyLimit:
    """ASGI middleware: takes a body in whole, up to a size and within a time, before the app runs.

    Args:
        app: the application behind.
        max_bytes: the largest body let through, bytes.
        max_seconds: how long a body may take to arrive.
        refuse: makes the answer for `BodyTooLarge` or `BodyTooSlow` in the surface's own form.
        streamed: says which requests' bodies are not taken in whole, because what serves them
            bounds them by itself; none without it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int,
        max_seconds: float,
        refuse: Callable[[Scope, CheckFailed], Response],
        streamed: Callable[[Scope], bool] = lambda _scope: False,
    ) -> None:
        self._streamed = streamed
        self._app = app
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or self._streamed(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._max_seconds):
                body = await self._take(scope, receive)
        except BodyTooLarge as failure:
            await self._refuse(scope, failure)(scope, receive, send)
            return
        except TimeoutError:
            await self._refuse(scope, BodyTooSlow())(scope, receive, send)
            return
        if body is None:
            return
        await self._app(scope, _replay(body, receive), send)

    async def _take(self, scope: Scope, receive: Receive) -> bytes | None:
        """Read the body; None when the client went away."""
        for name, value in scope["headers"]:
            if name == b"content-length" and (
                not value.isdigit() or int(value[:20]) > self._max_bytes
            ):
                raise BodyTooLarge(f"more than {self._max_bytes} bytes")
        chunks = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunks += message.get("body", b"")
            if len(chunks) > self._max_bytes:
                raise BodyTooLarge(f"more than {self._max_bytes} bytes")
            if not message.get("more_body", False):
                return bytes(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


class ResponseHeaders:
    """ASGI middleware: adds fixed headers where the response has not set them, and a request id."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str], random: RandomTokens) -> None:
        self._app = app
        self._headers = dict(headers)
        self._random = random

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; the id is in `request.state.request_id`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._random.token(9)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = request_id
            await send(message)

        await self._app(scope, receive, send_with_headers)


def methods_at(request: Request) -> str:
    """Return the methods that an address takes, as `Allow` has them (RFC 9110 10.2.1).

    The framework names those of the first route alone that has the path.
    """
    routes = request.app.routes
    return ", ".join(
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    )


def require_media_type(request: Request, wanted: str) -> None:
    """Check the Content-Type, whose parameters do not count.

    Raises:
        MediaTypeNotSupported: it is another one, or missing.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise MediaTypeNotSupported(f"send Content-Type: {wanted}")


async def read_json(request: Request, *, max_bytes: int = 65_536) -> object:
    """Read a JSON body strictly.

    Raises:
        MediaTypeNotSupported: the Content-Type is not `application/json`.
        MalformedJson: not JSON, or repeated names, too deep or too large.
    """
    require_media_type(request, "application/json")
    return strict_json.loads(await request.body(), max_bytes=max_bytes)


async def read_form(request: Request) -> list[tuple[str, str]]:
    """Read a form body strictly, as (name, value) pairs in the order sent.

    Raises:
        MediaTypeNotSupported: the Content-Type is not `application/x-www-form-urlencoded`.
        MalformedForm: not ASCII, bad UTF-8 behind the escapes, or more than 32 fields.
        ParameterRepeated: a name stands there twice (RFC 6749 section 3.2).
    """
    require_media_type(request, "application/x-www-form-urlencoded")
    try:
        pairs = urllib.parse.parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_FORM_FIELDS_MAX,
        )
    except ValueError as error:
        raise MalformedForm("not a form, or too many fields") from error
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ParameterRepeated("a parameter is given more than once")
    return pairs
