"""The messages as they stand in the OpenAPI document, as far as no model describes them.

What is inside those that are signed or encrypted is described in docs/wire-forms.md.
"""

from collections.abc import Mapping
from typing import Final

from openid4vc.openid4vp.request_post import MAX_WALLET_NONCE_CHARS
from openid4vc.openid4vp.response import MAX_PRESENTATION_CHARS
from openid4vc.openid4vp.withdrawal import Done, Wish
from service_kit.described import (
    COMPACT_JWE,
    COMPACT_JWS,
    EXAMPLE_JWE,
    EXAMPLE_JWS,
    FORM,
    JSON,
    OAUTH_ERROR,
    Json,
    Responses,
    content,
    fails,
    gives,
    members,
    ref,
    text,
)
from verifier.usecases.client_side_model import Reason

REQUEST_TYPE: Final = "application/oauth-authz-req+jwt"
_URI: Final = text(format="uri")
_REASONS: Final[Mapping[int, str]] = {
    400: "The body has another shape, or what it says is not so",
    401: "The API key is missing or no good",
    403: "Not with this API key, result key or code",
    404: "There is no such thing, or not for you",
    408: "The body did not arrive in time",
    409: "The present state does not allow it",
    410: "It is over",
    413: "The body is too large",
    415: "Another Content-Type than is taken here",
    429: "Too many, from there or today",
}

SCHEMAS: Final[Mapping[str, Json]] = {
    "CompactJws": COMPACT_JWS,
    "CompactJwe": COMPACT_JWE,
    "OAuthError": OAUTH_ERROR,
    "AnswerTaken": members(
        {},
        {
            "redirect_uri": {**_URI, "description": "Where to send the browser"},
            "confirmation_code": text(description="To be read out; a member of our own"),
        },
        {
            "redirect_uri": "https://desk.example/c/4Tj0f3kZ",
            "confirmation_code": "4711",
        },
        {},
    ),
    "WithdrawalInvitation": members(
        {
            "nonce": text(),
            "aud": text(),
            "expires_in": {"type": "integer", "minimum": 1, "description": "Seconds"},
        }
    ),
    "Withdrawal": members(
        {"vp_token": text(MAX_PRESENTATION_CHARS)},
        {"request": {"enum": [wish.value for wish in Wish]}},
        {"vp_token": f"{EXAMPLE_JWS}~{EXAMPLE_JWS}", "request": "withdrawal"},
    ),
    "WithdrawalOutcome": members({"outcome": {"enum": [done.value for done in Done]}}),
    "Report": members(
        {"report_id": text(100), "reason": {"enum": [reason.value for reason in Reason]}},
        {
            "profile": {**text(100), "type": ["string", "null"]},
            "receiver": {"type": "object"},
            "asked": {"type": ["array", "null"], "items": text(200), "maxItems": 100},
        },
        {
            "report_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
            "reason": "over_asked",
            "profile": "te_initial_interview",
            "receiver": {"id": "NTRFI-0000065-0"},
        },
    ),
    "Health": members(
        {"status": {"enum": ["ok", "unavailable"]}},
        {"code": text(), "trust_list_age_hours": {"type": ["integer", "null"]}},
    ),
}

REQUEST_FORM: Final = members(
    {},
    {
        "wallet_nonce": text(MAX_WALLET_NONCE_CHARS, pattern=r"^[\x20-\x7e]+$"),
        "wallet_metadata": text(contentMediaType=JSON),
    },
    {"wallet_nonce": "qPmxiNFCR3QTm19POc8u"},
)
RESPONSE_FORM: Final[Json] = {
    **members(
        {},
        {
            "response": ref("CompactJwe"),
            "error": text(64, pattern="^[a-z_]+$"),
            "error_description": text(),
            "state": text(),
        },
        {"response": EXAMPLE_JWE},
        {"error": "access_denied", "state": "af0ifjsldkj"},
    ),
    "anyOf": [{"required": ["response"]}, {"required": ["error", "state"]}],
}


def form(schema: Json, *, required: bool = True) -> Json:
    """Return the request body of a form."""
    return {"requestBody": {"required": required, "content": {FORM: {"schema": schema}}}}


def problems(*codes: int) -> Responses:
    """Return how a call to the interface fails: with problem documents (RFC 9457)."""
    told = {code: _REASONS[code] for code in codes}
    return fails(told, content("application/problem+json", "Problem"))


def errors(*codes: int) -> Responses:
    """Return how a wallet's address fails: with error objects (RFC 6749 5.2)."""
    return fails({code: _REASONS[code] for code in codes}, content(JSON, "OAuthError"))


def signed_request() -> Responses:
    """Return the answer that is a signed request."""
    return gives("The signed request object", content(REQUEST_TYPE, "CompactJws"))
