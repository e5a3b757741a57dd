"""Token requests and responses: pre-authorised code and refreshing (OpenID4VCI 1.0, 6).

`code_request` has the token request of the authorization code flow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from openid4vc.credential_details import DETAIL_TYPE, details_json, read_details
from openid4vc.openid4vci.errors import (
    InvalidAuthorizationDetails,
    InvalidRequest,
    ParameterRepeated,
    TxCodeMissing,
    TxCodeNotExpected,
    UnsupportedGrantType,
)
from openid4vc.openid4vci.wallet_errors import MalformedTokenResponse
from openid4vc.shapes import Shape

TokenType = Literal["Bearer", "DPoP"]
"""How an access token is shown: by itself, or with a proof of the key that it is bound to."""

GRANT: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
REFRESH_GRANT: Final = "refresh_token"
TOKEN_TYPE: Final = "Bearer"  # noqa: S105 - an OAuth word, no secret
MAX_BEARER_LIFETIME: Final = timedelta(minutes=5)
"""Bearer tokens that nothing binds to the wallet may not live longer (13.10)."""
MAX_BOUND_LIFETIME: Final = timedelta(hours=1)

MAX_CODE_CHARS: Final = 1_024
MAX_TX_CODE_CHARS: Final = 64
MAX_CLIENT_ID_CHARS: Final = 256
MAX_TOKEN_CHARS: Final = 8_192
MAX_REFRESH_TOKEN_CHARS: Final = 8_192
MAX_LIFETIME_SECONDS: Final = 10 * 366 * 86_400
MAX_IDENTIFIERS: Final = 64

_FORM: Final = Shape(ParameterRepeated)
_REQUEST: Final = Shape(InvalidRequest)
_RESPONSE: Final = Shape(MalformedTokenResponse)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a wallet sends for an access token."""

    code: str = field(repr=False)
    tx_code: str | None = field(default=None, repr=False)
    client_id: str | None = None
    details: frozenset[str] | None = None
    """The configuration ids of its authorization details; None without such (6.1.1)."""


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """What it gets.

    `expires_in` is in seconds. `credential_identifiers` holds, by configuration id, the
    identifiers that the wallet then has to use instead of the configuration id (8.2). With a
    `refresh_token` the wallet gets another access token when this one has ended.
    """

    access_token: str = field(repr=False)
    expires_in: int | None = None
    credential_identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refresh_token: str | None = field(default=None, repr=False)


def read_token_request(pairs: Sequence[tuple[str, str]]) -> TokenRequest:
    """Read the form of a token request; unknown parameters are ignored (6.1).

    A parameter without a value counts as left out (RFC 6749 3.2).

    Args:
        pairs: the form, repeated names included.

    Raises:
        ParameterRepeated: a name occurs twice, or there are too many.
        UnsupportedGrantType: another `grant_type`.
        InvalidRequest: no `grant_type` or no `pre-authorized_code`, something is too long, or a
            `client_id` with characters that it may not have (RFC 6749 A.1).
        InvalidAuthorizationDetails: no JSON array of `openid_credential` objects.
    """
    form = _FORM.single_values(pairs)
    grant_type = _REQUEST.text(form.get("grant_type"), "grant_type")
    if grant_type != GRANT:
        raise UnsupportedGrantType("grant_type")
    return TokenRequest(
        code=_REQUEST.text(
            form.get("pre-authorized_code"), "pre-authorized_code", max_chars=MAX_CODE_CHARS
        ),
        tx_code=_REQUEST.optional_text(
            form.get("tx_code") or None, "tx_code", max_chars=MAX_TX_CODE_CHARS
        ),
        client_id=client_id_of(form),
        details=read_details(
            form.get("authorization_details") or None, InvalidAuthorizationDetails
        ),
    )


def client_id_of(form: Mapping[str, str]) -> str | None:
    """Return the `client_id` of a token request, None without one.

    Raises:
        InvalidRequest: too long, or with characters that it may not have (RFC 6749 A.1).
    """
    client_id = _REQUEST.optional_text(
        form.get("client_id") or None, "client_id", max_chars=MAX_CLIENT_ID_CHARS
    )
    if client_id is not None and not (client_id.isascii() and client_id.isprintable()):
        raise InvalidRequest("client_id has a character not allowed")
    return client_id


def read_refresh_request(pairs: Sequence[tuple[str, str]]) -> str | None:
    """Return the refresh token of a form that asks for another access token (RFC 6749 6).

    Args:
        pairs: the form, repeated names included.

    Returns:
        The token, or None when the form asks for something else.

    Raises:
        ParameterRepeated: a name occurs twice, or there are too many.
        InvalidRequest: no `refresh_token`, or one too long.
    """
    form = _FORM.single_values(pairs)
    if form.get("grant_type") != REFRESH_GRANT:
        return None
    return _REQUEST.text(
        form.get("refresh_token"), "refresh_token", max_chars=MAX_REFRESH_TOKEN_CHARS
    )


