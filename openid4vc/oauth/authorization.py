"""Authorization requests, which are pushed first, and the link that begins them (RFC 9126)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from openid4vc.credential_details import details_json, read_details
from openid4vc.oauth.errors import (
    AuthorizationDetailsMalformed,
    AuthorizationRequestMalformed,
    CodeChallengeMethodNotTaken,
    CodeChallengeMissing,
    PushedRequestMissing,
    RequestByReference,
    ResponseTypeNotTaken,
)
from openid4vc.oauth.pkce import METHOD, is_code_challenge
from openid4vc.oauth.redirects import MAX_STATE_CHARS, check_redirect_uri
from openid4vc.oauth.wallet_errors import PushedResponseMalformed
from openid4vc.shapes import Shape

REQUEST_URI_PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
RESPONSE_TYPE: Final = "code"
MAX_CLIENT_ID_CHARS: Final = 256
MAX_SCOPE_CHARS: Final = 4_096
MAX_ISSUER_STATE_CHARS: Final = 1_024
MAX_REQUEST_URI_CHARS: Final = 512
MAX_LIFETIME_SECONDS: Final = 3_600

_REQUEST: Final = Shape(AuthorizationRequestMalformed)
_RESPONSE: Final = Shape(PushedResponseMalformed)
_PRINTABLE: Final = re.compile(r"[ -~]+", re.ASCII)  # VSCHAR (RFC 6749 A.1, A.5)


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """What a wallet asks for; only its form has been checked.

    Attributes:
        scopes: each on its own, ours and unknown ones (VCI 5.1.2).
        details: configuration ids of its authorization details; None without such.
        issuer_state: out of an offer, or injected by somebody else (VCI 5.1.3).
        dpop_jkt: thumbprint of the key that the code is to be bound to (RFC 9449 10).
    """

    client_id: str
    redirect_uri: str
    code_challenge: str
    state: str | None = field(default=None, repr=False)
    scopes: frozenset[str] = frozenset()
    details: frozenset[str] | None = None
    issuer_state: str | None = field(default=None, repr=False)
    dpop_jkt: str | None = None


@dataclass(frozen=True, slots=True)
class PushedResponse:
    """Where the pushed request is kept, and for how long."""

    request_uri: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class AuthorizationQuery:
    """Which pushed request a browser brings, and whose it says it is."""

    client_id: str
    request_uri: str


def read_pushed_request(
    pairs: Sequence[tuple[str, str]], *, location: str | None = None
) -> PushedRequest:
    """Read the form of a pushed authorization request; unknown parameters are ignored (2.1).

    A parameter without a value counts as left out (RFC 6749 3.1).

    Args:
        pairs: the form, repeated names included.
        location: the credential issuer, which `locations` in the details have to name.

    Raises:
        AuthorizationRefused: one of its subclasses.
    """
    form = {name: value for name, value in _REQUEST.single_values(pairs).items() if value}
    # 1. The request itself, and neither another one nor where to find it
    if "request_uri" in form or "request" in form:
        raise RequestByReference("request or request_uri")
    # 2. For a code, in the query
    if _REQUEST.text(form.get("response_type"), "response_type") != RESPONSE_TYPE:
        raise ResponseTypeNotTaken("response_type")
    if form.get("response_mode", "query") != "query":
        raise AuthorizationRequestMalformed("response_mode")
    # 3. Which leads to an address that is the wallet's
    redirect_uri = check_redirect_uri(_REQUEST.text(form.get("redirect_uri"), "redirect_uri"))
    # 4. And is good only for who asks now
    _check_challenge(form)
    return PushedRequest(
        client_id=_client_id(form),
        redirect_uri=redirect_uri,
        code_challenge=form["code_challenge"],
        state=_printable(form, "state", MAX_STATE_CHARS),
        scopes=frozenset((_printable(form, "scope", MAX_SCOPE_CHARS) or "").split(" ")) - {""},
        details=read_details(
            form.get("authorization_details"), AuthorizationDetailsMalformed, location=location
        ),
        issuer_state=_printable(form, "issuer_state", MAX_ISSUER_STATE_CHARS),
        dpop_jkt=_thumbprint(form),
    )


def pushed_request_form(request: PushedRequest, *, location: str | None = None) -> dict[str, str]:
    """Return the form of a pushed authorization request.

    Args:
        request: what is asked for.
        location: the credential issuer, where its metadata name authorization servers.
    """
    form: dict[str, str | None] = {
        "response_type": RESPONSE_TYPE,
        "client_id": request.client_id,
        "redirect_uri": request.redirect_uri,
        "code_challenge": request.code_challenge,
        "code_challenge_method": METHOD,
        "state": request.state,
        "scope": " ".join(sorted(request.scopes)) or None,
        "issuer_state": request.issuer_state,
        "dpop_jkt": request.dpop_jkt,
    }
    if request.details is not None:
        form["authorization_details"] = details_json(sorted(request.details), location=location)
    return {name: value for name, value in form.items() if value is not None}


def pushed_response(request_uri: str, lifetime: timedelta) -> dict[str, object]:
    """Return the body of the answer to a pushed request, status 201 (2.2)."""
    return {"request_uri": request_uri, "expires_in": int(lifetime.total_seconds())}


def read_pushed_response(data: object) -> PushedResponse:
    """Read the answer to a pushed request from parsed JSON; unknown members are ignored (2.2).

    Raises:
        PushedResponseMalformed: no `request_uri`, or no `expires_in` within an hour.
    """
    members = _RESPONSE.members(data, "pushed response")
    lifetime = _RESPONSE.integer(
        members.get("expires_in"), "expires_in", at_least=1, at_most=MAX_LIFETIME_SECONDS
    )
    return PushedResponse(
        request_uri=_RESPONSE.text(
            members.get("request_uri"), "request_uri", max_chars=MAX_REQUEST_URI_CHARS
        ),
        lifetime=timedelta(seconds=lifetime),
    )


def authorization_link(endpoint: str, *, client_id: str, request_uri: str) -> str:
    """Return the address that a wallet opens in the browser (4).

    Args:
        endpoint: the authorization endpoint, whose own query stays.
        client_id: of the wallet.
        request_uri: out of the answer to the pushed request.
    """
    query = urlencode({"client_id": client_id, "request_uri": request_uri})
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{query}"


def read_authorization_query(pairs: Sequence[tuple[str, str]]) -> AuthorizationQuery:
    """Read what a browser brings to the authorization endpoint (4).

    Parameters beside the two are ignored: what was pushed decides.

    Raises:
        PushedRequestMissing: no `request_uri`, or one that no pushed request of ours has.
        AuthorizationRequestMalformed: no `client_id`, or a parameter is repeated.
    """
    query = {name: value for name, value in _REQUEST.single_values(pairs).items() if value}
    request_uri = query.get("request_uri", "")
    if len(request_uri) > MAX_REQUEST_URI_CHARS or not _PRINTABLE.fullmatch(request_uri):
        raise PushedRequestMissing("request_uri")
    if not request_uri.startswith(REQUEST_URI_PREFIX):
        raise PushedRequestMissing("request_uri of another kind")
    return AuthorizationQuery(client_id=_client_id(query), request_uri=request_uri)


def _client_id(form: Mapping[str, str]) -> str:
    _REQUEST.text(form.get("client_id"), "client_id")
    return _printable(form, "client_id", MAX_CLIENT_ID_CHARS) or ""


def _printable(form: Mapping[str, str], name: str, max_chars: int) -> str | None:
    value = _REQUEST.optional_text(form.get(name), name, max_chars=max_chars)
    if value is not None and not _PRINTABLE.fullmatch(value):
        raise AuthorizationRequestMalformed(f"{name} has a character not allowed")
    return value


def _check_challenge(form: Mapping[str, str]) -> None:
    if not is_code_challenge(form.get("code_challenge", "")):
        raise CodeChallengeMissing("code_challenge")
    if form.get("code_challenge_method") != METHOD:
        raise CodeChallengeMethodNotTaken("code_challenge_method")


def _thumbprint(form: Mapping[str, str]) -> str | None:
    value = form.get("dpop_jkt")
    if value is not None and not is_code_challenge(value):  # the same form: SHA-256 in base64url
        raise AuthorizationRequestMalformed("dpop_jkt is no thumbprint")
    return value
