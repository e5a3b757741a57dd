"""What the OpenID4VP tests share: a demo PKI, one good request, and requests bent by hand."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from keys import strict_json
from keys.devkeys import DemoPki, make_demo_pki
from keys.jose import EncryptionKey, parse_jws, sign_jws, x5c_header
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.query import ClaimsQuery, CredentialQuery, Query
from openid4vc.openid4vp.request import (
    AuthorizationRequest,
    RequestLink,
    TrustedRequest,
    read_request,
    sign_request,
    x509_hash,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "openid4vp"

AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
LIFE = timedelta(minutes=5)
NONCE = "n-0S6_WzA2Mj.0123456789"
STATE = "s-0S6_WzA2Mj~0123456789"
VCT = "urn:kykylompakko:statement-feedback:1"
RESPONSE_URI = "https://desk.example.fi/responses/7"
QUERY = Query(
    (
        CredentialQuery(
            "statement_feedback", "dc+sd-jwt", (VCT,), (ClaimsQuery(("family_name",), "c1"),)
        ),
    )
)
KEY = EncryptionKey.generate()


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


@cache
def pki() -> DemoPki:
    return make_demo_pki(at=AT)


def desk() -> SoftwareSigner:
    return pki().signer("te-toimisto-malli", "access")


def client_id() -> str:
    return x509_hash(desk().certificate_chain[0])


def link() -> RequestLink:
    return RequestLink(client_id(), "https://desk.example.fi/requests/7")


def request(**changes: Any) -> AuthorizationRequest:
    members: dict[str, Any] = {
        "client_id": client_id(),
        "response_uri": RESPONSE_URI,
        "nonce": NONCE,
        "state": STATE,
        "query": QUERY,
        "encryption_jwk": KEY.public_jwk,
        "profile_id": "te_service_need",
        **changes,
    }
    return AuthorizationRequest(**members)


def signed() -> str:
    return sign_request(request(), signer=desk(), issued_at=AT, expires_at=AT + LIFE)


def payload() -> dict[str, Any]:
    return dict(strict_json.loads_object(parse_jws(signed()).payload))


def bent(
    *,
    without: tuple[str, ...] = (),
    header: Mapping[str, object] | None = None,
    signer: SoftwareSigner | None = None,
    **changes: object,
) -> str:
    """Sign the good request with members changed or left out."""
    signer = signer or desk()
    members = {**payload(), **changes}
    for name in without:
        del members[name]
    full = {
        "typ": "oauth-authz-req+jwt",
        "x5c": x5c_header(signer.certificate_chain),
        **(header or {}),
    }
    return sign_jws(
        {name: value for name, value in full.items() if value is not None},
        strict_json.dumps(members),
        signer,
    )


def read(text: str, **changes: Any) -> TrustedRequest:
    options: dict[str, Any] = {"link": link(), "trust": pki().trust_list, "at": AT, **changes}
    return read_request(text, **options)
