"""What both forms of a status list token say beside the list: written and checked once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from keys.trust import TrustedIssuer
from keys.x509 import LeafProfile, validate_chain
from openid4vc import limits
from openid4vc.checks import (
    MalformedStatusList,
    MalformedStatusToken,
    StatusListForOtherUri,
    StatusListFromFuture,
    StatusListStale,
)
from openid4vc.status_list.bits import StatusList
from openid4vc.status_list.model import PinnedListKey, VerifiedStatusList


def token_claims(
    *, uri: str, issued_at: datetime, expires_at: datetime, ttl: timedelta
) -> dict[str, object]:
    """Return the claims of a token but for the list, by their JWT names (5.1).

    Raises:
        MalformedStatusToken: `ttl` or the validity is not positive.
    """
    seconds = int(ttl.total_seconds())
    if seconds <= 0 or expires_at <= issued_at:
        raise MalformedStatusToken("validity")
    return {
        "sub": uri,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "ttl": seconds,
    }


def signer_key(
    chain: Callable[[], tuple[bytes, ...]], issuer: TrustedIssuer | PinnedListKey, at: datetime
) -> ec.EllipticCurvePublicKey:
    """Return the key of the one who may sign this issuer's status lists.

    Args:
        chain: returns the token's certificates; not asked when the key is pinned.
        issuer: the credential's issuer; its status anchors decide, not its issuing ones.
        at: now.

    Raises:
        ChainMissing, ChainNotTrusted, ...: see `keys.x509`.
    """
    if isinstance(issuer, PinnedListKey):
        return issuer.key
    return validate_chain(
        chain(), issuer.status_anchors, at=at, profile=LeafProfile.STATUS_LIST_SIGNER
    ).public_key


@dataclass(frozen=True, slots=True)
class Wanted:
    """The list that a credential names, and the time to judge by."""

    uri: str
    at: datetime
    leeway: timedelta


def believed(
    content: Mapping[str, object],
    wanted: Wanted,
    *,
    entries: Callable[[Mapping[str, object]], StatusList],
) -> VerifiedStatusList:
    """Check the claims of a token whose signature is right, and read its list (8.3).

    Args:
        content: the claims by their JWT names.
        wanted: what is expected of them.
        entries: reads the list out of the claim `status_list`.

    Raises:
        MalformedStatusToken, StatusListForOtherUri, StatusListFromFuture, StatusListStale,
        MalformedStatusList, StatusListTooLarge: as their classes say.
    """
    # 4.1. It is the list that the credential names.
    if _required(content, "sub") != wanted.uri:
        raise StatusListForOtherUri
    # 4.2. It was issued before now, and is in force.
    issued_at = _date(content, "iat")
    begins = _date(content, "nbf") if "nbf" in content else issued_at
    if max(issued_at, begins) > wanted.at + wanted.leeway:
        raise StatusListFromFuture
    # 4.3. It has not expired.
    expires_at = _date(content, "exp") if "exp" in content else None
    if expires_at is not None and expires_at <= wanted.at:
        raise StatusListStale
    # 4.4. A time to live is positive.
    ttl = _ttl(content["ttl"]) if "ttl" in content else None
    # 5. It inflates to a list.
    status_list = _required(content, "status_list")
    if not isinstance(status_list, dict):
        raise MalformedStatusToken("status_list")
    read = entries(status_list)
    read.aggregation_uri = _aggregation_uri(status_list)
    return VerifiedStatusList(wanted.uri, issued_at, expires_at, ttl, read)


def _required(content: Mapping[str, object], name: str) -> object:
    if name not in content:
        raise MalformedStatusToken(name)
    return content[name]


def _date(content: Mapping[str, object], name: str) -> datetime:
    seconds = limits.numeric_date(_required(content, name))
    if seconds is None:
        raise MalformedStatusToken(name)
    return datetime.fromtimestamp(seconds, UTC)


def _ttl(value: object) -> timedelta:
    seconds = limits.numeric_date(value)
    if not seconds:
        raise MalformedStatusToken("ttl")
    # Beyond the longest time that we would keep a copy, all are alike.
    return timedelta(seconds=min(seconds, limits.MAX_STATUS_TTL.total_seconds()))


def _aggregation_uri(status_list: Mapping[str, object]) -> str | None:
    uri = status_list.get("aggregation_uri")
    if uri is not None and not (isinstance(uri, str) and len(uri) <= limits.MAX_URI_CHARS):
        raise MalformedStatusList("aggregation_uri")
    return uri
