"""Metadata as the issuer publishes them (OpenID4VCI 1.0, 12.2; RFC 8414)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from credential_schemas.model import LANGS, ClaimDefinition, CredentialType, Label
from openid4vc.credential_details import DETAIL_TYPE
from openid4vc.dcql.query import SD_JWT_VC
from openid4vc.openid4vci.code_request import CODE_GRANT
from openid4vc.openid4vci.credential import ATTESTATION, JWT, MAX_PROOFS
from openid4vc.openid4vci.encryption import encryption_metadata
from openid4vc.openid4vci.issuer_id import (
    AUTHORIZATION_SERVER,
    CREDENTIAL_ISSUER,
    issuer_identifier,
    well_known,
)
from openid4vc.openid4vci.key_attestation import KeyPolicy, key_policy_json
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
    "IssuerDemands",
    "IssuerMetadata",
    "ServerOffers",
    "authorization_server_metadata",
    "issuer_identifier",
    "issuer_metadata",
    "read_authorization_server_metadata",
    "read_issuer_metadata",
    "well_known",
]

ALGORITHM: Final = "ES256"


@dataclass(frozen=True, slots=True)
class IssuerDemands:
    """What an issuer asks of wallets beyond a proof of a key; the metadata say no more than this.

    Attributes:
        takes_key_attestations: it trusts wallet providers, so that they may attest keys.
        key_policies: by type id, how the keys have to be kept; an attestation is required there.
        encrypted: responses have to be encrypted.
    """

    takes_key_attestations: bool = False
    key_policies: Mapping[str, KeyPolicy] = field(default_factory=dict)
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class ServerOffers:
    """What an authorization server has beyond the pre-authorised code for anonymous wallets.

    Attributes:
        codes: authorization codes: people sign in, and requests are pushed first.
        attestations: wallets may show who they are; needed for codes.
        dpop: tokens may be bound to a key.
    """

    codes: bool = False
    attestations: bool = False
    dpop: bool = False


def issuer_metadata(
    issuer: str,
    *,
    names: Label,
    types: Iterable[CredentialType],
    request_key: Mapping[str, object] | None = None,
    demands: IssuerDemands | None = None,
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
        demands: what it asks of wallets; without them nothing.
    """
    demands = demands or IssuerDemands()
    encryption = (
        {}
        if request_key is None
        else encryption_metadata(request_key, is_required=demands.encrypted)
    )
    return {
        "credential_issuer": issuer,
        "credential_endpoint": f"{issuer}/credential",
        "nonce_endpoint": f"{issuer}/nonce",
        "deferred_credential_endpoint": f"{issuer}/deferred-credential",
        "notification_endpoint": f"{issuer}/notification",
        "batch_credential_issuance": {"batch_size": MAX_PROOFS},
        **encryption,
        "display": _display(names),
        "credential_configurations_supported": {
            one.id: _configuration(one, demands) for one in types
        },
    }


def authorization_server_metadata(
    issuer: str, *, offers: ServerOffers | None = None
) -> dict[str, object]:
    """Return the authorization server metadata of one organisation (12.3; RFC 8414 2).

    The endpoints lie below the issuer identifier: `/token`, `/par`, `/authorize`,
    `/attestation-challenge`. Without codes `response_types_supported` is left out (12.2.4).

    Args:
        issuer: the organisation's issuer identifier, without a slash at the end.
        offers: what there is beyond the pre-authorised code and refreshing what it gave.

    Raises:
        ValueError: codes without attestations, which every pushed request has to show.
    """
    offers = offers or ServerOffers()
    if offers.codes and not offers.attestations:
        raise ValueError("codes are for wallets that show who they are")
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "grant_types_supported": [*([CODE_GRANT] if offers.codes else []), GRANT, REFRESH_GRANT],
        "authorization_details_types_supported": [DETAIL_TYPE],
        "pre-authorized_grant_anonymous_access_supported": True,
        **_code_members(issuer, offers),
        **_client_members(issuer, offers),
    }


def _code_members(issuer: str, offers: ServerOffers) -> dict[str, object]:
    """Return how authorization codes are had (RFC 9126 5, 7636, 9207 3)."""
    if not offers.codes:
        return {}
    return {
        "authorization_endpoint": f"{issuer}/authorize",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "require_pushed_authorization_requests": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def _client_members(issuer: str, offers: ServerOffers) -> dict[str, object]:
    """Return how wallets show who they are and by which key (ABCA 8, 6.1; RFC 9449 5.1)."""
    members: dict[str, object] = {}
    methods = ["none"]
    if offers.dpop:
        members["dpop_signing_alg_values_supported"] = [ALGORITHM]
    if offers.attestations:
        methods = ["attest_jwt_client_auth", "none"]
        if offers.dpop:
            methods.insert(1, "attest_jwt_client_auth_dpop")
        members["client_attestation_signing_alg_values_supported"] = [ALGORITHM]
        members["client_attestation_pop_signing_alg_values_supported"] = [ALGORITHM]
        members["challenge_endpoint"] = f"{issuer}/attestation-challenge"
    return {"token_endpoint_auth_methods_supported": methods, **members}


def _configuration(credential_type: CredentialType, demands: IssuerDemands) -> dict[str, object]:
    policy = demands.key_policies.get(credential_type.id)
    proof: dict[str, object] = {"proof_signing_alg_values_supported": [ALGORITHM]}
    if policy is not None:
        proof["key_attestations_required"] = key_policy_json(policy)
    with_attestations = demands.takes_key_attestations or policy is not None
    return {
        "format": SD_JWT_VC,
        "vct": credential_type.vct,
        "scope": credential_type.id,
        "cryptographic_binding_methods_supported": ["jwk"],
        "credential_signing_alg_values_supported": [ALGORITHM],
        "proof_types_supported": {
            JWT: proof,
            **({ATTESTATION: proof} if with_attestations else {}),
        },
        "credential_metadata": {
            "display": _display(credential_type.title),
            "claims": [_claim(claim) for claim in credential_type.claims.values()],
        },
    }


def _claim(claim: ClaimDefinition) -> dict[str, object]:
    return {"path": [claim.name], "display": _display(claim.label)}


def _display(label: Label) -> list[dict[str, str]]:
    return [{"name": label[lang], "locale": lang} for lang in LANGS]
