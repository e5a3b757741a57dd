"""Settings of the issuer: `KYKY_ISSUER_*` variables, or `[issuer]` of one TOML file."""

import ipaddress
import re
from pathlib import Path
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from service_kit.settings import ServiceSettings

AttackPotential = Literal[
    "iso_18045_high", "iso_18045_moderate", "iso_18045_enhanced-basic", "iso_18045_basic"
]

_MINUTES_OF_A_DAY = 1_440
_UNSAFE = ("unsafe_plain_http", "unsafe_memory_keys", "unsafe_test_sign_in")
_BASE_URL = re.compile(r"https?://[^/?#@\s]+")


class Words(BaseModel):
    """A sentence in the three languages."""

    model_config = ConfigDict(extra="forbid")

    fi: str = Field(min_length=1, max_length=200)
    sv: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)


class LetterSender(BaseModel):
    """What stands in an organisation's letters, beside its name in the catalogue.

    Attributes:
        address: postal address, at most four lines.
        help: whom to call or where to go.
    """

    model_config = ConfigDict(extra="forbid")

    address: tuple[str, ...] = Field(default=(), max_length=4)
    help: Words | None = None


class ClaimsSourceSetting(BaseModel):
    """An organisation's own system that is asked for claims (docs/pull-api.md).

    Attributes:
        url: an https address that takes POST.
        types: what it can be asked for.
        secret_number: which of its secrets signs; count up for another one.
        earlier_secret_number: the one before, which signs as well until it is taken away here.
    """

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2_000)
    types: frozenset[str] = Field(min_length=1)
    secret_number: int = Field(default=1, ge=1)
    earlier_secret_number: int | None = Field(default=None, ge=1)


class KeyPolicySetting(BaseModel):
    """How hard to break the keys have to be kept that cards of a type are bound to (VCI D.2).

    Attributes:
        key_storage: at least so hard; None: whatever is attested.
        user_authentication: the same of how a person gets at the keys.
    """

    model_config = ConfigDict(extra="forbid")

    key_storage: AttackPotential | None = None
    user_authentication: AttackPotential | None = None