def refresh_request_form(refresh_token: str) -> dict[str, str]:
    """Return the form that asks for another access token (RFC 6749 6)."""
    return {"grant_type": REFRESH_GRANT, "refresh_token": refresh_token}


def check_tx_code_sent(request: TokenRequest, *, expected: bool) -> None:
    """Check that a transaction code came exactly when the offer asked for one (6.3).

    Raises:
        TxCodeMissing: it was asked for and did not come.
        TxCodeNotExpected: it came without being asked for.
    """
    if expected and request.tx_code is None:
        raise TxCodeMissing("tx_code is required")
    if not expected and request.tx_code is not None:
        raise TxCodeNotExpected("tx_code is not expected")


def token_request_form(
    code: str, *, tx_code: str | None = None, details: Sequence[str] = ()
) -> dict[str, str]:
    """Return the form of an anonymous token request (6.1).

    Args:
        code: the pre-authorised code.
        tx_code: the transaction code.
        details: configuration ids to ask for by authorization details (6.1.1).
    """
    form = {"grant_type": GRANT, "pre-authorized_code": code}
    if tx_code is not None:
        form["tx_code"] = tx_code
    if details:
        form["authorization_details"] = details_json(details)
    return form


def token_response(
    access_token: str,
    *,
    lifetime: timedelta,
    refresh_token: str | None = None,
    identifiers: Mapping[str, Sequence[str]] | None = None,
    token_type: TokenType = TOKEN_TYPE,
) -> dict[str, object]:
    """Return the body of a token response (6.2); it carries no nonce.

    Args:
        access_token: the token.
        lifetime: how long it works.
        refresh_token: for another one afterwards.
        identifiers: by configuration id, what to ask for by; for who sent authorization details.
        token_type: `DPoP` for a token that is bound to a key (RFC 9449 5).

    Raises:
        ValueError: a lifetime that a token may not have: hardly any while nothing binds it (13.10).
    """
    longest = MAX_BEARER_LIFETIME if token_type == TOKEN_TYPE else MAX_BOUND_LIFETIME
    if not timedelta(seconds=1) <= lifetime <= longest:
        raise ValueError("a Bearer token lives for at most five minutes, a bound one for an hour")
    body: dict[str, object] = {
        "access_token": access_token,
        "token_type": token_type,
        "expires_in": int(lifetime.total_seconds()),
    }
    if refresh_token is not None:
        body["refresh_token"] = refresh_token
    if identifiers:
        body["authorization_details"] = [
            {
                "type": DETAIL_TYPE,
                "credential_configuration_id": name,
                "credential_identifiers": list(values),
            }
            for name, values in identifiers.items()
        ]
    return body


def read_token_response(data: object, *, token_type: TokenType = TOKEN_TYPE) -> TokenResponse:
    """Read a token response from parsed JSON; unknown members are ignored, `c_nonce` too (6.2).

    Args:
        data: the body.
        token_type: `DPoP` when the request proved a key, so that the token has to be bound to it
            (RFC 9449 5).

    Raises:
        MalformedTokenResponse: no token, one of another type, or a member of the wrong type.
    """
    members = _RESPONSE.members(data, "token response")
    found = _RESPONSE.text(members.get("token_type"), "token_type")
    if found.lower() != token_type.lower():
        raise MalformedTokenResponse(f"not a {token_type} token")
    expires_in = None
    if "expires_in" in members:
        expires_in = _RESPONSE.integer(
            members["expires_in"], "expires_in", at_least=0, at_most=MAX_LIFETIME_SECONDS
        )
    return TokenResponse(
        access_token=_RESPONSE.text(
            members.get("access_token"), "access_token", max_chars=MAX_TOKEN_CHARS
        ),
        expires_in=expires_in,
        credential_identifiers=_identifiers(members),
        refresh_token=_RESPONSE.optional_text(
            members.get("refresh_token"), "refresh_token", max_chars=MAX_REFRESH_TOKEN_CHARS
        ),
    )


def _identifiers(members: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    if "authorization_details" not in members:
        return {}
    details = _RESPONSE.array(members["authorization_details"], "authorization_details")
    entries = [_RESPONSE.members(detail, "authorization detail") for detail in details]
    return {
        _RESPONSE.text(
            entry.get("credential_configuration_id"), "credential_configuration_id"
        ): _RESPONSE.texts(
            entry.get("credential_identifiers"),
            "credential_identifiers",
            max_items=MAX_IDENTIFIERS,
        )
        for entry in entries
        if entry.get("type") == DETAIL_TYPE
    }
