"""Metadata as the issuer publishes them (OpenID4VCI 1.0, 12.2; RFC 8414)."""

from collections.abc import Iterable, Mapping
from typing import Final

from credential_schemas.model import LANGS, ClaimDefinition, CredentialType, Label
from openid4vc.credential_details import DETAIL_TYPE
from openid4vc.dcql.query import SD_JWT_VC
from openid4vc.openid4vci.credential import MAX_PROOFS
from openid4vc.openid4vci.encryption import encryption_metadata
from openid4vc.openid4vci.issuer_id import (
    AUTHORIZATION_SERVER,
    CREDENTIAL_ISSUER,
    issuer_identifier,
    well_known,
)
from openid4vc.openid4vci.read_metadata import (
    AuthorizationServerMetadata,
    Configuration,
    IssuerMetadata,
    read_authorization_server_metadata,
    read_issuer_metadata,
)
from openid4vc.openid4vci.token import GRANT, REFRESH_GRANT

__all__ = [
    "AUTHORIZATION_SERVER",
    "CREDENTIAL_ISSUER",
    "AuthorizationServerMetadata",
    "Configuration",
    "IssuerMetadata",
    "authorization_server_metadata",
    "issuer_identifier",
    "issuer_metadata",
    "read_authorization_server_metadata",
    "read_issuer_metadata",
    "well_known",
]

ALGORITHM: Final = "ES256"


def issuer_metadata(
    issuer: str,
    *,
    names: Label,
    types: Iterable[CredentialType],
    request_key: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return the credential issuer metadata of one organisation (12.2.4).

    The endpoints lie below the issuer identifier: `/credential`, `/deferred-credential`, `/nonce`,
    `/notification`. The organisation is its own authorization server. A configuration's id and
    scope are the type's id.

    Args:
        issuer: the credential issuer identifier, without a slash at the end.
        names: the organisation's display names.
        types: what it issues.
        request_key: its public encryption key; without one nothing is encrypted.
    """
    encryption = {} if request_key is None else encryption_metadata(request_key)
    return {
        "credential_issuer": issuer,
        "credential_endpoint": f"{issuer}/credential",
        "nonce_endpoint": f"{issuer}/nonce",
        "deferred_credential_endpoint": f"{issuer}/deferred-credential",
        "notification_endpoint": f"{issuer}/notification",
        "batch_credential_issuance": {"batch_size": MAX_PROOFS},
        **encryption,
        "display": _display(names),
        "credential_configurations_supported": {one.id: _configuration(one) for one in types},
    }


def authorization_server_metadata(issuer: str) -> dict[str, object]:
    """Return the authorization server metadata of one organisation (12.3; RFC 8414 2).

    Only the pre-authorised code grant for anonymous wallets is offered, and refreshing what it
    gave, so that `response_types_supported` is left out, as 12.2.4 allows.
    """
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "grant_types_supported": [GRANT, REFRESH_GRANT],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_details_types_supported": [DETAIL_TYPE],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def _configuration(credential_type: CredentialType) -> dict[str, object]:
    return {
        "format": SD_JWT_VC,
        "vct": credential_type.vct,
        "scope": credential_type.id,
        "cryptographic_binding_methods_supported": ["jwk"],
        "credential_signing_alg_values_supported": [ALGORITHM],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": [ALGORITHM]}},
        "credential_metadata": {
            "display": _display(credential_type.title),
            "claims": [_claim(claim) for claim in credential_type.claims.values()],
        },
    }


def _claim(claim: ClaimDefinition) -> dict[str, object]:
    return {"path": [claim.name], "display": _display(claim.label)}


def _display(label: Label) -> list[dict[str, str]]:
    return [{"name": label[lang], "locale": lang} for lang in LANGS]
