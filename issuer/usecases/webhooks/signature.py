"""The signature of Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from keys import strict_json
from keys.base64url import b64url_decode

SECRET_PREFIX = "whsec_"  # noqa: S105  a word of the specification


def secret_as_told(secret: str) -> str:
    """Return a secret as its receiver holds it: `whsec_` and base64 of its bytes.

    Args:
        secret: 32 bytes as base64url, as `Vault.secret_text` gives them.
    """
    return SECRET_PREFIX + base64.b64encode(b64url_decode(secret)).decode("ascii")


def signed_headers(
    identifier: str, body: Mapping[str, object], *, at: datetime, secrets: Sequence[str]
) -> dict[str, str]:
    """Return id, time of this attempt, and a signature by each secret.

    Args:
        identifier: the message's id.
        body: what is sent, by `keys.strict_json.dumps`.
        at: when it is sent.
        secrets: as `Vault.secret_text` gives them.
    """
    timestamp = str(int(at.timestamp()))
    signed = f"{identifier}.{timestamp}.".encode() + strict_json.dumps(body)
    signatures = [hmac.digest(b64url_decode(one), signed, hashlib.sha256) for one in secrets]
    return {
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            "v1," + base64.b64encode(one).decode("ascii") for one in signatures
        ),
    }
