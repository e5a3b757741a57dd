"""Reads an ID token: signed by the provider, for us, for this sign-in, of this moment."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from keys import strict_json
from keys.checks import CheckFailed
from keys.jose import parse_jws
from verifier.usecases.staff_failures import (
    ProviderTokenForged,
    ProviderTokenUnfit,
    ProviderUnavailable,
)

# Signatures with a public key only; never one with the shared secret, never none (RFC 8725 3.2).
ALGORITHMS: Final = ("ES256", "ES384", "PS256", "RS256")
_LEEWAY: Final = timedelta(seconds=60)
_MAX_CHARS: Final = 32_768

FetchJson = Callable[[str], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must say."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    at: datetime
    max_age: timedelta


class TokenReader:
    """See the module text. The provider's keys are kept until a token names another one.

    Args:
        fetch: reads a JSON object from an address of the provider.
    """

    def __init__(self, fetch: FetchJson) -> None:
        self._fetch = fetch
        self._keys: KeySet | None = None

    async def read(self, token: str, *, keys_at: str, expected: Expected) -> Mapping[str, object]:
        """Return the claims of a token that holds (OpenID Connect Core 3.1.3.7).

        Raises:
            ProviderTokenForged: not signed by the provider.
            ProviderTokenUnfit: for somebody else, another sign-in, or another time.
            ProviderUnavailable: the provider's keys cannot be had.
        """
        header, claims = await self._verified(token, keys_at)
        try:
            CodeIDToken(
                claims,
                header,
                options={
                    "iss": {"essential": True, "value": expected.issuer},
                    "sub": {"essential": True},
                    "aud": {"essential": True, "value": expected.client_id},
                },
                params={
                    "nonce": expected.nonce,
                    "client_id": expected.client_id,
                    "access_token": expected.access_token,
                    "max_age": int(expected.max_age.total_seconds()),
                },
            ).validate(now=int(expected.at.timestamp()), leeway=int(_LEEWAY.total_seconds()))
        except (JoseError, TypeError, ValueError) as failure:
            raise ProviderTokenUnfit(type(failure).__name__) from failure
        _check_rest(claims, expected)
        return claims

    async def _verified(
        self, token: str, keys_at: str
    ) -> tuple[Mapping[str, object], Mapping[str, object]]:
        try:
            header = parse_jws(token, max_chars=_MAX_CHARS).header
        except CheckFailed as failure:
            raise ProviderTokenForged(failure.code) from failure
        kept = self._keys
        keys = kept or await self._read_keys(keys_at)
        try:
            payload = _payload(token, keys)
        except ProviderTokenForged:
            if kept is None:
                raise
            payload = _payload(token, await self._read_keys(keys_at))  # it may have a new key
        try:
            return header, strict_json.loads_object(payload)
        except CheckFailed as failure:
            raise ProviderTokenForged(failure.code) from failure

    async def _read_keys(self, keys_at: str) -> KeySet:
        held = await self._fetch(keys_at)
        try:
            self._keys = KeySet.import_key_set(cast("Any", held))
        except (JoseError, KeyError, TypeError, ValueError) as failure:
            raise ProviderUnavailable("keys") from failure
        return self._keys


def _payload(token: str, keys: KeySet) -> bytes:
    try:
        return jws.deserialize_compact(token, keys, algorithms=list(ALGORITHMS)).payload
    except (JoseError, TypeError, ValueError) as failure:
        raise ProviderTokenForged(type(failure).__name__) from failure


def _check_rest(claims: Mapping[str, object], expected: Expected) -> None:
    """Check what Authlib leaves to us: the audience is we alone, and the sign-in is fresh."""
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise ProviderTokenUnfit("audience")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise ProviderTokenUnfit("subject")
    signed_in = claims.get("auth_time")
    oldest = (expected.at - expected.max_age - _LEEWAY).timestamp()
    if not isinstance(signed_in, int | float) or signed_in < oldest:
        raise ProviderTokenUnfit("signed in long ago")
