"""Walk the evidence chain, record by record, and say where it is first broken."""

from collections.abc import Iterable
from typing import ClassVar, Final

from keys.checks import CheckFailed
from verifier.usecases.evidence_head import EMPTY, Head
from verifier.usecases.evidence_record import SealedRecord, evidence_from, record_hash

_CHAIN: Final = "Kykylompakko evidence chain"


class ChainBroken(CheckFailed):
    """The chain does not hold; `sequence` is the number of the first record that is wrong."""

    code: ClassVar[str] = "evidence_broken"
    spec: ClassVar[str] = _CHAIN

    def __init__(self, sequence: int) -> None:
        super().__init__(f"record {sequence}")
        self.sequence = sequence


class RecordMissing(ChainBroken):
    """A record is not there: deleted, moved, or never kept."""

    code: ClassVar[str] = "evidence_record_missing"


class RecordForeign(ChainBroken):
    """A record does not follow from the one before it: put in, exchanged, or moved."""

    code: ClassVar[str] = "evidence_record_foreign"


class RecordChanged(ChainBroken):
    """A record's content is not what was sealed."""

    code: ClassVar[str] = "evidence_record_changed"


class ChainShortened(ChainBroken):
    """A signed head knows of records that are not there: cut off, or an old copy put back."""

    code: ClassVar[str] = "evidence_shortened"


class ChainRewritten(ChainBroken):
    """The chain holds together, but it is not the one of which a head was signed."""

    code: ClassVar[str] = "evidence_rewritten"


class HeadTooOld(CheckFailed):
    """The head is of records that were deleted as old since then: it says nothing of these."""

    code: ClassVar[str] = "evidence_head_too_old"
    spec: ClassVar[str] = _CHAIN


class ChainWalk:
    """Takes the records in order. After `finish` everything given is known to hold together.

    Args:
        start: what the first record follows: the empty chain, or what was deleted as old.
        heads: heads that the chain has to agree with.

    Raises:
        HeadTooOld: a head lies before the start.
        ChainRewritten: a head is of the start's number, and differs.
    """

    def __init__(self, start: Head = EMPTY, *, heads: Iterable[Head] = ()) -> None:
        self.at = start
        self.count = 0
        self._hashes: dict[int, set[bytes]] = {}
        for head in heads:
            self._hashes.setdefault(head.sequence, set()).add(head.hash)
        if min(self._hashes, default=start.sequence) < start.sequence:
            raise HeadTooOld
        self._compare()

    def take(self, record: SealedRecord) -> None:
        """Check the next record.

        Raises:
            RecordMissing, RecordForeign, RecordChanged, ChainRewritten: see their classes.
            EvidenceUnreadable: it holds together, but is no record that this version knows.
        """
        expected = self.at.sequence + 1
        # 1. It is the next one
        if record.sequence != expected:
            raise RecordMissing(expected)
        # 2. It says that it follows the one before
        if record.previous != self.at.hash:
            raise RecordForeign(expected)
        # 3. It says what it said when it was sealed
        if record_hash(record.sequence, record.previous, record.content) != record.hash:
            raise RecordChanged(expected)
        evidence_from(record.content)
        self.at = Head(record.sequence, record.hash)
        self.count += 1
        # 4. Whoever signed a head at this number saw the same
        self._compare()

    def finish(self) -> None:
        """Check that nothing is missing at the end.

        Raises:
            ChainShortened: a head knows of more records.
        """
        if max(self._hashes, default=0) > self.at.sequence:
            raise ChainShortened(self.at.sequence + 1)

    def _compare(self) -> None:
        if self._hashes.get(self.at.sequence, {self.at.hash}) != {self.at.hash}:
            raise ChainRewritten(self.at.sequence)
