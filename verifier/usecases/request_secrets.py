"""What a request must remember until it is answered, sealed at rest under the service's own key."""

import base64
from dataclasses import dataclass, field

from keys import strict_json
from keys.jose import EncryptionKey
from keys.seal import seal, unseal
from openid4vc.dcql.query import Query, parse_query, query_json

SEAL_NONCE_BYTES = 12
_MAX_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class RequestSecrets:
    """The signed request as it is served, and what its response is checked against."""

    signed_request: str = field(repr=False)
    client_id: str
    nonce: str = field(repr=False)
    state: str = field(repr=False)
    key: EncryptionKey = field(repr=False)
    query: Query


class SecretSealer:
    """Seals and opens `RequestSecrets`; the verification's id is bound in.

    Args:
        key: 32 bytes, the service's own.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, secrets: RequestSecrets, *, verification_id: str, nonce: bytes) -> bytes:
        """Return the sealed secrets. `nonce` is 12 fresh random bytes."""
        plain = strict_json.dumps(
            {
                "request": secrets.signed_request,
                "client_id": secrets.client_id,
                "nonce": secrets.nonce,
                "state": secrets.state,
                "key": base64.b64encode(secrets.key.to_private_bytes()).decode("ascii"),
                "query": query_json(secrets.query),
            }
        )
        return seal(self._key, plain, aad=_bound_to(verification_id), nonce=nonce)

    def open(self, sealed: bytes, *, verification_id: str) -> RequestSecrets:
        """Open sealed secrets.

        Raises:
            SealBroken: they were changed, or belong to another verification.
        """
        plain = unseal(self._key, sealed, aad=_bound_to(verification_id))
        held = strict_json.loads_object(plain, max_bytes=_MAX_BYTES)
        return RequestSecrets(
            signed_request=str(held["request"]),
            client_id=str(held["client_id"]),
            nonce=str(held["nonce"]),
            state=str(held["state"]),
            key=EncryptionKey.from_private_bytes(base64.b64decode(str(held["key"]))),
            query=parse_query(held["query"]),
        )


def _bound_to(verification_id: str) -> bytes:
    return b"kykylompakko verification secrets 1\x00" + verification_id.encode("ascii")
