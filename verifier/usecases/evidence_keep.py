"""Keep the evidence: seal what the last hours brought, let go of what is old, put the head out.

What is recorded waits until its hour is over. Then it is sealed into the chain in an order that
has nothing to do with the order in which clients came: the chain tells the hour and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from cryptography import x509

from keys.ports import Signer
from verifier.ports import Clock
from verifier.usecases.evidence_head import Head, read_head, sign_head
from verifier.usecases.evidence_record import SealedRecord, evidence_from
from verifier.usecases.evidence_walk import ChainRewritten, ChainShortened

AFTER_THE_HOUR: Final = timedelta(minutes=5)
"""So that a step begun in an hour's last second is sealed with the others of that hour."""
PAGE: Final = 500


class EvidenceStore(Protocol):
    """The stored evidence: what waits to be sealed, and the chain."""

    async def seal(self, before: datetime, *, count: int) -> int:
        """Seal up to `count` waiting records of hours that began before that; return how many."""

    async def waiting(self) -> Sequence[str]:
        """Return the contents of the records that wait, by hour."""

    async def page(self, after: int, *, count: int) -> Sequence[SealedRecord]:
        """Return up to `count` records that follow a number, in order."""

    async def standing(self) -> "Standing":
        """Return what the database itself says of the chain."""

    async def let_go(self, upto: Head, *, signed: str) -> None:
        """Keep a signed checkpoint, and delete the records up to it."""


class HeadPlace(Protocol):
    """Where signed heads are put, away from the database."""

    async def newest(self) -> str | None:
        """Return the head put there last, None when there is none."""

    async def has(self, day: date) -> bool:
        """Return whether there is a head of that day."""

    async def put(self, text: str, *, day: date) -> None:
        """Put the head of a day there, in place of an earlier one of the same day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database says of the chain, for comparing with what is there.

    Attributes:
        recorded: how many records were ever written; each adds one in its own transaction.
        waiting: how many are not sealed yet.
        head: the last one sealed.
        start: the last record that was deleted as old; the empty chain when none was.
        checkpoint: the same as a signed head, None when nothing was deleted.
    """

    recorded: int
    waiting: int
    head: Head
    start: Head
    checkpoint: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What one round did."""

    sealed: int
    let_go: int
    head_put: bool


class KeepEvidence:
    """See the module text.

    Args:
        store: the evidence.
        signer: the organisation's access key.
        former: the organisation's earlier access certificates, by which old heads are known.
        clock: the time.
        place: where heads are put, None for nowhere.
        keep: how long sealed records are kept, None for always.
    """

    def __init__(
        self,
        *,
        store: EvidenceStore,
        signer: Signer,
        clock: Clock,
        former: Sequence[x509.Certificate] = (),
        place: HeadPlace | None = None,
        keep: timedelta | None = None,
    ) -> None:
        self._store = store
        self._signer = signer
        own = x509.load_der_x509_certificate(signer.certificate_chain[0])
        self.trusted = (own, *former)
        self._clock = clock
        self._place = place
        self._keep = keep

    async def __call__(self) -> Kept:
        """Do one round.

        Raises:
            ChainShortened, ChainRewritten: the head put out last is not of this chain; the
                database may be an old copy. No new head is put out.
            HeadNotTrusted: that head is not signed by this organisation, as far as is known here.
            OSError: the place of the heads cannot be read or written.
        """
        now = self._clock.now()
        sealed = await self._seal(now)
        let_go = await self._let_go(now)
        head_put = await self._put_out(now, grown=sealed > 0)
        return Kept(sealed, let_go, head_put)

    async def signed_head(self) -> str:
        """Return the head of now, signed."""
        standing = await self._store.standing()
        return sign_head(standing.head, signer=self._signer, at=self._clock.now())

    async def _seal(self, now: datetime) -> int:
        sealed = 0
        before = now - timedelta(hours=1) - AFTER_THE_HOUR
        while part := await self._store.seal(before, count=PAGE):
            sealed += part
        return sealed

    async def _let_go(self, now: datetime) -> int:
        if self._keep is None:
            return 0
        start = (await self._store.standing()).start
        last = await self._last_before(now - self._keep, start)
        if last is None:
            return 0
        signed = sign_head(last, signer=self._signer, at=now)
        await self._store.let_go(last, signed=signed)
        return last.sequence - start.sequence

    async def _last_before(self, time: datetime, start: Head) -> Head | None:
        """Return the last of the records at the beginning that are all older than a time."""
        last = None
        at = start.sequence
        while page := await self._store.page(at, count=PAGE):
            for record in page:
                if evidence_from(record.content).hour >= time:
                    return last
                last = Head(record.sequence, record.hash)
            at = page[-1].sequence
        return last

    async def _put_out(self, now: datetime, *, grown: bool) -> bool:
        if self._place is None:
            return False
        newest = await self._place.newest()
        if newest is not None:
            await self._check_goes_on(read_head(newest, trusted=self.trusted).head)
        if not grown and await self._place.has(now.date()):
            return False
        await self._place.put(await self.signed_head(), day=now.date())
        return True

    async def _check_goes_on(self, earlier: Head) -> None:
        head = (await self._store.standing()).head
        if earlier.sequence > head.sequence:
            raise ChainShortened(head.sequence + 1)
        page = await self._store.page(earlier.sequence - 1, count=1)
        if page and page[0].sequence == earlier.sequence and page[0].hash != earlier.hash:
            raise ChainRewritten(earlier.sequence)
