"""Lines out of bytes that arrive in pieces, within limits."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from issuer.usecases.failures import BatchTooLarge


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much one call may hold.

    Attributes:
        lines: how many lines, empty ones included.
        bytes: of all lines together.
        line_bytes: of one line.
    """

    lines: int
    bytes: int
    line_bytes: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; `content` is None when it was too long to be taken in."""

    number: int
    content: bytes | None = field(repr=False)


async def split_lines(
    chunks: AsyncIterator[bytes], limits: BatchLimits, *, first: int
) -> AsyncIterator[Line]:
    """Yield the lines as soon as they are whole; the last one needs no line break.

    Empty lines are counted and left out, so that numbers are those of an editor.

    Args:
        chunks: pieces of UTF-8 text, cut anywhere.
        limits: how much is taken.
        first: the number of the first line.

    Raises:
        BatchTooLarge: more lines or bytes than allowed; the lines before were yielded.
    """
    cutter = _Cutter(limits, first)
    async for chunk in chunks:
        for line in cutter.take(chunk):
            yield line
    for line in cutter.end():
        yield line


class _Cutter:
    """Holds the beginning of a line until its end comes."""

    def __init__(self, limits: BatchLimits, first: int) -> None:
        self._limits = limits
        self._number = first
        self._last = first + limits.lines - 1
        self._bytes = 0
        self._begun = bytearray()
        self._too_long = False

    def take(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that end in this piece."""
        pieces = chunk.split(b"\n")
        for piece in pieces[:-1]:
            self._grow(piece, ended=True)
            yield from self._cut()
        self._grow(pieces[-1], ended=False)

    def end(self) -> Iterator[Line]:
        """Yield what stands after the last line break."""
        if self._begun or self._too_long:
            yield from self._cut()

    def _grow(self, piece: bytes, *, ended: bool) -> None:
        self._bytes += len(piece) + ended
        if self._bytes > self._limits.bytes:
            raise BatchTooLarge(f"more than {self._limits.bytes} bytes")
        self._begun += piece
        if len(self._begun) > self._limits.line_bytes:
            self._too_long = True
        if self._too_long:
            self._begun.clear()

    def _cut(self) -> Iterator[Line]:
        if self._number > self._last:
            raise BatchTooLarge(f"more than {self._limits.lines} lines")
        content = bytes(self._begun)
        if self._too_long:
            yield Line(self._number, None)
        elif content.strip():
            yield Line(self._number, content)
        self._number += 1
        self._begun.clear()
        self._too_long = False
