"""What a message says and how it is signed (Standard Webhooks 1.0.0).

The signature is HMAC-SHA256 over `id.timestamp.body` under the organisation's own secret. Secrets
and message ids are derived from the vault's key, so the records hold neither.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from issuer.ports import Vault
from issuer.ports.webhooks import Endpoint, Message
from issuer.usecases.webhooks.signature import secret_as_told, signed_headers


def secret_text(vault: Vault, endpoint: Endpoint) -> str:
    """Return the signing secret as the organisation holds it: `whsec_` and base64 of 32 bytes."""
    return secret_as_told(_secret(vault, endpoint.organisation, endpoint.secret_id))


def message_id(vault: Vault, message: Message) -> str:
    """Return the message's id on the wire: the same for every attempt, and no count of anything."""
    return f"evt_{vault.mac('webhook-message', str(message.number)).hex()[:32]}"


def body_of(message: Message) -> dict[str, object]:
    """Return what is told: the event, when it happened, whose and which object, and its state."""
    kind = message.event.partition(".")[0]
    data = {"organisation": message.organisation, f"{kind}_id": message.object_id}
    if message.state is not None:
        data["state"] = message.state
    return {"type": message.event, "timestamp": _rfc3339(message.at), "data": data}


def headers_of(
    vault: Vault,
    endpoint: Endpoint,
    message: Message,
    body: Mapping[str, object],
    *,
    at: datetime,
) -> dict[str, str]:
    """Return id, time of this attempt, and signatures; two while an earlier secret still counts."""
    secret_ids = [endpoint.secret_id]
    is_changing = endpoint.earlier_until is not None and at < endpoint.earlier_until
    if endpoint.earlier_secret_id is not None and is_changing:
        secret_ids.append(endpoint.earlier_secret_id)
    return signed_headers(
        message_id(vault, message),
        body,
        at=at,
        secrets=[_secret(vault, endpoint.organisation, one) for one in secret_ids],
    )


def _secret(vault: Vault, organisation: str, secret_id: str) -> str:
    return vault.secret_text("webhook-secret", organisation, secret_id)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
