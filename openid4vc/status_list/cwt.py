"""The signed token around a status list in its compact binary form (Token Status List 5.2, 8.3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from keys import cbor, cose
from keys.checks import ChainMissing
from keys.ports import Signer
from keys.trust import TrustedIssuer
from openid4vc import limits
from openid4vc.checks import MalformedStatusList
from openid4vc.status_list.bits import StatusList
from openid4vc.status_list.claims import Wanted, believed, signer_key, token_claims
from openid4vc.status_list.model import PinnedListKey, VerifiedStatusList

MEDIA_TYPE: Final = "application/statuslist+cwt"

# Claim keys of RFC 8392 and of the draft (5.2), in the order of deterministic encoding.
_KEYS: Final[Mapping[str, int]] = {
    "sub": 2,
    "exp": 4,
    "nbf": 5,
    "iat": 6,
    "status_list": 65_533,
    "ttl": 65_534,
}


def sign_status_list_cwt(
    status_list: StatusList,
    *,
    uri: str,
    issued_at: datetime,
    expires_at: datetime,
    ttl: timedelta,
    signer: Signer,
) -> bytes:
    """Return the status list token as a CWT: a COSE_Sign1 with its tag, without the CWT tag (5.2).

    Args:
        status_list: the entries.
        uri: where the token is served, as the credentials name it.
        issued_at: now.
        expires_at: until when the token may be believed.
        ttl: how long a copy may be kept; whole seconds, positive.
        signer: the organisation's status list signer; its chain goes into `x5chain`.

    Raises:
        ChainMissing: the signer has no certificates.
        MalformedStatusToken: `ttl` or the validity is not positive.
    """
    if not signer.certificate_chain:
        raise ChainMissing("signer has no chain")
    claims = token_claims(uri=uri, issued_at=issued_at, expires_at=expires_at, ttl=ttl)
    claims["status_list"] = status_list_map(status_list)
    payload = {key: claims[name] for name, key in _KEYS.items() if name in claims}
    return cose.sign_sign1(cbor.dumps(payload), typ=MEDIA_TYPE, signer=signer)


def status_list_map(status_list: StatusList) -> dict[str, object]:
    """Return a list as the CBOR map that it travels in (4.3)."""
    written: dict[str, object] = {
        "lst": status_list.compressed(),
        "bits": status_list.bits,
    }
    if status_list.aggregation_uri:
        written["aggregation_uri"] = status_list.aggregation_uri
    return written


def read_status_list_cwt(
    data: bytes,
    *,
    uri: str,
    issuer: TrustedIssuer | PinnedListKey,
    at: datetime,
    leeway: timedelta = limits.LEEWAY,
) -> VerifiedStatusList:
    """Verify a status list token in CWT form; arguments as `token.read_status_list` (8.3).

    Raises:
        MalformedCose, WrongTokenType, AlgorithmNotAllowed, SignatureInvalid, ...: see `keys.cose`.
        MalformedCbor: signed, but not CBOR.
        ChainMissing, ChainNotTrusted, ...: see `keys.x509`.
        MalformedStatusToken, StatusListForOtherUri, StatusListFromFuture, StatusListStale,
        MalformedStatusList, StatusListTooLarge: as their classes say.
    """
    # 3. Signed, as a status list, by the one who may speak for this issuer.
    message = cose.parse_sign1(data, max_bytes=limits.MAX_STATUS_TOKEN_CHARS)
    key = signer_key(lambda: cose.x5chain_from(message), issuer, at)
    cose.verify_sign1(message, key, typ=MEDIA_TYPE)
    claims = cbor.loads_map(message.payload, max_bytes=limits.MAX_STATUS_TOKEN_CHARS)
    content = {name: claims[key] for name, key in _KEYS.items() if key in claims}
    # 4. and 5. What it says.
    return believed(content, Wanted(uri, at, leeway), entries=read_status_list_map)


def read_status_list_map(status_list: Mapping[str, object]) -> StatusList:
    """Read the map that a list travels in (4.3).

    Raises:
        MalformedStatusList: `bits` or `lst`.
        StatusListTooLarge: it would inflate to more than allowed.
    """
    bits, lst = status_list.get("bits"), status_list.get("lst")
    if not isinstance(bits, int) or not isinstance(lst, bytes):
        raise MalformedStatusList("bits or lst")
    return StatusList.from_compressed(lst, bits=bits)
