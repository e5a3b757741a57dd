"""What an auditor does with the evidence: walk all of it, or take a part away and check it there.

An exported part is lines of JSON, one record each, and a signed head of its last record at the
end. Because each record holds the hash of the one before, that one signature covers them all.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, cast

from cryptography import x509

from keys import strict_json
from keys.checks import MalformedJson
from keys.ports import Signer
from verifier.ports import Clock
from verifier.usecases.evidence_head import Head, SignedHead, read_head, sign_head
from verifier.usecases.evidence_keep import PAGE, EvidenceStore
from verifier.usecases.evidence_record import (
    EvidenceUnreadable,
    SealedRecord,
    canonical,
    evidence_from,
)
from verifier.usecases.evidence_walk import ChainBroken, ChainWalk, RecordForeign

_MAX_LINE = 65_536
_MAX_SEQUENCE = 2**63 - 1


class RecordsLost(ChainBroken):
    """More records were written than there are now: some that waited to be sealed are gone."""

    code: ClassVar[str] = "evidence_records_lost"


@dataclass(frozen=True, slots=True)
class Sound:
    """What was found to hold together.

    Attributes:
        count: how many sealed records.
        last: where they end.
        waiting: how many wait to be sealed; 0 for an exported part.
        heads: the signed heads that they agree with.
    """

    count: int
    last: Head
    waiting: int
    heads: tuple[SignedHead, ...]


class VerifyEvidence:
    """Walks the whole chain of a database."""

    def __init__(self, *, store: EvidenceStore, trusted: Sequence[x509.Certificate]) -> None:
        self._store = store
        self._trusted = tuple(trusted)

    async def __call__(self, heads: Sequence[str] = ()) -> Sound:
        """Check everything.

        Args:
            heads: signed heads kept elsewhere, which the chain has to agree with.

        Raises:
            HeadNotTrusted: a head, or what was deleted as old, is signed by somebody else.
            ChainBroken: of `evidence_walk`: where the chain is broken.
            RecordsLost: records that waited to be sealed are gone.
            HeadTooOld, EvidenceUnreadable: see their classes.
        """
        known = tuple(read_head(text, trusted=self._trusted) for text in heads)
        standing = await self._store.standing()
        # 1. What was deleted as old was deleted by this organisation
        if standing.checkpoint is not None:
            signed = read_head(standing.checkpoint, trusted=self._trusted)
            if signed.head != standing.start:
                raise ChainBroken(standing.start.sequence)
        # 2. Every record follows from the one before, up to where the database says it ends
        walk = ChainWalk(standing.start, heads=(standing.head, *(one.head for one in known)))
        while page := await self._store.page(walk.at.sequence, count=PAGE):
            for record in page[: standing.head.sequence - walk.at.sequence]:
                walk.take(record)
            if walk.at.sequence >= standing.head.sequence:
                break
        walk.finish()
        # 3. Behind that stands only what was sealed meanwhile
        behind = await self._store.page(standing.head.sequence, count=1)
        if behind and (await self._store.standing()).head == standing.head:
            raise RecordForeign(standing.head.sequence + 1)
        # 4. As many wait as were written and not sealed
        if standing.recorded - standing.head.sequence != standing.waiting:
            raise RecordsLost(standing.head.sequence + 1)
        return Sound(walk.count, walk.at, standing.waiting, known)


class ExportEvidence:
    """Writes a part of the chain for somebody to take away."""

    def __init__(self, *, store: EvidenceStore, signer: Signer, clock: Clock) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock

    async def __call__(self, begins: datetime, ends: datetime) -> AsyncIterator[str]:
        """Yield one line for each record of the hours from `begins` up to `ends`, and the head.

        Nothing is yielded when there is none. Records stand in the order of their hours, but for
        one that came late; the lines are the whole stretch from the first to the last.
        """
        last: Head | None = None
        held: list[SealedRecord] = []
        at = (await self._store.standing()).start.sequence
        while page := await self._store.page(at, count=PAGE):
            for record in page:
                hour = evidence_from(record.content).hour
                if begins <= hour < ends:
                    for told in (*held, record):
                        yield _line(told)
                    held.clear()
                    last = Head(record.sequence, record.hash)
                elif last is not None:
                    held.append(record)  # goes along if another of these hours follows
            at = page[-1].sequence
            if len(held) > PAGE:
                break
        if last is not None:
            signed = sign_head(last, signer=self._signer, at=self._clock.now())
            yield canonical({"head": signed})


def verify_export(
    lines: Iterable[str], *, trusted: Sequence[x509.Certificate], heads: Sequence[str] = ()
) -> Sound:
    """Check an exported part, without any database.

    Args:
        lines: of the file.
        trusted: the organisation's certificates, or the authorities that issued them.
        heads: further signed heads; those before or after the part say nothing of it.

    Raises:
        EvidenceUnreadable: it is no such file.
        HeadNotTrusted: the head is signed by somebody else.
        ChainBroken: of `evidence_walk`: where the part is broken.
    """
    records, signed_text = _read_lines(lines)
    signed = read_head(signed_text, trusted=trusted)
    first, last = records[0], records[-1]
    known = [read_head(text, trusted=trusted) for text in heads]
    within = [one for one in known if first.sequence <= one.head.sequence <= last.sequence]
    walk = ChainWalk(
        Head(first.sequence - 1, first.previous), heads=[one.head for one in (signed, *within)]
    )
    for record in records:
        walk.take(record)
    walk.finish()
    if signed.head != walk.at:  # what stands behind the head is nobody's
        raise RecordForeign(signed.head.sequence + 1)
    return Sound(walk.count, walk.at, 0, (signed, *within))


def _line(record: SealedRecord) -> str:
    return canonical(
        {
            "sequence": record.sequence,
            "previous": record.previous.hex(),
            "hash": record.hash.hex(),
            "content": strict_json.loads_object(record.content),
        }
    )


def _read_lines(lines: Iterable[str]) -> tuple[list[SealedRecord], str]:
    members: list[dict[str, object]] = []
    for line in lines:
        try:
            members.append(strict_json.loads_object(line.strip(), max_bytes=_MAX_LINE))
        except MalformedJson as failure:
            raise EvidenceUnreadable(f"line {len(members) + 1}") from failure
    *told, end = members or [{}]
    if not told or "head" not in end:
        raise EvidenceUnreadable("no head at the end, or nothing before it")
    records = [_record(held, number) for number, held in enumerate(told, start=1)]
    return records, str(end["head"])


def _record(held: Mapping[str, object], line: int) -> SealedRecord:
    try:
        sequence = int(str(held["sequence"]))
        if not 1 <= sequence <= _MAX_SEQUENCE:
            raise EvidenceUnreadable(f"line {line}")
        return SealedRecord(
            sequence=sequence,
            previous=bytes.fromhex(str(held["previous"])),
            content=canonical(cast("Mapping[str, object]", held["content"])),
            hash=bytes.fromhex(str(held["hash"])),
        )
    except (KeyError, ValueError) as failure:
        raise EvidenceUnreadable(f"line {line}") from failure
