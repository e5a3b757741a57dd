"""How a transaction ends badly: the other side failed, or this wallet refused."""

from keys.checks import CheckFailed
from wallet_sim.flow_failures import (
    ConnectionLost,
    IssuerAnswerUnclear,
    IssuerBusy,
    ReceiverAnswerUnclear,
    RequestGone,
)
from wallet_sim.model import Outcome

OTHER_SIDE_FAILED = (
    ConnectionLost,
    IssuerBusy,
    IssuerAnswerUnclear,
    ReceiverAnswerUnclear,
    RequestGone,
)


def bad_end(failure: CheckFailed) -> Outcome:
    """Say whether the other side failed (trying again may help) or this wallet refused."""
    return Outcome.FAILED if isinstance(failure, OTHER_SIDE_FAILED) else Outcome.REFUSED
