"""The receiver's case system behind a webhook, signed as Standard Webhooks 1.0.0 has it.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, under the
secret that both sides hold. The receiver checks it, refuses old timestamps, and takes an id once.
"""

import base64
import hashlib
import hmac
from datetime import datetime

from keys import strict_json
from verifier.adapters.posting import Posting
from verifier.usecases.hand_on_failures import CaseSystemRefused

_MAX_REPLY_BYTES = 16_384
_TAKEN = range(200, 300)


class WebhookCaseSystem:
    """`hand_on_ports.CaseSystem` over HTTP.

    Args:
        http: the guarded client.
        url: where copies are posted.
        secret: the shared secret, at least 24 bytes.
    """

    def __init__(self, http: Posting, *, url: str, secret: bytes) -> None:
        self._http = http
        self._url = url
        self._secret = secret

    async def send(self, delivery_id: str, copy: bytes, *, at: datetime) -> None:
        """Send a copy, signed.

        Raises:
            CaseSystemRefused: it answered with anything but success.
            CheckFailed: it could not be reached.
        """
        value = strict_json.loads(copy)
        timestamp = str(int(at.timestamp()))
        signed = f"{delivery_id}.{timestamp}.".encode() + strict_json.dumps(value)
        mac = hmac.digest(self._secret, signed, hashlib.sha256)
        reply = await self._http.post(
            self._url,
            json=value,
            headers={
                "webhook-id": delivery_id,
                "webhook-timestamp": timestamp,
                "webhook-signature": "v1," + base64.b64encode(mac).decode("ascii"),
            },
            max_bytes=_MAX_REPLY_BYTES,
        )
        if reply.status not in _TAKEN:
            raise CaseSystemRefused(str(reply.status))
