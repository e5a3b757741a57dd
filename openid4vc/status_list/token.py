"""The signed token around a status list: made, and believed (Token Status List 5.1, 8.3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from keys import strict_json
from keys.checks import ChainMissing
from keys.jose import parse_jws, sign_jws, verify_jws, x5c_from, x5c_header
from keys.ports import Signer
from keys.trust import TrustedIssuer
from openid4vc import limits
from openid4vc.checks import MalformedStatusList
from openid4vc.status_list.bits import StatusList
from openid4vc.status_list.claims import Wanted, believed, signer_key, token_claims
from openid4vc.status_list.model import PinnedListKey, VerifiedStatusList

__all__ = [
    "MEDIA_TYPE",
    "TYPE",
    "PinnedListKey",
    "VerifiedStatusList",
    "read_status_list",
    "sign_status_list",
]

TYPE: Final = "statuslist+jwt"
MEDIA_TYPE: Final = "application/statuslist+jwt"
_AFTER_LST: Final = b'"}}'


def sign_status_list(
    status_list: StatusList,
    *,
    uri: str,
    issued_at: datetime,
    expires_at: datetime,
    ttl: timedelta,
    signer: Signer,
) -> str:
    """Return the status list token as a compact JWS (5.1).

    Args:
        status_list: the entries.
        uri: where the token is served, as the credentials name it.
        issued_at: now.
        expires_at: until when the token may be believed.
        ttl: how long a copy may be kept; whole seconds, positive.
        signer: the organisation's status list signer; its chain goes into `x5c` (HAIP 6.1).

    Raises:
        ChainMissing: the signer has no certificates.
        MalformedStatusToken: `ttl` or the validity is not positive.
    """
    if not signer.certificate_chain:
        raise ChainMissing("signer has no chain")
    claims = token_claims(uri=uri, issued_at=issued_at, expires_at=expires_at, ttl=ttl)
    aggregation = {"aggregation_uri": status_list.aggregation_uri}
    claims["status_list"] = {
        "bits": status_list.bits,
        **(aggregation if status_list.aggregation_uri else {}),
        "lst": "",
    }
    # The list may be a megabyte, none of it to be escaped: it is put in afterwards.
    before = strict_json.dumps(claims).removesuffix(_AFTER_LST)
    payload = b"".join((before, status_list.lst().encode("ascii"), _AFTER_LST))
    header = {"typ": TYPE, "x5c": x5c_header(signer.certificate_chain)}
    return sign_jws(header, payload, signer)


def read_status_list(
    text: str,
    *,
    uri: str,
    issuer: TrustedIssuer | PinnedListKey,
    at: datetime,
    leeway: timedelta = limits.LEEWAY,
) -> VerifiedStatusList:
    """Verify a status list token that was fetched from a credential's `uri` (8.3).

    Args:
        text: the token.
        uri: as the credential names it.
        issuer: the credential's issuer; its status anchors decide, not its issuing ones.
        at: now.
        leeway: how far ahead of our clock `iat` and `nbf` may lie; `exp` gets none.

    Raises:
        MalformedJws, WrongTokenType, AlgorithmNotAllowed, SignatureInvalid, ...: see `keys.jose`.
        ChainMissing, ChainNotTrusted, ...: see `keys.x509`.
        MalformedStatusToken, StatusListForOtherUri, StatusListFromFuture, StatusListStale,
        MalformedStatusList, StatusListTooLarge: as their classes say.
    """
    # 3. Signed, as a status list, by the one who may speak for this issuer.
    jws = parse_jws(text, max_chars=limits.MAX_STATUS_TOKEN_CHARS)
    verify_jws(jws, signer_key(lambda: x5c_from(jws.header), issuer, at), typ=TYPE)
    content = strict_json.loads_object(jws.payload, max_bytes=limits.MAX_STATUS_TOKEN_CHARS)
    # 4. and 5. What it says.
    return believed(content, Wanted(uri, at, leeway), entries=_entries)


def _entries(status_list: Mapping[str, object]) -> StatusList:
    bits, lst = status_list.get("bits"), status_list.get("lst")
    if not isinstance(bits, int) or not isinstance(lst, str):
        raise MalformedStatusList("bits or lst")
    return StatusList.from_lst(lst, bits=bits)
