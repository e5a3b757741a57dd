"""Tells what QR codes hold, without checking who made them and without changing anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from keys.checks import CheckFailed
from openid4vc.qr import frames
from openid4vc.qr.challenge import SCHEME
from openid4vc.qr.frames import MAGIC, VERSION, FrameCollector, Progress
from wallet_sim.arguments import link_from
from wallet_sim.links import CHALLENGE_SCHEMES, OFFER_SCHEMES, REQUEST_SCHEMES, scheme_of


class Held(StrEnum):
    """What a code holds."""

    OFFER = "offer"
    REQUEST = "request"
    CHALLENGE = "challenge"
    BOUND_ANSWER = "bound_answer"
    SELF_INITIATED_ANSWER = "self_initiated_answer"
    WEB_ADDRESS = "web_address"
    OTHER = "other"


ANSWERS = {
    frames.Kind.BOUND_ANSWER: Held.BOUND_ANSWER,
    frames.Kind.SELF_INITIATED_ANSWER: Held.SELF_INITIATED_ANSWER,
    frames.Kind.CHALLENGE: Held.CHALLENGE,
}
LINKS = {
    **dict.fromkeys(OFFER_SCHEMES, Held.OFFER),
    **dict.fromkeys(REQUEST_SCHEMES, Held.REQUEST),
    **dict.fromkeys(("https", "http"), Held.WEB_ADDRESS),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture.

    Attributes:
        picture: as the person named it.
        held: what its code holds; None when it could not be read.
        number: which frame it is, None when it is none.
        total: how many frames the message has.
        failure: why it could not be read.
    """

    picture: str
    held: Held | None
    number: int | None = None
    total: int | None = None
    failure: CheckFailed | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """All pictures together.

    Attributes:
        seen: one entry for each picture.
        answer: what the frames among them are together; None when there are none.
        progress: how many of its frames were seen.
    """

    seen: tuple[Seen, ...]
    answer: Held | None
    progress: Progress | None


def scan_all(pictures: Sequence[str]) -> Scanned:
    """Read pictures, in any order.

    A picture that cannot be read, or whose frame belongs to another message, does not stop the
    others.

    Args:
        pictures: file names, or texts of codes.

    Raises:
        MessageDamaged: all frames are there but do not fit together.
        CheckFailed: not one picture could be read.
    """
    scan = _Scan()
    seen = tuple(scan.look_at(picture) for picture in pictures)
    failures = [one.failure for one in seen if one.failure is not None]
    if failures and len(failures) == len(seen):
        raise failures[0]
    scan.collector.message()
    return Scanned(seen, scan.answer, scan.progress)


class _Scan:
    def __init__(self) -> None:
        self.collector = FrameCollector()
        self.answer: Held | None = None
        self.progress: Progress | None = None

    def look_at(self, picture: str) -> Seen:
        try:
            text = _text(picture)
            held = _held_by(text)
            if held is not None:
                return Seen(picture, held)
            return self._frame(picture, text)
        except CheckFailed as failure:
            return Seen(picture, None, failure=failure)

    def _frame(self, picture: str, text: str) -> Seen:
        number, total = _place(FrameCollector().add(text))
        self.progress = self.collector.add(text)
        self.answer = ANSWERS[frames.Kind(text[len(MAGIC) + len(VERSION)])]
        return Seen(picture, self.answer, number, total)


def _text(picture: str) -> str:
    """Return a code's text: the argument itself when it is a frame or a link."""
    return picture.strip() if _is_frame(picture.strip()) else link_from(picture)


def _is_frame(text: str) -> bool:
    return text.isascii() and text.isdecimal() and text.startswith(MAGIC)


def _held_by(text: str) -> Held | None:
    """Return what a code is that is no frame; None for a frame."""
    scheme = scheme_of(text)
    if scheme in CHALLENGE_SCHEMES:
        frames.read_single(text[len(SCHEME) :])
        return Held.CHALLENGE
    if _is_frame(text):
        return None
    return LINKS.get(scheme, Held.OTHER)


def _place(alone: Progress) -> tuple[int, int]:
    """Return number and total of a frame that a collector holds alone."""
    (number,) = set(range(1, alone.total + 1)) - set(alone.missing)
    return number, alone.total
