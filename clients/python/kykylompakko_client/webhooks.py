"""Events that the issuer tells your system by itself: is it the issuer, and what happened?"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kykylompakko_client.failures import NotUnderstood

_PREFIX: Final = "whsec_"
_TOLERANCE_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Event:
    """One event. The same id comes again when your answer was lost: act on it once.

    Attributes:
        type: such as `offer.claimed` or `credential.status_changed`.
        data: ids and states; never a claim.
    """

    id: str
    type: str
    at: datetime
    data: Mapping[str, str]


class ForeignEvent(Exception):
    """The message was not signed with this secret, was changed, or is of another time."""


def read_event(
    headers: Mapping[str, str], body: bytes, secret: str, *, now: float | None = None
) -> Event:
    """Check the signature of a message and read it (Standard Webhooks 1.0.0).

    Args:
        headers: of the request, in any case.
        body: the very bytes of the request.
        secret: `whsec_...`, as the operator handed it over.
        now: seconds since 1970; the system's clock without it.

    Raises:
        ForeignEvent: do not act on it.
        NotUnderstood: it is the issuer's, and of another form than this package knows.
    """
    small = {name.lower(): value for name, value in headers.items()}
    identifier, sent = small.get("webhook-id", ""), small.get("webhook-timestamp", "")
    try:
        age = (time.time() if now is None else now) - int(sent)
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        raise ForeignEvent("no time, or no secret") from None
    if abs(age) > _TOLERANCE_SECONDS:
        raise ForeignEvent("of another time")
    right = hmac.digest(key, f"{identifier}.{sent}.".encode() + body, hashlib.sha256)
    wanted = f"v1,{base64.b64encode(right).decode()}"
    given = small.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given):
        raise ForeignEvent("not signed with this secret")
    try:
        told = json.loads(body)
        at = datetime.fromisoformat(told["timestamp"])
        return Event(id=identifier, type=told["type"], at=at, data=dict(told["data"]))
    except (KeyError, TypeError, ValueError):
        raise NotUnderstood("an event of another form") from None
