"""The wallets' messages as they stand in the OpenAPI document: forms, JSON, JWS and JWE.

What is inside those that are signed or encrypted is described in docs/wire-forms.md.
"""

from collections.abc import Mapping
from typing import Final

from openid4vc.oauth.client_assertion import ASSERTION_TYPE
from openid4vc.oauth.client_attestation import MAX_CLIENT_ID_CHARS
from openid4vc.oauth.client_credentials import GRANT as CLIENT_CREDENTIALS
from openid4vc.openid4vci import credential, deferred, notification, token
from openid4vc.openid4vci.code_request import CODE_GRANT
from openid4vc.openid4vci.encryption import MEDIA_TYPE as JWT
from openid4vc.openid4vci.key_attestation import MAX_ATTESTATION_CHARS
from openid4vc.openid4vci.proof import MAX_PROOF_CHARS
from service_kit.described import (
    COMPACT_JWE,
    COMPACT_JWS,
    EXAMPLE_JWE,
    EXAMPLE_JWS,
    JSON,
    OAUTH_ERROR,
    Json,
    Responses,
    content,
    fails,
    members,
    ref,
    takes,
    text,
)

ACCESS_TOKEN: Final[Json] = {"security": [{"AccessToken": []}, {"BoundAccessToken": []}]}
"""Of an operation that takes an access token of `/{org}/token`."""
SECURITY: Final[Mapping[str, Json]] = {
    "AccessToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "A wallet's access token of /{org}/token",
    },
    "BoundAccessToken": {
        "type": "http",
        "scheme": "dpop",
        "description": "One that is bound to a key, with a DPoP header beside it (RFC 9449 7.1)",
    },
}

_REASONS: Final[Mapping[int, str]] = {
    400: "An OAuth 2.0 or OpenID4VCI error object",
    401: "The access token is missing or no good",
    404: "No such organisation, or nothing of that name",
    406: "Accept rules out every form of a status list",
    408: "The body did not arrive in time",
    413: "The body is too large",
    415: "Another Content-Type than this endpoint takes",
    422: "This organisation issues no such card",
    501: "Lists of the past (time=) are not kept",
    503: "No list of wallet providers is in force here, so that no wallet can be judged",
}
_CODE: Final = "9K5xYp2hVf0c"
_CARD: Final = "statement_feedback"
_VCT: Final = "urn:kykylompakko:statement-feedback:1"
_URI: Final = text(format="uri")
_SECONDS: Final[Json] = {"type": "integer", "minimum": 1, "description": "Seconds"}
_BEARER: Final = {"access_token": text(), "token_type": {"const": "Bearer"}, "expires_in": _SECONDS}
_BOUND_OR_NOT: Final = {**_BEARER, "token_type": {"enum": ["Bearer", "DPoP"]}}
_TRANSACTION: Final = text(deferred.MAX_TRANSACTION_ID_CHARS)
_ENCRYPTION: Final = {
    **members(
        {"jwk": {"type": "object"}, "enc": {"enum": ["A128GCM", "A256GCM"]}},
        {"alg": {"const": "ECDH-ES", "description": "As old drafts had it; the key's own counts"}},
    ),
    "description": "How to encrypt the answer; only in a request that is itself encrypted",
}
_KEY: Final = {
    "kty": "EC",
    "crv": "P-256",
    "alg": "ECDH-ES",
    "use": "enc",
    "kid": "1",
    "x": "TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
    "y": "ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ",
}
_PROOF_LIST: Final = {
    "type": "array",
    "items": text(MAX_PROOF_CHARS),
    "minItems": 1,
    "maxItems": credential.MAX_PROOFS,
}
_ONE_ATTESTATION: Final = {
    "type": "array",
    "items": text(MAX_ATTESTATION_CHARS),
    "minItems": 1,
    "maxItems": 1,
}
_PROOFS: Final = {
    **members({}, {"jwt": _PROOF_LIST, "attestation": _ONE_ATTESTATION}),
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}
_ONE_CARD: Final = {"credential_configuration_id": _CARD, "proofs": {"jwt": [EXAMPLE_JWS]}}

