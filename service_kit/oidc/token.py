"""Reads an ID token: signed by the provider, for us, for this sign-in, of this moment."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, cast

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from keys import strict_json
from keys.checks import CheckFailed
from keys.jose import parse_jws
from service_kit.oidc.model import Expected, Refusals

# Signatures with a public key only; never one with the shared secret, never none (RFC 8725 3.2).
ALGORITHMS: Final = ("ES256", "ES384", "PS256", "RS256")
_LEEWAY: Final = timedelta(seconds=60)
_MAX_CHARS: Final = 32_768

FetchJson = Callable[[str], Awaitable[Mapping[str, object]]]


class TokenReader:
    """See the module text. The provider's keys are kept until a token names another one.

    Args:
        fetch: reads a JSON object from an address of the provider.
        refusals: what to raise.
    """

    def __init__(self, fetch: FetchJson, refusals: Refusals) -> None:
        self._fetch = fetch
        self._refusals = refusals
        self._keys: KeySet | None = None

    async def read(self, token: str, *, keys_at: str, expected: Expected) -> Mapping[str, object]:
        """Return the claims of a token that holds (OpenID Connect Core 3.1.3.7).

        Raises:
            Refusals.token_forged: not signed by the provider.
            Refusals.token_unfit: for somebody else, another sign-in, or another time.
            Refusals.unavailable: the provider's keys cannot be had.
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
            raise self._refusals.token_unfit(type(failure).__name__) from failure
        self._check_rest(claims, expected)
        return claims

    async def _verified(
        self, token: str, keys_at: str
    ) -> tuple[Mapping[str, object], Mapping[str, object]]:
        try:
            header = parse_jws(token, max_chars=_MAX_CHARS).header
        except CheckFailed as failure:
            raise self._refusals.token_forged(failure.code) from failure
        kept = self._keys
        keys = kept or await self._read_keys(keys_at)
        try:
            payload = self._payload(token, keys)
        except self._refusals.token_forged:
            if kept is None:
                raise
            payload = self._payload(token, await self._read_keys(keys_at))  # it may have a new key
        try:
            return header, strict_json.loads_object(payload)
        except CheckFailed as failure:
            raise self._refusals.token_forged(failure.code) from failure

    async def _read_keys(self, keys_at: str) -> KeySet:
        held = await self._fetch(keys_at)
        try:
            self._keys = KeySet.import_key_set(cast("Any", held))
        except (JoseError, KeyError, TypeError, ValueError) as failure:
            raise self._refusals.unavailable("keys") from failure
        return self._keys

    def _payload(self, token: str, keys: KeySet) -> bytes:
        try:
            return jws.deserialize_compact(token, keys, algorithms=list(ALGORITHMS)).payload
        except (JoseError, TypeError, ValueError) as failure:
            raise self._refusals.token_forged(type(failure).__name__) from failure

    def _check_rest(self, claims: Mapping[str, object], expected: Expected) -> None:
        """Check what Authlib leaves us: for us alone, of a moment ago, of a level that does."""
        unfit = self._refusals.token_unfit
        if claims.get("aud") not in (expected.client_id, [expected.client_id]):
            raise unfit("audience")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise unfit("subject")
        signed_in = claims.get("auth_time")
        oldest = (expected.at - expected.max_age - _LEEWAY).timestamp()
        if not isinstance(signed_in, int | float) or signed_in < oldest:
            raise unfit("signed in long ago")
        if expected.levels and claims.get("acr") not in expected.levels:
            raise unfit("level of assurance")
