"""The token request of the authorization code flow (OpenID4VCI 1.0, 6.1; RFC 6749 4.1.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from openid4vc.credential_details import details_json, read_details
from openid4vc.openid4vci.errors import (
    InvalidAuthorizationDetails,
    InvalidRequest,
    ParameterRepeated,
)
from openid4vc.openid4vci.token import MAX_CODE_CHARS, client_id_of
from openid4vc.shapes import Shape

CODE_GRANT: Final = "authorization_code"
MAX_VERIFIER_CHARS: Final = 1_024

_FORM: Final = Shape(ParameterRepeated)
_REQUEST: Final = Shape(InvalidRequest)


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """What a wallet sends for an access token after the browser came back.

    Attributes:
        redirect_uri: has to be the one that the code went to.
        code_verifier: for `check_code_verifier`; None when there is none.
        client_id: None when only the attestation says it.
        details: configuration ids to narrow the token to (6.1.1); None for all.
    """

    code: str = field(repr=False)
    redirect_uri: str | None = None
    code_verifier: str | None = field(default=None, repr=False)
    client_id: str | None = None
    details: frozenset[str] | None = None


def read_code_request(pairs: Sequence[tuple[str, str]]) -> CodeRequest | None:
    """Read a token request with an authorization code; unknown parameters are ignored.

    A parameter without a value counts as left out (RFC 6749 3.2).

    Args:
        pairs: the form, repeated names included.

    Returns:
        The request, or None when the form asks by another grant.

    Raises:
        ParameterRepeated: a name occurs twice, or there are too many.
        InvalidRequest: no `code`, something is too long, or a `client_id` that can be none.
        InvalidAuthorizationDetails: no JSON array of `openid_credential` objects.
    """
    form = _FORM.single_values(pairs)
    if form.get("grant_type") != CODE_GRANT:
        return None
    return CodeRequest(
        code=_REQUEST.text(form.get("code"), "code", max_chars=MAX_CODE_CHARS),
        redirect_uri=_REQUEST.optional_text(form.get("redirect_uri") or None, "redirect_uri"),
        code_verifier=_REQUEST.optional_text(
            form.get("code_verifier") or None, "code_verifier", max_chars=MAX_VERIFIER_CHARS
        ),
        client_id=client_id_of(form),
        details=read_details(
            form.get("authorization_details") or None, InvalidAuthorizationDetails
        ),
    )


def code_request_form(request: CodeRequest) -> dict[str, str]:
    """Return the form of a token request with an authorization code."""
    form = {
        "grant_type": CODE_GRANT,
        "code": request.code,
        "redirect_uri": request.redirect_uri,
        "code_verifier": request.code_verifier,
        "client_id": request.client_id,
        "authorization_details": (
            None if request.details is None else details_json(sorted(request.details))
        ),
    }
    return {name: value for name, value in form.items() if value is not None}
