"""How a bundle is written: a compact JWS around parts that are each signed by their own makers.

The payload is JSON: `iat`; `trust_list`, as its operator signed it; `status_lists`, objects of
`issuer`, `uri`, `type`, `token` (base64url) and `fetched_at`; `certificates`, base64url of DER.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from keys import strict_json
from keys.base64url import b64url_encode
from keys.checks import CheckFailed, MalformedJws
from keys.jose import UnverifiedJws, b64url_decode, parse_jws, sign_jws, x5c_header
from keys.ports import Signer
from openid4vc.limits import numeric_date
from openid4vc.status_list.forms import ListToken, form_of
from verifier.usecases.bundle_failures import BundleMalformed

TYPE = "kykylompakko-offline-bundle+jwt"
MAX_CHARS = 64 * 1_048_576
_MAX_LISTS = 4_096
_MAX_CERTIFICATES = 1_024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BundledList:
    """A status list in a bundle; nothing of it is believed yet."""

    issuer: str
    uri: str
    token: ListToken = field(repr=False)
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a desk takes along.

    Attributes:
        made_at: when, in whole seconds.
        trust_list: as its operator signed it.
        status_lists: as their issuers signed them.
        certificates: of issuers, DER, so that answers may name them by hash.
    """

    made_at: datetime
    trust_list: str = field(repr=False)
    status_lists: tuple[BundledList, ...]
    certificates: tuple[bytes, ...]


def write_bundle(bundle: Bundle, *, signer: Signer) -> str:
    """Sign a bundle with the access key of the organisation whose desks it is for."""
    payload = {
        "iat": int(bundle.made_at.timestamp()),
        "trust_list": bundle.trust_list,
        "status_lists": [
            {
                "issuer": one.issuer,
                "uri": one.uri,
                "type": one.token.form.value,
                "token": b64url_encode(one.token.data),
                "fetched_at": int(one.fetched_at.timestamp()),
            }
            for one in bundle.status_lists
        ],
        "certificates": [b64url_encode(der) for der in bundle.certificates],
    }
    header = {"typ": TYPE, "x5c": x5c_header(signer.certificate_chain)}
    return sign_jws(header, strict_json.dumps(payload), signer)


def read_bundle(text: str) -> tuple[UnverifiedJws, Bundle]:
    """Take a bundle apart; neither it nor its parts are verified.

    Raises:
        BundleMalformed: it is none.
    """
    try:
        jws = parse_jws(text.strip(), max_chars=MAX_CHARS)
        content = strict_json.loads_object(jws.payload, max_bytes=MAX_CHARS)
        return jws, Bundle(
            made_at=_time(content, "iat"),
            trust_list=_text(content, "trust_list"),
            status_lists=_each(content, "status_lists", _list, at_most=_MAX_LISTS),
            certificates=_each(content, "certificates", _bytes, at_most=_MAX_CERTIFICATES),
        )
    except BundleMalformed:
        raise
    except CheckFailed as failure:
        raise BundleMalformed(failure.code) from None


def _list(value: object) -> BundledList:
    if not isinstance(value, dict):
        raise BundleMalformed("status list")
    return BundledList(
        issuer=_text(value, "issuer"),
        uri=_text(value, "uri"),
        token=ListToken(form_of(_text(value, "type")), _bytes(value.get("token"))),
        fetched_at=_time(value, "fetched_at"),
    )


def _each(
    content: Mapping[str, object], name: str, read: Callable[[object], T], *, at_most: int
) -> tuple[T, ...]:
    values = content.get(name)
    if not isinstance(values, list) or len(values) > at_most:
        raise BundleMalformed(name)
    return tuple(read(value) for value in values)


def _text(content: Mapping[str, object], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise BundleMalformed(name)
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise BundleMalformed("bytes")
    try:
        return b64url_decode(value)
    except MalformedJws:
        raise BundleMalformed("base64url") from None


def _time(content: Mapping[str, object], name: str) -> datetime:
    seconds = numeric_date(content.get(name))
    if seconds is None:
        raise BundleMalformed(name)
    return datetime.fromtimestamp(seconds, UTC)
