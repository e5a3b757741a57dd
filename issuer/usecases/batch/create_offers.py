"""Make an offer of each line as it comes, several at a time, and tell of each in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass

from issuer.model import Caller
from issuer.usecases.batch.lines import Line
from issuer.usecases.create_offer import CreatedOffer, CreateOffer, OfferWish
from issuer.usecases.failures import LineTooLong

AT_A_TIME = 16
"""So many offers of one batch are made at once, and share a commit where the store can."""

ReadWish = Callable[[bytes], OfferWish]


@dataclass(frozen=True, slots=True)
class HandledLine:
    """What became of a line: an offer, or the failure that it alone met."""

    number: int
    outcome: CreatedOffer | Exception


@dataclass(frozen=True, slots=True)
class Stopped:
    """No more lines: the batch is over, or `failure` says why the rest was not taken."""

    failure: Exception | None


class CreateOffers:
    """Makes offers by the line.

    Lines are taken in by a task of its own, whether or not the results are being read: a caller
    that sends everything before it reads anything would wait for us else, and we for it.
    """

    def __init__(self, *, create_offer: CreateOffer) -> None:
        self._create_offer = create_offer

    async def __call__(
        self, caller: Caller, lines: AsyncIterator[Line], *, read: ReadWish, key: str
    ) -> AsyncGenerator[HandledLine, None]:
        """Yield the outcome of each line, in the order of the lines.

        Args:
            caller: who asks.
            lines: as they arrive.
            read: makes a wish of a line, or raises what is wrong with it.
            key: the batch's Idempotency-Key. A line is remembered by it and its number, so that
                the same batch again, or the rest of it under the same numbers, makes each
                offer once.

        Raises:
            Exception: what ended the lines early, after the outcome of the last whole one.
        """
        arrived: asyncio.Queue[Line | Stopped] = asyncio.Queue()
        taking = asyncio.create_task(_take(lines, arrived))
        under_way: deque[asyncio.Task[HandledLine]] = deque()
        try:
            while True:
                if under_way and (len(under_way) == AT_A_TIME or arrived.empty()):
                    yield await under_way.popleft()
                    continue
                match await arrived.get():
                    case Line() as line:
                        under_way.append(asyncio.create_task(self._handle(caller, line, read, key)))
                    case Stopped(failure):
                        while under_way:
                            yield await under_way.popleft()
                        if failure is not None:
                            raise failure
                        return
        finally:
            for task in (taking, *under_way):
                task.cancel()
            await asyncio.gather(taking, *under_way, return_exceptions=True)

    async def _handle(self, caller: Caller, line: Line, read: ReadWish, key: str) -> HandledLine:
        if line.content is None:
            return HandledLine(line.number, LineTooLong("longer than a line may be"))
        try:
            created = await self._create_offer(
                caller, read(line.content), idempotency_key=f"{key} {line.number}"
            )
        except Exception as failure:  # one line's failure is not the next one's
            return HandledLine(line.number, failure)
        return HandledLine(line.number, created)


async def _take(lines: AsyncIterator[Line], arrived: "asyncio.Queue[Line | Stopped]") -> None:
    try:
        async for line in lines:
            arrived.put_nowait(line)
    except Exception as failure:
        arrived.put_nowait(Stopped(failure))
    else:
        arrived.put_nowait(Stopped(None))
