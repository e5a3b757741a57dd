"""How issuers and receivers answer, read into data or into one of the wallet's failures.

Error bodies are read for their code only; descriptions written by strangers are never shown.
"""

from collections.abc import Mapping
from http import HTTPStatus

from keys import strict_json
from keys.checks import MalformedJson
from wallet_sim.failures import WalletFailure
from wallet_sim.flow_failures import (
    IssuerAnswerUnclear,
    IssuerBusy,
    OfferGone,
    ReceiverAnswerUnclear,
    ReceiverRefused,
)
from wallet_sim.ports import Reply

JSON = "application/json"
LARGEST_JSON = 1_048_576
BUSY = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.BAD_GATEWAY}
)
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
DEEPEST_JSON = 16
LONGEST_REDIRECT = 2_048


def json_object(reply: Reply) -> dict[str, object]:
    """Return the JSON object of a 200 answer.

    Raises:
        IssuerBusy: 429, 502, 503.
        OfferGone: 404, 410.
        IssuerAnswerUnclear: any other status, another media type, or no JSON object.
    """
    if reply.status in BUSY:
        raise IssuerBusy(f"status {reply.status}")
    if reply.status in GONE:
        raise OfferGone
    if reply.status != HTTPStatus.OK or reply.content_type != JSON:
        raise IssuerAnswerUnclear(f"status {reply.status}")
    return _object(reply.body, IssuerAnswerUnclear)


def error_code(reply: Reply) -> str:
    """Return the ``error`` member of a JSON error answer, "" when there is none."""
    if reply.content_type != JSON:
        return ""
    try:
        body = strict_json.loads_object(reply.body, max_bytes=LARGEST_JSON)
    except MalformedJson:
        return ""
    error = body.get("error")
    return error if isinstance(error, str) else ""


def read_redirect(reply: Reply) -> str | None:
    """Read a receiver's answer to a response: ``redirect_uri`` or None (OpenID4VP 8.2).

    Raises:
        ReceiverRefused: it did not take the response (400, 404, 409, 410, ...).
        ReceiverAnswerUnclear: anything but 200 with a JSON object, or an unusable redirect.
    """
    if HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ReceiverRefused(f"status {reply.status}")
    if reply.status != HTTPStatus.OK or reply.content_type != JSON:
        raise ReceiverAnswerUnclear(f"status {reply.status}")
    redirect = _object(reply.body, ReceiverAnswerUnclear).get("redirect_uri")
    if redirect is None:
        return None
    if not isinstance(redirect, str) or not _may_be_opened(redirect):
        raise ReceiverAnswerUnclear("redirect_uri")
    return redirect


def _may_be_opened(address: str) -> bool:
    """Say whether a browser may be sent there: https, one line, of reasonable length."""
    plain = address.isascii() and address.isprintable() and " " not in address
    return address.startswith("https://") and plain and len(address) <= LONGEST_REDIRECT


def _object(body: bytes, failure: type[WalletFailure]) -> dict[str, object]:
    try:
        read: Mapping[str, object] = strict_json.loads_object(
            body, max_bytes=LARGEST_JSON, max_depth=DEEPEST_JSON
        )
    except MalformedJson as malformed:
        raise failure(malformed.detail) from None
    return dict(read)
