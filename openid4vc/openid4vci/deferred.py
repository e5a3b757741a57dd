"""Deferred issuance: the issuer answers later, under a transaction id (OpenID4VCI 1.0, 8.3, 9)."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from openid4vc.openid4vci.errors import InvalidCredentialRequest
from openid4vc.openid4vci.wallet_errors import MalformedCredentialResponse
from openid4vc.shapes import Shape

MAX_TRANSACTION_ID_CHARS: Final = 512
MAX_INTERVAL_SECONDS: Final = 366 * 86_400

REPORTS_FOLLOW: Final = "reports_follow"
"""Our own member of a deferred request: this wallet takes a `notification_id` and will use it.

That member of the answer is optional (9.2), and wallets on @openid4vc up to 0.4.6 throw away a
deferred answer that has it; so only those get it who say that they want it.
"""

_REQUEST: Final = Shape(InvalidCredentialRequest)
_RESPONSE: Final = Shape(MalformedCredentialResponse)


@dataclass(frozen=True, slots=True)
class Deferral:
    """What an issuer answers that cannot issue yet: ask again under this id, not sooner."""

    transaction_id: str = field(repr=False)
    interval: timedelta


def deferral_json(deferral: Deferral) -> dict[str, object]:
    """Return the body of a 202 answer (8.3, 9.2); there are no credentials beside it.

    Raises:
        ValueError: an interval of no whole, positive number of seconds.
    """
    seconds = int(deferral.interval.total_seconds())
    if seconds < 1 or timedelta(seconds=seconds) != deferral.interval:
        raise ValueError("whole seconds, at least one")
    return {"transaction_id": deferral.transaction_id, "interval": seconds}


def read_deferral(data: object) -> Deferral:
    """Read the body of a 202 answer from parsed JSON; unknown members are ignored (8.3, 9.2).

    Raises:
        MalformedCredentialResponse: no `transaction_id` or no positive `interval`, or credentials
            or a `notification_id` beside them.
    """
    members = _RESPONSE.members(data, "deferred response")
    if "credentials" in members or "notification_id" in members:
        raise MalformedCredentialResponse("credentials and transaction_id at once")
    seconds = _RESPONSE.integer(
        members.get("interval"), "interval", at_least=1, at_most=MAX_INTERVAL_SECONDS
    )
    return Deferral(
        transaction_id=_RESPONSE.text(
            members.get("transaction_id"), "transaction_id", max_chars=MAX_TRANSACTION_ID_CHARS
        ),
        interval=timedelta(seconds=seconds),
    )


def read_deferred_request(data: object) -> str:
    """Read a request to the deferred credential endpoint from parsed JSON (9.1).

    What it says of encryption replaces what the credential request said, and is for
    `encryption.read_response_encryption`.

    Returns:
        The transaction id; that it is ours is for the issuer's store to say.

    Raises:
        InvalidCredentialRequest: no `transaction_id`.
    """
    members = _REQUEST.members(data, "deferred credential request")
    return _REQUEST.text(
        members.get("transaction_id"), "transaction_id", max_chars=MAX_TRANSACTION_ID_CHARS
    )


def reports_follow(data: object) -> bool:
    """Return whether a deferred request says that the wallet will report on what it gets."""
    return isinstance(data, dict) and data.get(REPORTS_FOLLOW) is True


def deferred_request_json(transaction_id: str) -> dict[str, object]:
    """Return a request to the deferred credential endpoint (9.1), of a wallet that reports."""
    return {"transaction_id": transaction_id, REPORTS_FOLLOW: True}
