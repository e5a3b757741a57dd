"""What a client may do afterwards, in one place."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from verifier.usecases.open_receipt import OpenReceipt
from verifier.usecases.profile_queries import PRIVACY_ROLE
from verifier.usecases.report_receiver import ReportReceiver
from verifier.usecases.withdraw_by_receipt import WithdrawByReceipt


@dataclass(frozen=True, slots=True)
class ClientSide:
    """The use cases of the client's side.

    Attributes:
        open: the way in by a request; None where there is no certificate for it.
        role: the role in which this service asks at the desk.
        contact: how the data-protection officer is reached, "" when the operator does not say.
        roles: finds the roles that the trust list gives this receiver.
    """

    withdraw: WithdrawByReceipt
    open: OpenReceipt | None
    report: ReportReceiver
    role: str
    contact: str
    roles: Callable[[], Awaitable[frozenset[str]]]

    async def way_in(self) -> OpenReceipt | None:
        """Return the way in by a request, None where wallets would refuse it."""
        return self.open if PRIVACY_ROLE in await self.roles() else None

    async def asking_roles(self) -> frozenset[str]:
        """Return the roles in which staff ask here."""
        return (await self.roles() - {PRIVACY_ROLE}) or frozenset({self.role})
