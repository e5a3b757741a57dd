"""A message cut into numbered frames of digits, and put together again in any order.

    5959 | version | kind | frame | frames | message id | data ... | checksum
       4        1      1       1        1           10          n         10     digits

The message id is a hash over kind and body: it holds the frames of one message together, and shows
at the end that all of it is there. It is no security measure, and no key for one-time stores.
"""

import re
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from itertools import pairwise
from typing import Final
from zlib import crc32

from openid4vc.qr.errors import (
    FormatVersionUnknown,
    FrameChecksumWrong,
    FrameMalformed,
    FrameOfAnotherMessage,
    MessageDamaged,
    MessageTooLarge,
    NotOurFrame,
)
from openid4vc.qr.numeric import bytes_of, digit_count, digits_of

MAGIC: Final = "5959"  # KYKY on the keys of a telephone
VERSION: Final = "1"
MAX_FRAMES: Final = 8
MAX_MESSAGE_BYTES: Final = 16_384

SINGLE_QR_DIGITS: Final = 4_686
"""What a QR code of version 32 holds at level L: our goal for one code."""
FRAME_QR_DIGITS: Final = 2_061
"""What a QR code of version 20 holds at level L: our goal for each of several."""

_ID_DIGITS: Final = 10
_ID_BYTES: Final = 4
_HEADER_DIGITS: Final = len(MAGIC) + 4 + _ID_DIGITS
_CHECKSUM_DIGITS: Final = 10
_AROUND_DATA: Final = _HEADER_DIGITS + _CHECKSUM_DIGITS
_LARGEST_QR_DIGITS: Final = 7_089
_ALL_DIGITS: Final = re.compile("[0-9]+", re.ASCII)


class Kind(Enum):
    """What a message is; the value is its digit in each frame."""

    BOUND_ANSWER = "1"
    SELF_INITIATED_ANSWER = "2"
    CHALLENGE = "3"


_KINDS: Final = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that travels in QR codes.

    Attributes:
        kind: what the body is.
        body: its bytes, 1 to 16 384.
    """

    kind: Kind
    body: bytes

    @property
    def id(self) -> str:
        """Ten digits that name this message: the same for each showing of the same bytes."""
        digest = sha256(self.kind.value.encode("ascii") + self.body).digest()
        return f"{int.from_bytes(digest[:_ID_BYTES], 'big'):0{_ID_DIGITS}d}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come: `seen` of `total` frames; `missing` are the others' numbers."""

    seen: int
    total: int
    missing: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """Whether every frame was seen."""
        return self.seen == self.total


