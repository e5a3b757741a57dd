"""Forms with pictures in them, read strictly (RFC 7578), and the room that they need."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from keys.checks import CheckFailed
from service_kit.http import BodyLimit, MalformedForm, ParameterRepeated, read_form

PICTURE_TYPES = frozenset({"image/png", "image/jpeg"})
MULTIPART = "multipart/form-data"
_MAX_PARTS = 24
_BOUNDARY = re.compile(r"boundary=(?:\"([^\"\\]{1,70})\"|([!-~]{1,70}?))(?:;|\s|$)", re.ASCII)
_NAME = re.compile(rb';\s*name="([^"\r\n]*)"')
_FILE = re.compile(rb";\s*filename\*?=")
_DISPOSITION = re.compile(rb"(?:^|\r\n)content-disposition:\s*form-data([^\r\n]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A form: its fields, and the pictures that came with it."""

    fields: Mapping[str, str]
    pictures: tuple[bytes, ...] = field(default=(), repr=False)


def media_type(request: Request) -> str:
    """Return the media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_upload(request: Request) -> Upload:
    """Read a form, with or without pictures.

    Raises:
        MediaTypeNotSupported, MalformedForm, ParameterRepeated: see `service_kit.http`.
    """
    if media_type(request) != MULTIPART:
        return Upload(dict(await read_form(request)))
    return parse_multipart(request.headers["content-type"], await request.body())


def parse_multipart(content_type: str, body: bytes) -> Upload:
    """Take a `multipart/form-data` body apart.

    Raises:
        MalformedForm: it is none, or has more than 24 parts.
        ParameterRepeated: a field stands there twice; files may.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise MalformedForm("boundary")
    mark = b"\r\n--" + (found[1] or found[2]).encode("ascii")
    before, *parts = (b"\r\n" + body).split(mark, _MAX_PARTS + 1)
    if before or not parts or not parts[-1].startswith(b"--") or len(parts) > _MAX_PARTS:
        raise MalformedForm("parts")
    fields: dict[str, str] = {}
    pictures: list[bytes] = []
    for part in parts[:-1]:
        name, is_file, content = _part(part)
        if is_file:
            pictures.append(content)
        elif name in fields:
            raise ParameterRepeated("a field is given more than once")
        else:
            fields[name] = _text(content)
    # A file field that was left empty is sent as an empty file.
    return Upload(fields, tuple(picture for picture in pictures if picture))


def _part(part: bytes) -> tuple[str, bool, bytes]:
    head, found, content = part.partition(b"\r\n\r\n")
    disposition = _DISPOSITION.search(head)
    name = None if disposition is None else _NAME.search(disposition[1])
    if not found or not head.startswith(b"\r\n") or disposition is None or name is None:
        raise MalformedForm("part")
    return _text(name[1]), _FILE.search(disposition[1]) is not None, content


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedForm("not UTF-8") from error


@dataclass(frozen=True, slots=True)
class Room:
    """How large a body may be, in bytes, and how long it may take to arrive, in seconds."""

    max_bytes: int
    max_seconds: float


class BodyLimits:
    """ASGI middleware: bodies are bounded; more room only where pictures are sent.

    Args:
        app: the application behind.
        room: for every body but pictures.
        picture_room: for pictures and forms with pictures.
        picture_paths: how the paths begin that take pictures.
        refuse: makes the answer in the surface's own form.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        room: Room,
        picture_room: Room,
        picture_paths: tuple[str, ...],
        refuse: Callable[[Scope, CheckFailed], Response],
    ) -> None:
        self._small, self._large = (
            BodyLimit(app, max_bytes=one.max_bytes, max_seconds=one.max_seconds, refuse=refuse)
            for one in (room, picture_room)
        )
        self._paths = picture_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        limit = self._large if self._takes_pictures(scope) else self._small
        await limit(scope, receive, send)

    def _takes_pictures(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "POST":
            return False
        return bool(scope["path"].startswith(self._paths))