class Settings(ServiceSettings):
    """What an operator chooses. A combination that is not safe is refused at start.

    Attributes:
        base_url: where wallets reach this service: https, no path, no slash at the end.
        host: address to listen on.
        port: port to listen on.
        workers: how many processes serve.
        database: SQLAlchemy URL.
        keys_dir: directory made by `kyky-keys init`.
        keys_passphrase: opens that directory (`KYKY_KEYS_PASSPHRASE`).
        screen_offer_minutes: how long an offer shown on a screen can be redeemed.
        message_offer_minutes: how long an offer sent in a message can be redeemed.
        letter_days: how many days after the day of writing a letter can be used.
        letter_offer_minutes: how long the offer on a letter's page can be redeemed.
        letter_senders: postal address and help by organisation, as a letter says them.
        status_list_size: entries of a new status list.
        status_lifetime_minutes: how long a signed status list is good.
        status_ttl_seconds: after how long a copy of it should be fetched anew.
        sweep_seconds: how often what has run out is erased.
        batch_lines: the most lines taken in one batch of offers.
        batch_bytes: the largest such batch; the web server itself takes four million bytes.
        batch_gap_seconds: how long to wait for the next piece of a batch.
        body_bytes: the largest request body taken otherwise, and the longest line of a batch.
        expiry_reminder_days: how long before its end an organisation is told of a card.
        authorization_days: how long a wallet may renew a card by itself after its person agreed;
            who that is stays sealed until then.
        revocation_party: which receiver of the key directory holders revoke own cards by; without
            its access key they cannot.
        four_eyes: where revoking needs two pairs of eyes, as a JSON array: an organisation
            (`kela`) or one type of it (`kela/authority_decision`).
        webhook_internal_hosts: names in our own network that organisations may be told at, as a
            JSON array; everybody else must be on the public internet.
        sign_in_issuer: the OpenID provider where people sign in, as it names itself; None: there is
            none, and wallets cannot ask for cards by themselves.
        sign_in_client_id: what the provider calls this service.
        sign_in_client_secret: this service's secret there.
        sign_in_scope: what is asked of the provider.
        sign_in_code_claim: the ID token's claim with the personal identity code, which then has to
            be there; empty: persons are known by the provider's subject.
        sign_in_levels: levels of assurance (`acr`) of which a sign-in has to have one.
        claims_sources: from organisations to their systems that are asked for claims.
        claims_source_internal_hosts: names in our own network where such systems may be, as a JSON
            array; everybody else must be on the public internet.
        wallet_providers: file or https URL of the signed list of wallet providers; None: the one in
            `keys_dir`.
        trust_operator: PEM file of the certificate of who signs it; None: the one in `keys_dir`.
        wallet_providers_minutes: how often that list is read.
        attestation_challenge_required: refuse a wallet's attestation whose proof answers no
            challenge of ours; wallets on @openid4vc 0.4.6 never answer one.
        key_attestations: from types to how their keys have to be kept, as a JSON object; a wallet
            provider has to attest it then. Other types ask for none.
        extra_catalogue: directory that adds credential types, profiles, code lists and
            organisations to our own (docs/new-credential-type.md).
        real_identity_codes: take personal identity codes of real people, too; never in a demo.
        unsafe_plain_http: UNSAFE, demo only: http on loopback.
        unsafe_memory_keys: UNSAFE, demo only: keys drawn at start and lost at the end.
        unsafe_clear_health_data: UNSAFE, for tests with wallets that know no encryption: who issues
            health data gives them out without it, too.
        unsafe_test_sign_in: UNSAFE, demo only: whoever comes chooses which test person to be.
    """

    section: ClassVar[str] = "issuer"
    model_config = SettingsConfigDict(
        env_prefix="KYKY_ISSUER_", extra="forbid", populate_by_name=True
    )

    base_url: str = "http://127.0.0.1:8001"
    host: str = "127.0.0.1"
    port: int = Field(default=8001, ge=0, le=65_535)
    workers: int = Field(default=1, ge=1, le=64)
    database: str = "sqlite:///issuer.db"
    keys_dir: Path = Path("keys-data")
    keys_passphrase: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("keys_passphrase", "KYKY_KEYS_PASSPHRASE"),
    )
    screen_offer_minutes: int = Field(default=15, ge=1, le=60)
    message_offer_minutes: int = Field(
        default=3 * _MINUTES_OF_A_DAY, ge=1, le=14 * _MINUTES_OF_A_DAY
    )
    letter_days: int = Field(default=30, ge=1, le=30)
    letter_offer_minutes: int = Field(default=10, ge=2, le=30)
    letter_senders: dict[str, LetterSender] = Field(default_factory=dict)
    status_list_size: int = Field(default=131_072, ge=64, le=1_048_576)
    status_lifetime_minutes: int = Field(default=_MINUTES_OF_A_DAY, ge=2, le=7 * _MINUTES_OF_A_DAY)
    status_ttl_seconds: int = Field(default=300, ge=1, le=86_400)
    sweep_seconds: int = Field(default=60, ge=1, le=3_600)
    batch_lines: int = Field(default=1_000, ge=1, le=100_000)
    batch_bytes: int = Field(default=3_000_000, ge=65_536, le=3_500_000)
    batch_gap_seconds: float = Field(default=10.0, gt=0.0, le=60.0)
    body_bytes: int = Field(default=65_536, ge=4_096, le=1_048_576)
    expiry_reminder_days: int = Field(default=30, ge=1, le=400)
    authorization_days: int = Field(default=400, ge=1, le=800)
    revocation_party: str = "korttien-peruutus"
    four_eyes: frozenset[str] = frozenset()
    webhook_internal_hosts: frozenset[str] = frozenset()
    sign_in_issuer: str | None = None
    sign_in_client_id: str = ""
    sign_in_client_secret: SecretStr | None = None
    sign_in_scope: str = "openid profile"
    sign_in_code_claim: str = "urn:oid:1.2.246.21"
    sign_in_levels: tuple[str, ...] = ()
    claims_sources: dict[str, ClaimsSourceSetting] = Field(default_factory=dict)
    claims_source_internal_hosts: frozenset[str] = frozenset()
    wallet_providers: str | None = None
    trust_operator: Path | None = None
    wallet_providers_minutes: int = Field(default=60, ge=1, le=1_440)
    attestation_challenge_required: bool = False
    key_attestations: dict[str, KeyPolicySetting] = Field(default_factory=dict)
    extra_catalogue: Path | None = None
    real_identity_codes: bool = False
    unsafe_plain_http: bool = False
    unsafe_memory_keys: bool = False
    unsafe_clear_health_data: bool = False
    unsafe_test_sign_in: bool = False

    @model_validator(mode="after")
    def _check_safety(self) -> Self:
        if _BASE_URL.fullmatch(self.base_url) is None:
            raise ValueError("base_url: scheme, host and perhaps a port, nothing after it")
        host = urlsplit(self.base_url).hostname or ""
        if self.is_plain_http and not (self.unsafe_plain_http and _is_loopback(host)):
            raise ValueError(
                "base_url: plain http is for demos on this machine only, "
                "and needs KYKY_ISSUER_UNSAFE_PLAIN_HTTP=true"
            )
        for name in _UNSAFE:
            if getattr(self, name) and not _is_loopback(host):
                raise ValueError(f"{name}: for demos on this machine only")
        is_nowhere = _is_loopback(host) or host.endswith(".test")  # RFC 6761 6.2
        if self.unsafe_clear_health_data and not is_nowhere:
            raise ValueError("unsafe_clear_health_data: for tests on this machine only")
        unsafe = (*_UNSAFE, "unsafe_clear_health_data")
        if self.real_identity_codes and any(getattr(self, name) for name in unsafe):
            raise ValueError("real_identity_codes: never in a demo, where people are made up")
        return self

    @model_validator(mode="after")
    def _check_claims_sources(self) -> Self:
        for source in self.claims_sources.values():
            parts = urlsplit(source.url)
            is_demo = self.unsafe_plain_http and _is_loopback(parts.hostname or "")
            if parts.scheme != "https" and not (is_demo and parts.scheme == "http"):
                raise ValueError("claims_sources: https")
        return self

    @model_validator(mode="after")
    def _check_sign_in(self) -> Self:
        if self.sign_in_issuer is None:
            return self
        parts = urlsplit(self.sign_in_issuer)
        if parts.scheme != "https" and not (self.is_plain_http and parts.scheme == "http"):
            raise ValueError("sign_in_issuer: https")
        if not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("sign_in_issuer: scheme, host, perhaps a port and a path")
        if not self.sign_in_client_id or self.sign_in_client_secret is None:
            raise ValueError("sign_in_issuer: needs sign_in_client_id and sign_in_client_secret")
        if self.unsafe_test_sign_in:
            raise ValueError("unsafe_test_sign_in: not beside a sign_in_issuer")
        return self

    @property
    def is_plain_http(self) -> bool:
        """Whether this service is a demo without TLS."""
        return self.base_url.startswith("http://")

    def unsafe_choices(self) -> tuple[str, ...]:
        """Return what is on that a production service must not have, for the log."""
        choices = {
            "plain http": self.is_plain_http,
            "keys in memory, lost at the end": self.unsafe_memory_keys,
            "health data to wallets in the clear": self.unsafe_clear_health_data,
            "whoever comes chooses which test person to be": self.unsafe_test_sign_in,
        }
        return tuple(choice for choice, is_on in choices.items() if is_on)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