SCHEMAS: Final[Mapping[str, Json]] = {
    "CompactJws": COMPACT_JWS,
    "CompactJwe": COMPACT_JWE,
    "OAuthError": OAUTH_ERROR,
    "CredentialOffer": members(
        {
            "credential_issuer": _URI,
            "credential_configuration_ids": {"type": "array", "items": text(), "minItems": 1},
            "grants": members({token.GRANT: members({"pre-authorized_code": text()})}),
        },
        {},
        {
            "credential_issuer": "https://issuer.example/mallimaa",
            "credential_configuration_ids": [_CARD],
            "grants": {
                token.GRANT: {
                    "pre-authorized_code": _CODE,
                    "tx_code": {"input_mode": "numeric", "length": 6},
                }
            },
        },
    ),
    "TokenRequest": {
        **members(
            {"grant_type": {"enum": [CODE_GRANT, token.GRANT, token.REFRESH_GRANT]}},
            {
                "pre-authorized_code": text(token.MAX_CODE_CHARS),
                "tx_code": text(token.MAX_TX_CODE_CHARS),
                "authorization_details": text(contentMediaType=JSON),
                "refresh_token": text(token.MAX_REFRESH_TOKEN_CHARS),
                "code": text(token.MAX_CODE_CHARS),
                "redirect_uri": text(),
                "code_verifier": text(),
                "client_id": text(MAX_CLIENT_ID_CHARS),
            },
            {"grant_type": token.GRANT, "pre-authorized_code": _CODE, "tx_code": "493536"},
            {"grant_type": token.REFRESH_GRANT, "refresh_token": _CODE},
        ),
        "oneOf": [
            {
                "properties": {"grant_type": {"const": token.GRANT}},
                "required": ["pre-authorized_code"],
            },
            {
                "properties": {"grant_type": {"const": token.REFRESH_GRANT}},
                "required": ["refresh_token"],
            },
            {
                "properties": {"grant_type": {"const": CODE_GRANT}},
                "required": ["code", "redirect_uri", "code_verifier"],
            },
        ],
    },
    "TokenResponse": members(
        _BOUND_OR_NOT,
        {
            "refresh_token": text(),
            "authorization_details": {"type": "array", "items": {"type": "object"}},
        },
    ),
    "PushedRequest": members(
        {
            "response_type": {"const": "code"},
            "client_id": text(MAX_CLIENT_ID_CHARS),
            "redirect_uri": text(),
            "code_challenge": text(),
            "code_challenge_method": {"const": "S256"},
        },
        {
            "scope": text(),
            "authorization_details": text(contentMediaType=JSON),
            "state": text(),
            "issuer_state": text(),
            "dpop_jkt": text(),
        },
        {
            "response_type": "code",
            "client_id": "example-wallet",
            "redirect_uri": "http://127.0.0.1:43210/callback",
            "scope": _CARD,
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        },
    ),
    "PushedResponse": members({"request_uri": text(), "expires_in": _SECONDS}),
    "AttestationChallenge": members({"attestation_challenge": text()}),
    "NonceResponse": members({"c_nonce": text()}),
    "CredentialRequest": {
        **members(
            {"proofs": _PROOFS},
            {
                "credential_configuration_id": text(credential.MAX_ID_CHARS),
                "credential_identifier": text(credential.MAX_ID_CHARS),
                "credential_response_encryption": _ENCRYPTION,
            },
            _ONE_CARD,
            {**_ONE_CARD, "credential_response_encryption": {"jwk": _KEY, "enc": "A256GCM"}},
        ),
        "oneOf": [
            {"required": ["credential_configuration_id"]},
            {"required": ["credential_identifier"]},
        ],
    },
    "CredentialResponse": members(
        {
            "credentials": {
                "type": "array",
                "items": members({"credential": text(description="An SD-JWT VC")}),
                "minItems": 1,
            }
        },
        {"notification_id": text()},
        {"credentials": [{"credential": f"{EXAMPLE_JWS}~"}], "notification_id": "3fwe98js"},
    ),
    "DeferredCredentialRequest": members(
        {"transaction_id": _TRANSACTION},
        {
            deferred.REPORTS_FOLLOW: {"type": "boolean"},
            "credential_response_encryption": _ENCRYPTION,
        },
        {"transaction_id": _CODE, deferred.REPORTS_FOLLOW: True},
    ),
    "DeferredCredentialResponse": members(
        {"transaction_id": _TRANSACTION, "interval": _SECONDS},
        {},
        {"transaction_id": _CODE, "interval": 300},
    ),
    "NotificationRequest": members(
        {
            "notification_id": text(notification.MAX_ID_CHARS),
            "event": {"enum": [one.value for one in notification.Event]},
        },
        {"event_description": text()},
        {"notification_id": "3fwe98js", "event": "credential_accepted"},
    ),
    "SystemTokenRequest": members(
        {
            "grant_type": {"const": CLIENT_CREDENTIALS},
            "client_assertion_type": {"const": ASSERTION_TYPE},
            "client_assertion": text(
                description="A JWT signed with ES256; see docs/issuing-systems.md"
            ),
        },
        {"scope": text(description="For example offer:statement_feedback; all when absent")},
        {
            "grant_type": CLIENT_CREDENTIALS,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": EXAMPLE_JWS,
            "scope": f"offer:{_CARD}",
        },
    ),
    "SystemTokenResponse": members({**_BEARER, "scope": text()}),
    "RevocationStart": members({"vct": text()}, {}, {"vct": _VCT}),
    "RevocationLink": members({"request_link": text(description="An openid4vp: link")}),
    "RevocationAnswer": members({"response": ref("CompactJwe")}, {}, {"response": EXAMPLE_JWE}),
    "RevocationOutcome": members({"outcome": text()}),
    "StatusListAggregation": members({"status_lists": {"type": "array", "items": _URI}}),
    "IssuerMetadata": members(
        {
            "credential_issuer": _URI,
            "credential_endpoint": _URI,
            "credential_configurations_supported": {"type": "object"},
        }
    ),
    "AuthorizationServerMetadata": members({"issuer": _URI, "token_endpoint": _URI}),
    "TypeMetadata": members({"vct": text()}),
    "Definitions": members({"definitions": {"type": "array", "items": text()}}),
    "Definition": {"type": "object"},
}


def takes_proofs(*, attestation: bool) -> Json:
    """Return the headers by which a wallet proves itself.

    Args:
        attestation: whether it has to say which wallet it is.
    """
    required = {"OAuth-Client-Attestation": attestation, "OAuth-Client-Attestation-PoP": False}
    return {
        "parameters": [
            {"name": name, "in": "header", "required": is_required, "schema": text()}
            for name, is_required in {**required, "DPoP": False}.items()
        ]
    }


def takes_message(name: str) -> Json:
    """Return the request body of JSON in the clear, or of the same JSON in a JWE."""
    return takes(content(JSON, name), content(JWT, "CompactJwe"))


def statuses(*codes: int) -> Responses:
    """Return how a wallet's endpoint fails: with error objects (RFC 6749 5.2)."""
    return fails({code: _REASONS[code] for code in codes}, content(JSON, "OAuthError"))
