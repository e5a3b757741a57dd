"""Signing in and the organisations' own systems, put together."""

from urllib.parse import urlsplit

from issuer.adapters.claims_source import PullClaims, Source, SourceHttp, SourceTools
from issuer.adapters.sign_in.provider import IdentityCodeRule, ProviderSignIn
from issuer.adapters.sign_in.stand_in import UnsafeTestPersons
from issuer.parts.base import Parts
from issuer.ports.sign_in import SignIn, StandIn
from issuer.settings import Settings
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import OrganisationUnknown, TypeNotIssuedHere
from issuer.web.stand_in import PATH
from keys.fetch import Fetcher
from service_kit.oidc.model import ProviderHttp, Registration

_SECONDS_FOR_CLAIMS = 10.0


def make_sign_in(parts: Parts, *, http: ProviderHttp | None = None) -> SignIn | None:
    """Return where people sign in; None when wallets cannot ask for cards here.

    Args:
        parts: what the service stands on.
        http: the way out; left out, the guarded client as the settings want it.
    """
    settings = parts.settings
    if settings.sign_in_issuer is None or settings.sign_in_client_secret is None:
        return make_stand_in(parts)
    host = urlsplit(settings.sign_in_issuer).hostname
    return ProviderSignIn(
        http=http
        or Fetcher(
            allow_loopback_http=settings.unsafe_plain_http,
            internal_hosts=frozenset() if host is None else frozenset({host}),
        ),
        registration=Registration(
            issuer=settings.sign_in_issuer,
            client_id=settings.sign_in_client_id,
            client_secret=settings.sign_in_client_secret.get_secret_value(),
            scope=settings.sign_in_scope,
            levels=settings.sign_in_levels,
        ),
        identity_code=IdentityCodeRule(
            claim=settings.sign_in_code_claim or None,
            allow_real=settings.real_identity_codes,
        ),
        clock=parts.clock,
    )


def make_stand_in(parts: Parts) -> StandIn | None:
    """Return what stands in for a provider, in a demo that wants it."""
    if not parts.settings.unsafe_test_sign_in:
        return None
    addresses = Addresses(parts.settings.base_url)
    return UnsafeTestPersons(
        address=f"{addresses.base}{PATH}",
        callbacks=frozenset(addresses.sign_in(one) for one in parts.catalogue.organisations),
        vault=parts.vault,
        clock=parts.clock,
    )


def make_claims_source(parts: Parts, *, http: SourceHttp | None = None) -> PullClaims:
    """Return what asks the organisations' own systems.

    Args:
        parts: what the service stands on.
        http: the way out; left out, the guarded client as the settings want it.

    Raises:
        OrganisationUnknown, TypeNotIssuedHere: the settings name what the catalogue has not.
    """
    settings = parts.settings
    _check(parts)
    return PullClaims(
        {organisation: _source(settings, organisation) for organisation in settings.claims_sources},
        SourceTools(
            http=http
            or Fetcher(
                allow_loopback_http=settings.unsafe_plain_http,
                internal_hosts=settings.claims_source_internal_hosts,
                timeout=_SECONDS_FOR_CLAIMS,
            ),
            vault=parts.vault,
            clock=parts.clock,
            random=parts.random,
            catalogue=parts.catalogue,
            max_bytes=settings.body_bytes,
        ),
    )


def _check(parts: Parts) -> None:
    for organisation, source in parts.settings.claims_sources.items():
        if organisation not in parts.catalogue.organisations:
            raise OrganisationUnknown(f"claims_sources: {organisation}")
        for type_id in source.types:
            if not parts.catalogue.may_issue(organisation, type_id):
                raise TypeNotIssuedHere(f"claims_sources: {organisation}/{type_id}")


def _source(settings: Settings, organisation: str) -> Source:
    said = settings.claims_sources[organisation]
    earlier = said.earlier_secret_number
    numbers = (said.secret_number,) if earlier is None else (said.secret_number, earlier)
    return Source(url=said.url, types=said.types, secret_numbers=numbers)
