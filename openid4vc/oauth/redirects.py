"""Where an authorization may lead back to, and with what (RFC 6749 4.1.2, 8252 7, 9207)."""

import re
from collections.abc import Mapping
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from openid4vc.oauth.errors import RedirectUriNotAllowed
from openid4vc.oauth.wallet_errors import (
    AuthorizationDenied,
    AuthorizationOfOtherServer,
    AuthorizationOfOtherSession,
    AuthorizationResponseMalformed,
)
from openid4vc.shapes import Shape

MAX_REDIRECT_URI_CHARS: Final = 2_048
MAX_CODE_CHARS: Final = 1_024
MAX_STATE_CHARS: Final = 1_024
MAX_RESPONSE_CHARS: Final = 8_192
MAX_ERROR_CHARS: Final = 64

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_URI: Final = re.compile(r"[!#-;=?-Z_a-z~%\[\]]+", re.ASCII)  # RFC 3986 2, no other character
_PLACE: Final = re.compile(  # no sign that would end, or widen, a rule about where browsers may go
    r"([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:[0-9]+)?", re.ASCII | re.IGNORECASE
)
_PRIVATE_USE: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)
_ERROR: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+", re.ASCII)
_OURS: Final = frozenset({"code", "state", "iss", "error", "error_description", "response"})
_RESPONSE: Final = Shape(AuthorizationResponseMalformed)


def check_redirect_uri(uri: str) -> str:
    """Return a redirect URI that a wallet may have: https, or its own on the device (RFC 8252 7).

    https, http on loopback with any port, or a scheme of private use, which has a dot. Never a
    fragment, a user, or parameters that are the response's own.

    Raises:
        RedirectUriNotAllowed: anything else, such as `javascript:` or `data:`.
    """
    if len(uri) > MAX_REDIRECT_URI_CHARS or not _URI.fullmatch(uri) or "#" in uri:
        raise RedirectUriNotAllowed("no plain URI")
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise RedirectUriNotAllowed("no URI") from None
    if "@" in parts.netloc:
        raise RedirectUriNotAllowed("a user in it")
    if parts.scheme in {"http", "https"} and not _PLACE.fullmatch(parts.netloc):
        raise RedirectUriNotAllowed("no plain host")
    is_web = parts.scheme == "https"
    is_loopback = parts.scheme == "http" and host in _LOOPBACK
    if not (is_web or is_loopback or _PRIVATE_USE.fullmatch(parts.scheme)):
        raise RedirectUriNotAllowed("scheme")
    if {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} & _OURS:
        raise RedirectUriNotAllowed("a parameter of the response in it")
    return uri


def success_redirect(redirect_uri: str, *, code: str, state: str | None, issuer: str) -> str:
    """Return where the browser goes with the code (RFC 6749 4.1.2; RFC 9207 2)."""
    return _with(redirect_uri, {"code": code, "state": state, "iss": issuer})


def error_redirect(redirect_uri: str, *, error: str, state: str | None, issuer: str) -> str:
    """Return where the browser goes without a code (RFC 6749 4.1.2.1; RFC 9207 2)."""
    return _with(redirect_uri, {"error": error, "state": state, "iss": issuer})


def read_authorization_response(
    url: str, *, issuer: str, state: str | None, issuer_must_be_named: bool
) -> str:
    """Return the code that came back through the browser.

    Args:
        url: the redirect URI as it was called, with its query.
        issuer: the authorization server that was asked.
        state: what the request was made with.
        issuer_must_be_named: its metadata have `authorization_response_iss_parameter_supported`.

    Raises:
        AuthorizationOfOtherServer: `iss` differs, or is missing although it is promised.
        AuthorizationOfOtherSession: `state` differs.
        AuthorizationDenied: an error.
        AuthorizationResponseMalformed: no code, a parameter twice, or both a code and an error.
    """
    answer = _parameters(url)
    # 1. By the server that was asked, before anything else is believed (RFC 9207 2.4)
    if ("iss" in answer or issuer_must_be_named) and answer.get("iss") != issuer:
        raise AuthorizationOfOtherServer("iss")
    # 2. To the question that was asked
    if not compare_digest(answer.get("state", "").encode(), (state or "").encode()):
        raise AuthorizationOfOtherSession("state")
    # 3. A code, or an error
    if ("code" in answer) == ("error" in answer):
        raise AuthorizationResponseMalformed("not exactly one of code and error")
    if "error" in answer:
        error = _RESPONSE.text(answer["error"], "error", max_chars=MAX_ERROR_CHARS)
        if not _ERROR.fullmatch(error):
            raise AuthorizationResponseMalformed("error is no error code")
        raise AuthorizationDenied(error)
    return _RESPONSE.text(answer["code"], "code", max_chars=MAX_CODE_CHARS)


def _parameters(url: str) -> dict[str, str]:
    if len(url) > MAX_RESPONSE_CHARS:
        raise AuthorizationResponseMalformed("too long")
    try:
        query = urlsplit(url).query
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise AuthorizationResponseMalformed("no parameters") from None
    return _RESPONSE.single_values(pairs)


def _with(uri: str, parameters: Mapping[str, str | None]) -> str:
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    if uri.endswith("?"):
        return uri + query
    return f"{uri}{'&' if urlsplit(uri).query else '?'}{query}"
