"""What a request must remember until it is answered, sealed at rest under the service's own key."""

import base64
from dataclasses import dataclass, field

from keys import strict_json
from keys.jose import EncryptionKey
from keys.seal import seal, unseal
from openid4vc.dcql.query import Query, parse_query, query_json
from openid4vc.openid4vp.request import Method

SEAL_NONCE_BYTES = 12
_MAX_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Return:
    """Where a browser goes on after the wallet on the same device has answered.

    Attributes:
        to: the address; the response code is put behind it.
        session: what the session in that browser is known by, told by whoever began the request.
    """

    to: str
    session: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Way:
    """In which way a wallet is asked.

    Attributes:
        client_id: as whom; the audience of key binding.
        method: how the request is fetched.
        back: where its browser goes on; None when the client is asked on another device.
    """

    client_id: str
    method: Method = "get"
    back: Return | None = None


@dataclass(frozen=True, slots=True)
class RequestSecrets:
    """The signed request as it is served, and what its response is checked against."""

    signed_request: str = field(repr=False)
    way: Way
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
                "way": _way_out(secrets.way),
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
            way=_way_in(held["way"]),
            nonce=str(held["nonce"]),
            state=str(held["state"]),
            key=EncryptionKey.from_private_bytes(base64.b64decode(str(held["key"]))),
            query=parse_query(held["query"]),
        )


def _way_out(way: Way) -> list[str]:
    back = [] if way.back is None else [way.back.to, way.back.session]
    return [way.client_id, way.method, *back]


def _way_in(held: object) -> Way:
    client_id, method, *back = held if isinstance(held, list) else []
    return Way(
        client_id=str(client_id),
        method="post" if method == "post" else "get",
        back=Return(*map(str, back)) if back else None,
    )


def _bound_to(verification_id: str) -> bytes:
    return b"kykylompakko verification secrets 1\x00" + verification_id.encode("ascii")
