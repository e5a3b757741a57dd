"""What was found out about certificate chains, kept for as long as their certificates are valid.

An answer is given again only for the same bytes, the same use and the very same tuple of anchors
(a new trust list brings a new one), and only at a time between its two dates. Failures are not
kept, so nobody can push answers out with chains that lead nowhere.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from cryptography import x509
from msgspec import Struct

Found = TypeVar("Found")
Anchors = tuple[x509.Certificate, ...]


class Question(Struct, frozen=True):
    """Which chain (DER, leaf first), under which anchors, for which use."""

    chain: tuple[bytes, ...]
    anchors: Anchors
    use: Hashable

    @property
    def key(self) -> Hashable:
        """What the question is found by; hashing the anchors would take longer than asking."""
        return (self.chain, id(self.anchors), self.use)


@dataclass(frozen=True, slots=True)
class _Answer(Generic[Found]):
    found: Found
    anchors: Anchors  # held, so that no other tuple can come to have their id
    begins: datetime
    ends: datetime


class ChainMemory(Generic[Found]):
    """Remembers at most `size` answers; the one not asked for longest goes first."""

    def __init__(self, size: int) -> None:
        self._answers: OrderedDict[Hashable, _Answer[Found]] = OrderedDict()
        self._size = size
        self._lock = Lock()

    def recall(self, question: Question, *, at: datetime) -> Found | None:
        """Return what was found before, or None when that does not answer for this time."""
        key = question.key
        with self._lock:
            answer = self._answers.get(key)
            if answer is None or answer.anchors is not question.anchors:
                return None
            if not answer.begins <= at <= answer.ends:
                return None
            self._answers.move_to_end(key)
            return answer.found

    def keep(self, question: Question, found: Found, *, begins: datetime, ends: datetime) -> None:
        """Keep what was found, to be given again from `begins` to `ends`, both included."""
        with self._lock:
            self._answers[question.key] = _Answer(found, question.anchors, begins, ends)
            self._answers.move_to_end(question.key)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