def write_frames(message: Message, *, total: int = 1) -> tuple[str, ...]:
    """Return a message as this many frames of nearly the same length.

    Args:
        message: what to show.
        total: 1 to 8, and not more than the body has bytes.

    Raises:
        MessageTooLarge: the body is empty or too large, or it cannot be cut like that into frames
            that QR codes hold.
    """
    body = message.body
    if not 1 <= total <= min(MAX_FRAMES, len(body)) or len(body) > MAX_MESSAGE_BYTES:
        raise MessageTooLarge("body or number of frames")
    if _longest(body, total) > _LARGEST_QR_DIGITS:
        raise MessageTooLarge("for any QR code")
    cuts = [len(body) * place // total for place in range(total + 1)]
    return tuple(
        _frame(message, number, total, body[begin:end])
        for number, (begin, end) in enumerate(pairwise(cuts), start=1)
    )


def write_frames_within(message: Message, *, max_digits: int = SINGLE_QR_DIGITS) -> tuple[str, ...]:
    """Return a message as the fewest frames none of which is longer than `max_digits`.

    Raises:
        MessageTooLarge: eight frames are not enough, or the body is empty.
    """
    for total in range(1, MAX_FRAMES + 1):
        if _longest(message.body, total) <= max_digits:
            return write_frames(message, total=total)
    raise MessageTooLarge("for so small frames")


class FrameCollector:
    """Takes frames as a camera or a hand scanner gives them, until the message is there."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._first: _Frame | None = None
        self._data: dict[int, bytes] = {}

    def add(self, text: str) -> Progress:
        """Take one frame; the same one again is welcome, as codes are shown in turn.

        A refused frame leaves everything as it was.

        Args:
            text: the digits; white space around them is left out.

        Raises:
            NotOurFrame, FormatVersionUnknown, FrameMalformed, FrameChecksumWrong, DigitsMalformed:
                the frame by itself.
            FrameOfAnotherMessage: of another message than the frames before; to change over to
                it, begin a new collector.
            MessageTooLarge: together with the others it is more than a message may be.
        """
        frame = _read(text)
        first = self._first or frame
        if (frame.kind, frame.total, frame.message_id) != (
            first.kind,
            first.total,
            first.message_id,
        ):
            raise FrameOfAnotherMessage("header")
        if self._data.setdefault(frame.number, frame.data) != frame.data:
            raise FrameOfAnotherMessage("data")
        if sum(map(len, self._data.values())) > MAX_MESSAGE_BYTES:
            del self._data[frame.number]
            raise MessageTooLarge("frames together")
        self._first = first
        return self._progress(first.total)

    def message(self) -> Message | None:
        """Return the message, or None as long as frames are missing.

        Raises:
            MessageDamaged: the frames fit, and yet are not what their message id names.
        """
        if self._first is None or len(self._data) < self._first.total:
            return None
        message = Message(
            self._first.kind, b"".join(self._data[number] for number in sorted(self._data))
        )
        if message.id != self._first.message_id:
            raise MessageDamaged("message id")
        return message

    def _progress(self, total: int) -> Progress:
        missing = tuple(number for number in range(1, total + 1) if number not in self._data)
        return Progress(seen=len(self._data), total=total, missing=missing)


def read_single(text: str) -> Message:
    """Return the message of a frame that is the only one of its message.

    Raises:
        FrameMalformed: it is one of several.
        CheckFailed: as `FrameCollector.add` and `message`.
    """
    collector = FrameCollector()
    collector.add(text)
    message = collector.message()
    if message is None:
        raise FrameMalformed("one of several")
    return message


@dataclass(frozen=True, slots=True)
class _Frame:
    kind: Kind
    number: int
    total: int
    message_id: str
    data: bytes


def _frame(message: Message, number: int, total: int, data: bytes) -> str:
    header = f"{MAGIC}{VERSION}{message.kind.value}{number}{total}{message.id}"
    checked = header + digits_of(data)
    return checked + _checksum(checked)


def _longest(body: bytes, total: int) -> int:
    return _AROUND_DATA + digit_count(-(-len(body) // total))


def _checksum(digits: str) -> str:
    return f"{crc32(digits.encode('ascii')):0{_CHECKSUM_DIGITS}d}"


def _read(text: str) -> _Frame:
    digits = text.strip(" \t\r\n")
    # 1. Digits that begin like ours, of a version that we know
    if not _ALL_DIGITS.fullmatch(digits) or not digits.startswith(MAGIC):
        raise NotOurFrame("magic")
    if digits[len(MAGIC) : len(MAGIC) + 1] != VERSION:
        raise FormatVersionUnknown("version")
    # 2. Not too short, not longer than any QR code
    if not _AROUND_DATA < len(digits) <= _LARGEST_QR_DIGITS:
        raise FrameMalformed("length")
    # 3. No digit was lost or changed
    checked, checksum = digits[:-_CHECKSUM_DIGITS], digits[-_CHECKSUM_DIGITS:]
    if checksum != _checksum(checked):
        raise FrameChecksumWrong("checksum")
    # 4. The header is possible
    kind, number, total = digits[5], int(digits[6]), int(digits[7])
    if kind not in _KINDS or not 1 <= number <= total <= MAX_FRAMES:
        raise FrameMalformed("header")
    message_id = digits[_HEADER_DIGITS - _ID_DIGITS : _HEADER_DIGITS]
    return _Frame(_KINDS[kind], number, total, message_id, bytes_of(checked[_HEADER_DIGITS:]))
