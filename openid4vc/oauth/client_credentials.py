"""Token requests and responses of the client credentials grant (RFC 6749 4.4, RFC 7521 4.2)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from openid4vc.oauth.client_assertion import (
    ASSERTION_TYPE,
    MAX_ASSERTION_CHARS,
    MAX_CLIENT_ID_CHARS,
)
from openid4vc.oauth.errors import (
    AssertionMissing,
    GrantTypeNotTaken,
    TokenRequestMalformed,
)
from openid4vc.shapes import Shape

GRANT: Final = "client_credentials"
MAX_SCOPE_CHARS: Final = 4_096

_REQUEST: Final = Shape(TokenRequestMalformed)
_ASSERTION: Final = Shape(AssertionMissing)


@dataclass(frozen=True, slots=True)
class ClientCredentialsRequest:
    """What a client sends for an access token.

    Attributes:
        scopes: what it asks for; None for all that it may have.
        client_id: who it says it is, when it says so outside the assertion, too.
    """

    assertion: str = field(repr=False)
    scopes: frozenset[str] | None
    client_id: str | None


def read_token_request(pairs: Sequence[tuple[str, str]]) -> ClientCredentialsRequest:
    """Read the form of a token request; unknown parameters are ignored (RFC 6749 3.2).

    Args:
        pairs: the form, repeated names included.

    Raises:
        GrantTypeNotTaken: another grant type.
        AssertionMissing: no `client_assertion`, or of another type than a JWT.
        TokenRequestMalformed: a parameter is missing, repeated or too long.
    """
    form = _REQUEST.single_values(pairs)
    # 1. The grant for machines
    if _REQUEST.text(form.get("grant_type"), "grant_type") != GRANT:
        raise GrantTypeNotTaken("grant_type")
    # 2. An assertion, the one way of showing who it is that we take
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise AssertionMissing("client_assertion_type")
    assertion = _ASSERTION.text(
        form.get("client_assertion"), "client_assertion", max_chars=MAX_ASSERTION_CHARS
    )
    # 3. What it is for
    scope = _REQUEST.optional_text(form.get("scope") or None, "scope", max_chars=MAX_SCOPE_CHARS)
    client_id = _REQUEST.optional_text(
        form.get("client_id") or None, "client_id", max_chars=MAX_CLIENT_ID_CHARS
    )
    return ClientCredentialsRequest(
        assertion=assertion,
        scopes=None if scope is None else frozenset(scope.split(" ")) - {""},
        client_id=client_id,
    )


def token_response(
    access_token: str, *, lifetime: timedelta, scopes: Collection[str]
) -> dict[str, object]:
    """Return the body of a token response (RFC 6749 5.1); there is no refresh token (4.4.3)."""
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(lifetime.total_seconds()),
        "scope": " ".join(sorted(scopes)),
    }
