"""What a refused wallet is told in `WWW-Authenticate` (RFC 6750 3, RFC 9449 7.1)."""

from starlette.types import Scope

from issuer.usecases.proving.failures import (
    AccessTokenInQuery,
    AccessTokenMissing,
    TokenBoundToKey,
)
from keys.checks import CheckFailed
from openid4vc.oauth.dpop_errors import DpopNonceNeeded, DpopRefused
from openid4vc.openid4vci.errors import InvalidToken

_ALGS = 'algs="ES256"'
_BY_TOKEN = frozenset({"credential", "deferred-credential", "notification"})


def challenge_of(scope: Scope, failure: CheckFailed) -> str | None:
    """Return the header for a failure of the access token, or of the proof that goes with it.

    None for every other failure, and where no access token is asked for: there a proof that does
    not hold is a fault of the request.
    """
    if isinstance(failure, AccessTokenMissing):
        return f"Bearer, DPoP {_ALGS}"
    if isinstance(failure, DpopRefused | DpopNonceNeeded):
        is_by_token = scope["path"].rpartition("/")[2] in _BY_TOKEN
        return _dpop(failure.error) if is_by_token else None
    if isinstance(failure, TokenBoundToKey):
        return _dpop(failure.error)
    if isinstance(failure, InvalidToken | AccessTokenInQuery):
        return _dpop(failure.error) if _is_dpop(scope) else f'Bearer error="{failure.error}"'
    return None


def _dpop(error: str) -> str:
    return f'DPoP error="{error}", {_ALGS}'


def _is_dpop(scope: Scope) -> bool:
    return any(
        name == b"authorization" and value[:5].lower() == b"dpop "
        for name, value in scope["headers"]
    )
