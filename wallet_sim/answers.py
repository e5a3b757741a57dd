"""How issuers and receivers answer, read into data or into one of the wallet's failures.

Error bodies are read for their code only; descriptions written by strangers are never shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
JWT = "application/jwt"
LARGEST_JSON = 1_048_576
BUSY = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.BAD_GATEWAY}
)
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
DEEPEST_JSON = 16
LONGEST_REDIRECT = 2_048
CODE_DIGITS = range(4, 9)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver took the answer (OpenID4VP 8.2).

    Attributes:
        redirect_uri: where it wants the person's browser.
        confirmation_code: digits to read out to whoever asked; a member that only receivers like
            ours send, and the same code is to be seen at `redirect_uri`.
    """

    redirect_uri: str | None = None
    confirmation_code: str | None = field(default=None, repr=False)


def json_object(reply: Reply, *, status: HTTPStatus = HTTPStatus.OK) -> dict[str, object]:
    """Return the JSON object of an answer with this status.

    Raises:
        IssuerBusy: 429, 502, 503.
        OfferGone: 404, 410.
        IssuerAnswerUnclear: any other status, another media type, or no JSON object.
    """
    _check(reply, status, JSON)
    return _object(reply.body, IssuerAnswerUnclear)


def jwt_text(reply: Reply, *, status: HTTPStatus = HTTPStatus.OK) -> str:
    """Return the text of an answer that is a JWT; it is unchecked.

    Raises:
        IssuerBusy, OfferGone, IssuerAnswerUnclear: as ``json_object``.
    """
    _check(reply, status, JWT)
    return reply.body.decode("ascii", "replace")


def _check(reply: Reply, status: HTTPStatus, media_type: str) -> None:
    if reply.status in BUSY:
        raise IssuerBusy(f"status {reply.status}")
    if reply.status in GONE:
        raise OfferGone
    if reply.status != status or reply.content_type != media_type:
        raise IssuerAnswerUnclear(f"status {reply.status}")


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


def read_receipt(reply: Reply, *, allow_loopback_http: bool = False) -> Receipt:
    """Read a receiver's answer to a response (OpenID4VP 8.2); unknown members do not matter.

    Args:
        reply: the answer.
        allow_loopback_http: take a `redirect_uri` on this machine without TLS; unsafe.

    Raises:
        ReceiverRefused: it did not take the response (400, 404, 409, 410, ...).
        ReceiverAnswerUnclear: anything but 200 with a JSON object, or an unusable redirect.
    """
    if HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ReceiverRefused(f"status {reply.status}")
    if reply.status != HTTPStatus.OK or reply.content_type != JSON:
        raise ReceiverAnswerUnclear(f"status {reply.status}")
    told = _object(reply.body, ReceiverAnswerUnclear)
    redirect, code = told.get("redirect_uri"), told.get("confirmation_code")
    if redirect is not None and not _may_be_opened(redirect, allow_loopback_http):
        raise ReceiverAnswerUnclear("redirect_uri")
    return Receipt(
        redirect if isinstance(redirect, str) else None,
        code if isinstance(code, str) and _is_code(code) else None,
    )


def _may_be_opened(address: object, allow_loopback_http: bool) -> bool:
    """Say whether a browser may be sent there: https, one line, of reasonable length."""
    if not isinstance(address, str) or len(address) > LONGEST_REDIRECT:
        return False
    if not address.isascii() or not address.isprintable() or " " in address:
        return False
    loopback = allow_loopback_http and address.startswith("http://127.0.0.1:")
    return address.startswith("https://") or loopback


def _is_code(code: str) -> bool:
    return len(code) in CODE_DIGITS and code.isascii() and code.isdigit()


def _object(body: bytes, failure: type[WalletFailure]) -> dict[str, object]:
    try:
        read: Mapping[str, object] = strict_json.loads_object(
            body, max_bytes=LARGEST_JSON, max_depth=DEEPEST_JSON
        )
    except MalformedJson as malformed:
        raise failure(malformed.detail) from None
    return dict(read)
