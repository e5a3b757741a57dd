"""Metadata as the wallet reads them (OpenID4VCI 1.0, 12.2.4, 12.3, B.3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from openid4vc.dcql.query import SD_JWT_VC
from openid4vc.openid4vci.encryption import IssuerEncryption, read_issuer_encryption
from openid4vc.openid4vci.key_attestation import KeyPolicy, read_key_policy
from openid4vc.openid4vci.read_descriptions import ClaimDescription, read_claims, read_names
from openid4vc.openid4vci.token import GRANT
from openid4vc.openid4vci.wallet_errors import (
    AuthorizationServerMismatch,
    ConfigurationNotOffered,
    GrantNotSupported,
    MalformedMetadata,
    MetadataOfOtherIssuer,
)
from openid4vc.shapes import Shape

MAX_CONFIGURATIONS: Final = 256
MAX_BATCH: Final = 10_000
MIN_BATCH: Final = 2

_METADATA: Final = Shape(MalformedMetadata)


@dataclass(frozen=True, slots=True)
class Configuration:
    """One kind of credential that the issuer has.

    `vct` is None for formats other than SD-JWT VC, of which nothing more is read.
    `proof_algorithms` are those for proofs of type `jwt`; empty when no such proof is taken.
    `attestation_algorithms` are the same for proofs of type `attestation`. `key_policies` holds, by
    proof type, how keys have to be kept; where it has nothing, no attestation of keys is asked.
    """

    id: str
    format: str
    vct: str | None = None
    scope: str | None = None
    binding_methods: tuple[str, ...] = ()
    proof_algorithms: tuple[str, ...] = ()
    attestation_algorithms: tuple[str, ...] = ()
    key_policies: Mapping[str, KeyPolicy] = field(default_factory=dict)
    names: Mapping[str, str] | None = None
    claims: tuple[ClaimDescription, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """What a credential issuer says of itself; `batch_size` is 1 when it offers no batches."""

    issuer: str
    credential_endpoint: str
    nonce_endpoint: str | None
    notification_endpoint: str | None
    authorization_servers: tuple[str, ...]
    names: Mapping[str, str]
    configurations: Mapping[str, Configuration]
    batch_size: int = 1
    deferred_endpoint: str | None = None
    encryption: IssuerEncryption = field(default_factory=IssuerEncryption)

    def configuration(self, configuration_id: str) -> Configuration:
        """Return the configuration that an offer names.

        Raises:
            ConfigurationNotOffered: there is none of this id (4.1.1).
        """
        found = self.configurations.get(configuration_id)
        if found is None:
            raise ConfigurationNotOffered("not in the issuer's metadata")
        return found

    def authorization_server(self, hint: str | None) -> str:
        """Return the authorization server to use.

        Args:
            hint: the offer's `authorization_server`, if it has one.

        Raises:
            AuthorizationServerMismatch: the hint is none of several entries (4.1.1).
        """
        servers = self.authorization_servers or (self.issuer,)
        if hint is None:
            return servers[0]
        if len(self.authorization_servers) <= 1 or hint not in self.authorization_servers:
            raise AuthorizationServerMismatch("hint is not one of several servers")
        return hint


@dataclass(frozen=True, slots=True)
class AuthorizationServerMetadata:
    """What an authorization server says of itself; endpoints that it does not have are None.

    Attributes:
        pushed_endpoint: where authorization requests are pushed to (RFC 9126 5).
        authorization_endpoint: where browsers go.
        challenge_endpoint: where challenges for client attestations come from (ABCA 6.1).
        auth_methods: how clients may show who they are at the token endpoint.
        challenge_methods: of PKCE (RFC 8414 2).
        names_itself: its authorization responses carry `iss` (RFC 9207 3).
        dpop_algorithms: of DPoP proofs (RFC 9449 5.1); empty when it knows no such.
    """

    issuer: str
    token_endpoint: str
    grant_types: tuple[str, ...]
    anonymous_pre_authorized: bool
    pushed_endpoint: str | None = None
    authorization_endpoint: str | None = None
    challenge_endpoint: str | None = None
    auth_methods: tuple[str, ...] = ()
    challenge_methods: tuple[str, ...] = ()
    names_itself: bool = False
    dpop_algorithms: tuple[str, ...] = ()

    def check_grant(self) -> None:
        """Check that an anonymous wallet can redeem a pre-authorised code here (12.3).

        Raises:
            GrantNotSupported: the grant is not listed, or anonymous use is not.
        """
        if GRANT not in self.grant_types or not self.anonymous_pre_authorized:
            raise GrantNotSupported("no pre-authorised code for anonymous wallets")


def read_issuer_metadata(
    data: object, *, issuer: str, allow_loopback_http: bool = False
) -> IssuerMetadata:
    """Read credential issuer metadata from parsed JSON; unknown members are ignored (12.2.4).

    Args:
        data: what the well-known place of `issuer` answered.
        issuer: the identifier that place was built from.
        allow_loopback_http: UNSAFE, for demonstrations: endpoints may be http on this machine.

    Raises:
        MetadataOfOtherIssuer: `credential_issuer` is not exactly `issuer`.
        MalformedMetadata: a member is missing, of the wrong type, or breaks a rule of 12.2.4.
        ClaimDescriptionsContradict: claims are described twice or in contradiction (B.3).
    """
    members = _METADATA.members(data, "issuer metadata")
    if _METADATA.text(members.get("credential_issuer"), "credential_issuer") != issuer:
        raise MetadataOfOtherIssuer("credential_issuer differs")
    endpoint = _endpoints(members, allow_loopback_http=allow_loopback_http)
    servers: tuple[str, ...] = ()
    if "authorization_servers" in members:
        servers = _METADATA.texts(members["authorization_servers"], "authorization_servers")
    credential_endpoint = endpoint("credential_endpoint")
    if credential_endpoint is None:
        raise MalformedMetadata("no credential_endpoint")
    return IssuerMetadata(
        issuer=issuer,
        credential_endpoint=credential_endpoint,
        nonce_endpoint=endpoint("nonce_endpoint"),
        notification_endpoint=endpoint("notification_endpoint"),
        authorization_servers=servers,
        names=read_names(members),
        configurations=_configurations(members.get("credential_configurations_supported")),
        batch_size=_batch_size(members),
        deferred_endpoint=endpoint("deferred_credential_endpoint"),
        encryption=read_issuer_encryption(members),
    )


def read_authorization_server_metadata(
    data: object, *, issuer: str, allow_loopback_http: bool = False
) -> AuthorizationServerMetadata:
    """Read authorization server metadata from parsed JSON (RFC 8414 3; 12.3).

    Raises:
        MetadataOfOtherIssuer: `issuer` is not exactly the one asked for.
        MalformedMetadata: no token endpoint, or a member of the wrong type.
    """
    members = _METADATA.members(data, "authorization server metadata")
    if _METADATA.text(members.get("issuer"), "issuer") != issuer:
        raise MetadataOfOtherIssuer("issuer differs")
    endpoint = _endpoints(members, allow_loopback_http=allow_loopback_http)
    token_endpoint = endpoint("token_endpoint")
    if token_endpoint is None:
        raise MalformedMetadata("no token_endpoint")
    anonymous = "pre-authorized_grant_anonymous_access_supported"
    names_itself = "authorization_response_iss_parameter_supported"
    return AuthorizationServerMetadata(
        issuer=issuer,
        token_endpoint=token_endpoint,
        grant_types=_listed(members, "grant_types_supported"),
        anonymous_pre_authorized=_METADATA.flag(members.get(anonymous, False), anonymous),
        pushed_endpoint=endpoint("pushed_authorization_request_endpoint"),
        authorization_endpoint=endpoint("authorization_endpoint"),
        challenge_endpoint=endpoint("challenge_endpoint"),
        auth_methods=_listed(members, "token_endpoint_auth_methods_supported"),
        challenge_methods=_listed(members, "code_challenge_methods_supported"),
        names_itself=_METADATA.flag(members.get(names_itself, False), names_itself),
        dpop_algorithms=_listed(members, "dpop_signing_alg_values_supported"),
    )


def _listed(members: Mapping[str, object], name: str) -> tuple[str, ...]:
    return _METADATA.texts(members[name], name) if name in members else ()


def _endpoints(
    members: Mapping[str, object], *, allow_loopback_http: bool
) -> Callable[[str], str | None]:
    def endpoint(name: str) -> str | None:
        if name not in members:
            return None
        return _METADATA.url(members[name], name, allow_loopback_http=allow_loopback_http)

    return endpoint


def _batch_size(members: Mapping[str, object]) -> int:
    if "batch_credential_issuance" not in members:
        return 1
    batch = _METADATA.members(members["batch_credential_issuance"], "batch_credential_issuance")
    return _METADATA.integer(
        batch.get("batch_size"), "batch_size", at_least=MIN_BATCH, at_most=MAX_BATCH
    )


def _configurations(value: object) -> dict[str, Configuration]:
    entries = _METADATA.members(value, "credential_configurations_supported")
    if len(entries) > MAX_CONFIGURATIONS:
        raise MalformedMetadata("too many configurations")
    return {
        name: _configuration(name, _METADATA.members(entry, "configuration"))
        for name, entry in entries.items()
    }


def _configuration(name: str, entry: Mapping[str, object]) -> Configuration:
    credential_format = _METADATA.text(entry.get("format"), "format")
    if credential_format != SD_JWT_VC:
        return Configuration(name, credential_format)
    methods: tuple[str, ...] = ()
    binding, proofs = "cryptographic_binding_methods_supported", "proof_types_supported"
    if (binding in entry) != (proofs in entry):
        raise MalformedMetadata("binding methods and proof types do not come together")
    if binding in entry:
        methods = _METADATA.texts(entry[binding], binding)
    described = _METADATA.members(entry.get("credential_metadata", {}), "credential_metadata")
    algorithms, policies = _proof_types(entry.get(proofs, {}))
    return Configuration(
        id=name,
        format=credential_format,
        vct=_METADATA.text(entry.get("vct"), "vct"),
        scope=_METADATA.optional_text(entry.get("scope"), "scope"),
        binding_methods=methods,
        proof_algorithms=algorithms.get("jwt", ()),
        attestation_algorithms=algorithms.get("attestation", ()),
        key_policies=policies,
        names=read_names(described),
        claims=read_claims(described),
    )


def _proof_types(value: object) -> tuple[dict[str, tuple[str, ...]], dict[str, KeyPolicy]]:
    """Return, by proof type, the algorithms, of which there are some, and the policies (12.2.4)."""
    proof_types = {
        name: _METADATA.members(entry, "proof type")
        for name, entry in _METADATA.members(value, "proof_types_supported").items()
    }
    algorithms = {
        name: _METADATA.texts(
            entry.get("proof_signing_alg_values_supported"), "proof_signing_alg_values_supported"
        )
        for name, entry in proof_types.items()
    }
    required = "key_attestations_required"
    policies = {
        name: read_key_policy(entry[required])
        for name, entry in proof_types.items()
        if required in entry
    }
    return algorithms, policies
