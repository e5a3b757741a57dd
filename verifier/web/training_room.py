"""Where training takes place in this process: opened by the first who practises."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from verifier.usecases.failures import VerificationUnknown
from verifier.usecases.training_desk import TrainingDesk

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class OpenTraining(Generic[S]):
    """The services of training, the made-up client, and how to end it all."""

    services: S
    desk: TrainingDesk
    close: Callable[[], None]


class TrainingRoom(Generic[S]):
    """Opens training once, and knows whether it is open.

    Args:
        make: makes everything; blocks for a moment.
    """

    def __init__(self, make: Callable[[], OpenTraining[S]]) -> None:
        self._make = make
        self._lock = asyncio.Lock()
        self._opened: OpenTraining[S] | None = None

    async def open(self) -> OpenTraining[S]:
        """Return training, opened if it was not."""
        async with self._lock:
            if self._opened is None:
                self._opened = await asyncio.to_thread(self._make)
            return self._opened

    @property
    def services(self) -> S:
        """The services of training.

        Raises:
            VerificationUnknown: nobody has practised since the service started.
        """
        if self._opened is None:
            raise VerificationUnknown
        return self._opened.services

    def opened(self) -> Sequence[S]:
        """Return the services of training, if anybody has practised."""
        return () if self._opened is None else (self._opened.services,)

    def close(self) -> None:
        """End training, if it was ever opened."""
        if self._opened is not None:
            self._opened.close()
