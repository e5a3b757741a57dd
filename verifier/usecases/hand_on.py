"""What the desk may do after an outcome, in one place."""

from dataclasses import dataclass

from verifier.usecases.hand_on_copy import MakeCopy
from verifier.usecases.hand_on_leave import LeavePage
from verifier.usecases.hand_on_ports import DeliveryState
from verifier.usecases.hand_on_receipt import GiveReceipt
from verifier.usecases.hand_on_send import SendCopy
from verifier.usecases.read_result import Result


@dataclass(frozen=True, slots=True)
class Ways:
    """Which buttons the page has."""

    receipt: bool
    download: bool
    send: bool


@dataclass(frozen=True, slots=True)
class HandOn:
    """The use cases of handing on. `send` is None where no case system is set up."""

    copy: MakeCopy
    send: SendCopy | None
    receipt: GiveReceipt
    leave: LeavePage

    def ways(self, result: Result, *, is_sent: bool) -> Ways:
        """Return what may be done with what this desk sees now.

        A task that may send makes a file where nothing is set up for sending.
        """
        way = self.copy.way(result)
        sends = way == "webhook" and self.send is not None
        return Ways(
            receipt=self.receipt.is_possible(result),
            download=way != "none" and not sends,
            send=sends and not is_sent,
        )

    async def state(self, verification_id: str) -> DeliveryState | None:
        """Return how a copy for the case system is doing, None when none was sent."""
        return None if self.send is None else await self.send.state(verification_id)
