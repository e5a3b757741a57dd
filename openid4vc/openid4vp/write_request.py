"""Requests as the verifier signs them (OpenID4VP 1.0, 5; HAIP 1.0, 5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from keys import strict_json
from keys.jose import sign_jws, x5c_header
from keys.ports import Signer
from openid4vc.dcql.query import SD_JWT_VC, Query, parse_query, query_json
from openid4vc.openid4vp.client_id import check_certificate, check_prefix, check_response_host
from openid4vc.openid4vp.errors import MalformedRequest, NonceMalformed
from openid4vc.shapes import Shape

REQUEST_TYPE: Final = "oauth-authz-req+jwt"
AUDIENCE: Final = "https://self-issued.me/v2"
RESPONSE_TYPE: Final = "vp_token"
RESPONSE_MODE: Final = "direct_post.jwt"
ENC_VALUES: Final = ("A128GCM", "A256GCM")
ALGORITHMS: Final = ("ES256",)
PROFILE_FORMAT: Final = "urn:kykylompakko:request-profile:1"
"""The `verifier_info` entry that names one of our request profiles."""

OWN_NONCE_CHARS: Final = 22
"""128 bits as base64url: what our own nonces and states have at least."""
MAX_NONCE_CHARS: Final = 512

_URL_SAFE: Final = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)
_NONCE: Final = Shape(NonceMalformed)
_OURS: Final = Shape(MalformedRequest)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a verifier asks.

    Attributes:
        client_id: the full identifier, prefix included; the audience of key binding.
        response_uri: where the encrypted answer goes.
        nonce: fresh for this request, at least 128 bits, URL-safe characters only.
        state: fresh for this request; None only in requests of other verifiers.
        query: what is asked for.
        encryption_jwk: the public key for the answer, with `kid` and `alg`, fresh as well.
        profile_id: the request profile that `verifier_info` names, if it names one.
        enc_values: content encryptions that the verifier takes.
        transaction_data: what the answer is to bring about, as it travels (`transaction_data`).
    """

    client_id: str
    response_uri: str
    nonce: str
    state: str | None
    query: Query
    encryption_jwk: Mapping[str, object]
    profile_id: str | None = None
    enc_values: tuple[str, ...] = ENC_VALUES
    transaction_data: tuple[str, ...] = ()


def sign_request(
    request: AuthorizationRequest,
    *,
    signer: Signer,
    issued_at: datetime,
    expires_at: datetime | None = None,
    wallet_nonce: str | None = None,
) -> str:
    """Return the signed request object, a compact JWS for `application/oauth-authz-req+jwt`.

    Args:
        request: what is asked.
        signer: the verifier's access key, with its certificate chain.
        issued_at: now.
        expires_at: when wallets are to refuse the request.
        wallet_nonce: what a wallet sent when it fetched the request by POST (5.10.1).

    Raises:
        ClientIdPrefixNotSupported: `client_id` has no prefix that we take.
        ClientIdNotOfCertificate: `client_id` is not that of the signer's certificate.
        ResponseUriOfAnotherHost: `client_id` is a DNS name, and not that of `response_uri`.
        NonceMalformed: nonce or state break 5.2 or are shorter than 128 bits.
        MalformedQuery: or a subclass; the query breaks a rule that wallets check.
        MalformedRequest: the encryption key has no `kid` or `alg`.
    """
    check_prefix(request.client_id)
    check_certificate(request.client_id, next(iter(signer.certificate_chain), b""))
    check_response_host(request.client_id, request.response_uri)
    payload = _payload(request)
    payload["iat"] = int(issued_at.timestamp())
    if expires_at is not None:
        payload["exp"] = int(expires_at.timestamp())
    if wallet_nonce is not None:
        payload["wallet_nonce"] = _OURS.text(wallet_nonce, "wallet_nonce")
    header = {"typ": REQUEST_TYPE, "x5c": x5c_header(signer.certificate_chain)}
    return sign_jws(header, strict_json.dumps(payload), signer)


def url_safe(value: object, what: str, *, min_chars: int = 1) -> str:
    """Return a nonce or state (5.2): letters, digits and `-._~`.

    Raises:
        NonceMalformed: absent, other characters, or too short or too long.
    """
    text = _NONCE.text(value, what, max_chars=MAX_NONCE_CHARS)
    if len(text) < min_chars or not _URL_SAFE.fullmatch(text):
        raise NonceMalformed(f"{what} is too short or not URL-safe")
    return text


def format_values() -> dict[str, object]:
    """Return what we take of SD-JWT VC, as an entry of `vp_formats_supported` (B.3.4)."""
    algorithms = list(ALGORITHMS)
    return {"sd-jwt_alg_values": algorithms, "kb-jwt_alg_values": algorithms}


def _payload(request: AuthorizationRequest) -> dict[str, object]:
    query = query_json(request.query)
    parse_query(query)
    payload: dict[str, object] = {
        "aud": AUDIENCE,
        "response_type": RESPONSE_TYPE,
        "response_mode": RESPONSE_MODE,
        "client_id": request.client_id,
        "response_uri": request.response_uri,
        "nonce": url_safe(request.nonce, "nonce", min_chars=OWN_NONCE_CHARS),
        "state": url_safe(request.state, "state", min_chars=OWN_NONCE_CHARS),
        "dcql_query": query,
        "client_metadata": _client_metadata(request),
    }
    if request.profile_id is not None:
        payload["verifier_info"] = [
            {"format": PROFILE_FORMAT, "data": {"profile": request.profile_id}}
        ]
    if request.transaction_data:
        payload["transaction_data"] = list(request.transaction_data)
    return payload


def _client_metadata(request: AuthorizationRequest) -> dict[str, object]:
    jwk = dict(request.encryption_jwk)
    for member in ("kid", "alg"):
        _OURS.text(jwk.get(member), f"encryption key {member}")
    return {
        "jwks": {"keys": [jwk]},
        "encrypted_response_enc_values_supported": list(request.enc_values),
        "vp_formats_supported": {SD_JWT_VC: format_values()},
    }
