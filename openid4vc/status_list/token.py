"""The signed token around a status list: made, and believed (Token Status List 5.1, 8.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from keys import strict_json
from keys.checks import ChainMissing
from keys.jose import UnverifiedJws, parse_jws, sign_jws, verify_jws, x5c_from, x5c_header
from keys.ports import Signer
from keys.trust import TrustedIssuer
from keys.x509 import LeafProfile, validate_chain
from openid4vc import limits
from openid4vc.checks import (
    CredentialRevoked,
    CredentialSuspended,
    MalformedStatusList,
    MalformedStatusToken,
    StatusListForOtherUri,
    StatusListFromFuture,
    StatusListStale,
    StatusValueUnknown,
)
from openid4vc.status_list.bits import Status, StatusList

TYPE: Final = "statuslist+jwt"
MEDIA_TYPE: Final = "application/statuslist+jwt"


@dataclass(frozen=True, slots=True)
class PinnedListKey:
    """Take status lists that this one key signed."""

    key: ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class VerifiedStatusList:
    """A status list whose signer, dates and URI were checked.

    `expires_at` and `ttl` are None when the token does not name them.
    """

    uri: str
    issued_at: datetime
    expires_at: datetime | None
    ttl: timedelta | None
    entries: StatusList

    def status_at(self, index: int) -> Status:
        """Return what the list says about the credential with this index.

        Raises:
            StatusIndexOutOfRange: nothing can be said; the credential is to be rejected (8.3).
            StatusValueUnknown: a value that we do not know, which is never valid (7.1).
        """
        value = self.entries.get(index)
        try:
            return Status(value)
        except ValueError:
            raise StatusValueUnknown from None

    def check(self, index: int) -> None:
        """Check that the credential with this index is in force.

        Raises:
            CredentialRevoked, CredentialSuspended: the list says so.
            StatusIndexOutOfRange, StatusValueUnknown: as `status_at`.
        """
        match self.status_at(index):
            case Status.VALID:
                return
            case Status.INVALID:
                raise CredentialRevoked
            case Status.SUSPENDED:
                raise CredentialSuspended

    def fresh_until(self, fetched_at: datetime, *, otherwise: timedelta) -> datetime:
        """Return when a copy fetched then should be fetched anew (8.3, 11.5).

        Args:
            fetched_at: when this copy was fetched.
            otherwise: how long a copy without `ttl` lasts. No `ttl` counts for over 7 days.
        """
        lasts = min(self.ttl or otherwise, limits.MAX_STATUS_TTL)
        until = fetched_at + lasts
        return until if self.expires_at is None else min(until, self.expires_at)


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
    seconds = int(ttl.total_seconds())
    if seconds <= 0 or expires_at <= issued_at:
        raise MalformedStatusToken("validity")
    payload = {
        "sub": uri,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "ttl": seconds,
        "status_list": {"bits": status_list.bits, "lst": status_list.lst()},
    }
    header = {"typ": TYPE, "x5c": x5c_header(signer.certificate_chain)}
    return sign_jws(header, strict_json.dumps(payload), signer)


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
    verify_jws(jws, _signer_key(jws, issuer, at), typ=TYPE)
    content = strict_json.loads_object(jws.payload, max_bytes=limits.MAX_STATUS_TOKEN_CHARS)
    # 4.1. It is the list that the credential names.
    if _required(content, "sub") != uri:
        raise StatusListForOtherUri
    # 4.2. It was issued before now, and is in force.
    issued_at = _date(content, "iat")
    begins = _date(content, "nbf") if "nbf" in content else issued_at
    if max(issued_at, begins) > at + leeway:
        raise StatusListFromFuture
    # 4.3. It has not expired.
    expires_at = _date(content, "exp") if "exp" in content else None
    if expires_at is not None and expires_at <= at:
        raise StatusListStale
    # 4.4. A time to live is positive.
    ttl = _ttl(content["ttl"]) if "ttl" in content else None
    # 5. It inflates to a list.
    return VerifiedStatusList(uri, issued_at, expires_at, ttl, _entries(content))


def _signer_key(
    jws: UnverifiedJws, issuer: TrustedIssuer | PinnedListKey, at: datetime
) -> ec.EllipticCurvePublicKey:
    if isinstance(issuer, PinnedListKey):
        return issuer.key
    chain = validate_chain(
        x5c_from(jws.header),
        issuer.status_anchors,
        at=at,
        profile=LeafProfile.STATUS_LIST_SIGNER,
    )
    return chain.public_key


def _entries(content: Mapping[str, object]) -> StatusList:
    status_list = _required(content, "status_list")
    if not isinstance(status_list, dict):
        raise MalformedStatusToken("status_list")
    bits, lst = status_list.get("bits"), status_list.get("lst")
    if not isinstance(bits, int) or not isinstance(lst, str):
        raise MalformedStatusList("bits or lst")
    return StatusList.from_lst(lst, bits=bits)


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
