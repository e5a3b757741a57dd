"""Settings of the verifier: `KYKY_VERIFIER_*` variables, or `[verifier]` of one TOML file."""

import ipaddress
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, IPvAnyNetwork, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from openid4vc.openid4vp.request import Method, Prefix
from service_kit.settings import ServiceSettings

_WIDEST_NETWORK = {4: 8, 6: 32}
"""Bits that a network of proxies has in common at least, by version of the protocol."""


class Settings(ServiceSettings):
    """What an operator chooses. A combination that is not safe is refused at start.

    Attributes:
        base_url: where wallets reach this service; https, no trailing slash.
        host: address to listen on.
        port: port to listen on.
        trusted_proxies: addresses or networks of the TLS proxies in front of this service, such as
            `["10.0.0.5"]`: who calls is whom they name in `X-Forwarded-For`. None named: all that
            comes through a proxy counts as one caller.
        database: SQLAlchemy URL.
        keys_dir: directory made by `kyky-keys init`.
        keys_passphrase: opens that directory (`KYKY_KEYS_PASSPHRASE`).
        organisation: the relying party's name in the key directory and on the trust list.
        role: the role in which it asks.
        access_key: name of the key that signs its requests.
        trust_list: file or https URL of the signed trust list.
        operator_anchor: PEM file of the trust list operator's certificate.
        client_id_prefix: how this service names itself in its requests: `x509_hash`, as HAIP wants
            it, or `x509_san_dns` by the host of `base_url`, which its certificate has to carry.
        request_uri_method: how wallets fetch requests; with `post` they may give a nonce of theirs.
        return_origins: web sites that may begin a request in a client's browser and have the
            browser sent back, such as `https://kunta.example`.
        request_minutes: how long a request can be answered.
        identity_minutes: how long staff have to compare the person.
        values_minutes: how long shown values stay.
        refresh_minutes: how often the trust list is read, and status lists are fetched ahead.
        lock_minutes: after how long without an act the desk's screen locks.
        access_log_days: how long it is kept who saw whose data when.
        oidc_issuer: the organisation's identity provider, as it names itself; None: there is none.
        oidc_client_id: what the provider calls this desk.
        oidc_client_secret: the desk's secret there.
        oidc_role_claim: where the provider puts a person's roles in the ID token.
        oidc_roles: from the provider's name of a role to ours, such as `{"TE-desk": "te_office"}`.
        evidence_heads: directory, best elsewhere, where a signed head of the evidence is put daily.
        evidence_certificates: PEM file of this organisation's earlier access certificates, by which
            heads signed with them are still known.
        evidence_keep_days: after how many days sealed evidence is deleted; None: never.
        webhook_url: where copies for the case system are posted; None: they are made as files.
        webhook_secret: signs them; at least 24 characters that the case system holds, too.
        receipt_issuer_url: the issuing service that makes receipts; None: there are none.
        receipt_organisation: in whose name receipts are made.
        receipt_api_key: a key of that organisation there that may offer receipts.
        privacy_key: name of the key that signs the privacy page's requests; without such a key in
            the key directory, clients reach it by their receipts only.
        privacy_contact: how clients reach the data-protection officer, as the privacy page says it.
        extra_catalogue: directory that adds credential types, profiles, code lists and
            organisations to our own (docs/new-credential-type.md).
        accept_vc_sd_jwt: also take credentials whose `typ` is the old `vc+sd-jwt`.
        unsafe_plain_http: UNSAFE, demo only: http on loopback, in and out.
    """

    section: ClassVar[str] = "verifier"
    model_config = SettingsConfigDict(
        env_prefix="KYKY_VERIFIER_", extra="forbid", populate_by_name=True
    )

    base_url: str = "http://127.0.0.1:8002"
    host: str = "127.0.0.1"
    port: int = Field(default=8002, ge=0, le=65_535)
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    database: str = "sqlite:///verifier.db"
    keys_dir: Path = Path("keys-data")
    keys_passphrase: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("keys_passphrase", "KYKY_KEYS_PASSPHRASE"),
    )
    organisation: str = "te-toimisto-malli"
    role: str = "te_office"
    access_key: str = "access"
    trust_list: str = "keys-data/trust-list.jws"
    operator_anchor: Path = Path("keys-data/trust-operator.pem")
    client_id_prefix: Prefix = Prefix.X509_HASH
    request_uri_method: Method = "get"
    return_origins: tuple[str, ...] = ()
    request_minutes: int = Field(default=5, ge=1, le=15)
    identity_minutes: int = Field(default=10, ge=1, le=30)
    values_minutes: int = Field(default=10, ge=1, le=30)
    refresh_minutes: int = Field(default=15, ge=1, le=1_440)
    lock_minutes: int = Field(default=10, ge=1, le=60)
    access_log_days: int = Field(default=730, ge=1, le=3_650)
    oidc_issuer: str | None = None
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_role_claim: str = "roles"
    oidc_roles: dict[str, str] = Field(default_factory=dict)
    evidence_heads: Path | None = None
    evidence_certificates: Path | None = None
    evidence_keep_days: int | None = Field(default=None, ge=31, le=36_500)
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = Field(default=None, min_length=24)
    receipt_issuer_url: str | None = None
    receipt_organisation: str = "tyollisyysalue"
    receipt_api_key: SecretStr | None = None
    privacy_key: str = "privacy"
    privacy_contact: str = Field(default="", max_length=200)
    extra_catalogue: Path | None = None
    accept_vc_sd_jwt: bool = False
    unsafe_plain_http: bool = False

    @model_validator(mode="after")
    def _check_urls(self) -> Self:
        parts = urlsplit(self.base_url)
        if parts.query or parts.fragment or self.base_url.endswith("/") or not parts.hostname:
            raise ValueError("base_url: scheme, host, perhaps a port and a path, nothing after it")
        plain = parts.scheme == "http"
        if plain and not (self.unsafe_plain_http and _is_loopback(parts.hostname)):
            raise ValueError(
                "base_url: plain http is for demos on this machine only, "
                "and needs KYKY_VERIFIER_UNSAFE_PLAIN_HTTP=true"
            )
        if parts.scheme not in {"https", "http"}:
            raise ValueError("base_url: https")
        if self.unsafe_plain_http and not _is_loopback(parts.hostname):
            raise ValueError("unsafe_plain_http: for demos on this machine only")
        if self.trust_list.startswith("http://") and not self.unsafe_plain_http:
            raise ValueError("trust_list: a file or an https URL")
        return self

    @model_validator(mode="after")
    def _check_proxies(self) -> Self:
        for network in self.trusted_proxies:
            if network.prefixlen < _WIDEST_NETWORK[network.version]:
                raise ValueError("trusted_proxies: addresses, or networks of your own")
        return self

    @model_validator(mode="after")
    def _check_returns(self) -> Self:
        for origin in self.return_origins:
            parts = urlsplit(origin)
            plain = self.is_plain_http and parts.scheme == "http" and _is_loopback(parts.hostname)
            if f"{parts.scheme}://{parts.netloc}" != origin or not parts.hostname:
                raise ValueError("return_origins: scheme, host, perhaps a port")
            if parts.scheme != "https" and not plain:
                raise ValueError("return_origins: https")
        return self

    @model_validator(mode="after")
    def _check_provider(self) -> Self:
        if self.oidc_issuer is None:
            return self
        parts = urlsplit(self.oidc_issuer)
        if parts.scheme != "https" and not (self.unsafe_plain_http and parts.scheme == "http"):
            raise ValueError("oidc_issuer: https")
        if not parts.hostname or parts.query or parts.fragment:
            raise ValueError("oidc_issuer: scheme, host, perhaps a port and a path")
        if not self.oidc_client_id or self.oidc_client_secret is None or not self.oidc_roles:
            raise ValueError("oidc_issuer: needs oidc_client_id, oidc_client_secret and oidc_roles")
        return self

    @model_validator(mode="after")
    def _check_hand_on(self) -> Self:
        for name, url, secret in (
            ("webhook_url", self.webhook_url, self.webhook_secret),
            ("receipt_issuer_url", self.receipt_issuer_url, self.receipt_api_key),
        ):
            if (url is None) is not (secret is None):
                raise ValueError(f"{name}: needs its secret beside it, and the other way round")
            if url is not None and not (url.startswith("https://") or self.unsafe_plain_http):
                raise ValueError(f"{name}: https")
        return self

    @property
    def is_plain_http(self) -> bool:
        """Whether this service is a demo without TLS."""
        return self.base_url.startswith("http://")


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
