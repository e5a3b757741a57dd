"""Carries an issuing system's messages to the app in this process, and breaks when told to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2

from tests.issuer.world import World


class Torn(httpx2.SyncByteStream):
    """An answer whose connection breaks after some lines, in the middle of the next."""

    def __init__(self, body: bytes, lines: int) -> None:
        self._whole = b"".join(body.splitlines(keepends=True)[:lines])
        self._half = body[len(self._whole) :][:20]

    def __iter__(self) -> Iterator[bytes]:
        yield self._whole
        yield self._half
        raise httpx2.ReadError("torn")


@dataclass
class InProcess(httpx2.BaseTransport):
    """A transport to the app of a world.

    Attributes:
        breaks: what becomes of the answers to come, in turn: None for a connection that fails
            before it, a number for one that breaks after so many lines, -1 for a whole answer.
        seen: what was asked, as method and address.
    """

    world: World
    breaks: list[int | None] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(f"{request.method} {request.url.raw_path.decode()}")
        kept = self.breaks.pop(0) if self.breaks else -1
        answer = self.world.run(
            self.world.client.request(
                request.method,
                str(request.url),
                content=request.read(),
                headers=dict(request.headers),
            )
        )
        if kept is None:
            raise httpx2.ConnectError("nobody there")
        headers = dict(answer.headers)
        if kept < 0:
            return httpx2.Response(answer.status_code, headers=headers, content=answer.content)
        return httpx2.Response(
            answer.status_code, headers=headers, stream=Torn(answer.content, kept)
        )
