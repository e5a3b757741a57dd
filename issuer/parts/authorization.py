"""Cards that wallets ask for by themselves, put together."""

from dataclasses import dataclass
from datetime import timedelta

from issuer.parts.base import Parts
from issuer.parts.sign_in import make_claims_source, make_sign_in
from issuer.ports.claims_source import ClaimsSource
from issuer.ports.proving import WalletStatusSource
from issuer.ports.sign_in import SignIn
from issuer.usecases.addresses import Addresses
from issuer.usecases.authorization.begin import BeginAuthorization
from issuer.usecases.authorization.complete_sign_in import CompleteSignIn
from issuer.usecases.authorization.decide import Decide
from issuer.usecases.authorization.push_request import PushRequest
from issuer.usecases.authorization.redeem_code import RedeemCode
from issuer.usecases.authorization.refresh import RefreshAuthorization
from issuer.usecases.authorization.show_consent import ShowConsent
from issuer.usecases.authorization.tools import AuthorizationTools
from issuer.usecases.deferred.refresh_access import RefreshAccess
from issuer.usecases.exchange_token import ExchangeToken
from issuer.usecases.give_token import GiveToken
from issuer.web.services import Asking, Proving


@dataclass(frozen=True, slots=True)
class Outside:
    """Who is asked beyond this service: who somebody is, what is known of them, how wallets stand.

    Attributes:
        wallet_status: status lists of wallet providers; None: by the guarded fetcher.
    """

    sign_in: SignIn | None
    claims_source: ClaimsSource
    wallet_status: WalletStatusSource | None = None


def make_outside(parts: Parts) -> Outside:
    """Return whom the settings name."""
    return Outside(make_sign_in(parts), make_claims_source(parts))


def where_asked(parts: Parts, outside: Outside) -> frozenset[str]:
    """Return the organisations of whose cards at least one can be asked for by wallets."""
    if outside.sign_in is None:
        return frozenset()
    return frozenset(
        known.id
        for known in parts.catalogue.organisations.values()
        if any(outside.claims_source.serves(known.id, one) for one in known.types)
    )


def make_authorization(
    parts: Parts, addresses: Addresses, proving: Proving, outside: Outside
) -> AuthorizationTools:
    """Return what the steps of an authorization share."""
    return AuthorizationTools(
        store=parts.store,
        vault=parts.vault,
        clock=parts.clock,
        random=parts.random,
        catalogue=parts.catalogue,
        addresses=addresses,
        prove_client=proving.prove_client,
        prove_key=proving.prove_key,
        sign_in=outside.sign_in,
        claims_source=outside.claims_source,
        lifetime=timedelta(days=parts.settings.authorization_days),
        renew_ahead=timedelta(days=parts.settings.expiry_reminder_days),
    )


def make_asking(tools: AuthorizationTools) -> Asking:
    """Return the use cases, up to the code."""
    return Asking(
        push=PushRequest(tools),
        begin=BeginAuthorization(tools),
        complete_sign_in=CompleteSignIn(tools),
        show_consent=ShowConsent(tools),
        decide=Decide(tools),
    )


def make_give_token(parts: Parts, tools: AuthorizationTools) -> GiveToken:
    """Return what answers the token endpoint."""
    store, vault, clock, random = parts.store, parts.vault, parts.clock, parts.random
    return GiveToken(
        prove_client=tools.prove_client,
        prove_key=tools.prove_key,
        exchange=ExchangeToken(store=store, vault=vault, clock=clock, random=random),
        refresh=RefreshAccess(store=store, vault=vault, clock=clock, random=random),
        redeem=RedeemCode(tools),
        refresh_authorization=RefreshAuthorization(tools),
    )
