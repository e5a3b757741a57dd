"""Wiring only: settings to adapters to use cases to FastAPI."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import FastAPI

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from issuer.adapters.api_key_form import KykyApiKeyForm
from issuer.adapters.sql.store import SqlStore
from issuer.adapters.vault import ServiceKeyVault, VaultKeys
from issuer.model import Channel
from issuer.ports import Clock, Random
from issuer.settings import Settings
from issuer.usecases.addresses import Addresses
from issuer.usecases.change_status import ChangeStatus
from issuer.usecases.check_api_key import CheckApiKey
from issuer.usecases.check_health import CheckHealth
from issuer.usecases.create_api_key import CreateApiKey
from issuer.usecases.create_offer import CreateOffer
from issuer.usecases.describe_type import DescribeType
from issuer.usecases.exchange_token import ExchangeToken
from issuer.usecases.find_grant import FindGrant
from issuer.usecases.give_nonce import GiveNonce
from issuer.usecases.issue_credential import IssueCredential, IssuingTools
from issuer.usecases.list_api_keys import ListApiKeys
from issuer.usecases.name_status_lists import NameStatusLists
from issuer.usecases.offer_links import OfferLinks
from issuer.usecases.publish_status_list import PublishStatusList, StatusListTimes
from issuer.usecases.read_credential import ReadCredential
from issuer.usecases.read_offer import ReadOffer
from issuer.usecases.revoke_api_key import RevokeApiKey
from issuer.usecases.serve_offer import ServeOffer
from issuer.usecases.sweep_expired import SweepExpired
from issuer.usecases.take_notification import TakeNotification
from issuer.usecases.withdraw_offer import WithdrawOffer
from issuer.web import api, errors, health, metadata, openapi, status, type_metadata, wallet
from issuer.web.requests import RequestLog, WalletCors, log_json_lines
from issuer.web.services import Services
from keys.devkeys import make_demo_pki
from keys.opener import open_keys
from keys.ports import KeyStore
from service_kit.http import BodyLimit, ResponseHeaders
from service_kit.sql import Database
from service_kit.system import SystemClock, SystemRandom

_LOG = logging.getLogger("issuer")
_BODY_SECONDS = 10.0
_CACHES_KEEP_AT_MOST = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Parts:
    """What everything else is made of."""

    settings: Settings
    keys: KeyStore
    clock: Clock
    random: Random
    database: Database
    store: SqlStore
    vault: ServiceKeyVault
    key_form: KykyApiKeyForm
    catalogue: Catalogue


def make_parts(
    settings: Settings,
    *,
    keys: KeyStore | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    catalogue: Catalogue | None = None,
) -> Parts:
    """Open keys and database; what is not handed in is the system's own.

    Raises:
        CheckFailed: the keys cannot be opened.
    """
    clock = clock or SystemClock()
    random = random or SystemRandom()
    keys = keys or _open_keys(settings, clock)
    database = Database(settings.database)
    return Parts(
        settings=settings,
        keys=keys,
        clock=clock,
        random=random,
        database=database,
        store=SqlStore(database),
        vault=ServiceKeyVault(
            VaultKeys(
                wrapping=keys.secret("issuer-sealing"),
                macs=keys.secret("issuer-tokens"),
                offers=keys.secret("issuer-offers"),
            ),
            random=random,
        ),
        key_form=KykyApiKeyForm(keys.secret("issuer-api-keys"), random=random),
        catalogue=catalogue or load_catalogue(),
    )


def create_app(
    settings: Settings,
    *,
    keys: KeyStore | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    catalogue: Catalogue | None = None,
) -> FastAPI:
    """Return the issuer's web application; its tables are made by `migrate` beforehand.

    `app.state.parts` is what it stands on; close its database when no server does so.
    """
    parts = make_parts(settings, keys=keys, clock=clock, random=random, catalogue=catalogue)
    for choice in settings.unsafe_choices():
        _LOG.warning("UNSAFE, for demos only: %s", choice)
    app = FastAPI(
        title="Kykylompakko issuer",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        lifespan=_lifespan(parts),
    )
    app.state.parts = parts
    services = make_services(parts)
    for surface in (health, metadata, type_metadata, api, status, wallet):
        app.include_router(surface.router(services))
    errors.install(app)
    openapi.install(app)
    # The last added is the outermost.
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.body_bytes,
        max_seconds=_BODY_SECONDS,
        refuse=errors.answer,
    )
    app.add_middleware(WalletCors)
    app.add_middleware(RequestLog)
    app.add_middleware(ResponseHeaders, headers=_headers(settings), random=SystemRandom())
    return app


def make_services(parts: Parts) -> Services:
    """Return the use cases that the surfaces call."""
    store, vault, clock, random = parts.store, parts.vault, parts.clock, parts.random
    catalogue, settings = parts.catalogue, parts.settings
    addresses = Addresses(settings.base_url)
    links = OfferLinks(vault=vault, addresses=addresses)
    find_grant = FindGrant(store=store, vault=vault, clock=clock)
    nonce_secret = parts.keys.secret("issuer-nonce")
    times = StatusListTimes(
        lifetime=timedelta(minutes=settings.status_lifetime_minutes),
        ttl=timedelta(seconds=settings.status_ttl_seconds),
    )
    tools = IssuingTools(
        vault=vault,
        signers=parts.keys,
        clock=clock,
        random=random,
        catalogue=catalogue,
        describe_type=DescribeType(catalogue=catalogue),
        addresses=addresses,
        nonce_secret=nonce_secret,
        status_list_size=settings.status_list_size,
    )
    return Services(
        addresses=addresses,
        catalogue=catalogue,
        links=links,
        check_api_key=CheckApiKey(store=store, form=parts.key_form, clock=clock),
        create_offer=CreateOffer(
            store=store,
            vault=vault,
            clock=clock,
            random=random,
            catalogue=catalogue,
            lifetimes=_lifetimes(settings),
        ),
        read_offer=ReadOffer(store=store, clock=clock),
        withdraw_offer=WithdrawOffer(store=store, clock=clock),
        change_status=ChangeStatus(store=store, clock=clock, catalogue=catalogue),
        read_credential=ReadCredential(store=store),
        serve_offer=ServeOffer(store=store, vault=vault, clock=clock, links=links),
        exchange_token=ExchangeToken(store=store, vault=vault, clock=clock, random=random),
        give_nonce=GiveNonce(secret=nonce_secret, clock=clock, random=random),
        issue_credential=IssueCredential(store=store, find_grant=find_grant, tools=tools),
        take_notification=TakeNotification(
            store=store, find_grant=find_grant, vault=vault, clock=clock
        ),
        publish_status_list=PublishStatusList(
            store=store, signers=parts.keys, clock=clock, addresses=addresses, times=times
        ),
        name_status_lists=NameStatusLists(store=store, catalogue=catalogue, addresses=addresses),
        describe_type=tools.describe_type,
        check_health=CheckHealth(store=store),
        copies_fresh_for=min(times.ttl, _CACHES_KEEP_AT_MOST),
    )


@dataclass(frozen=True, slots=True)
class Administration:
    """What an operator does from the command line."""

    create_api_key: CreateApiKey
    list_api_keys: ListApiKeys
    revoke_api_key: RevokeApiKey


def make_administration(parts: Parts) -> Administration:
    """Return the use cases of the command line."""
    return Administration(
        create_api_key=CreateApiKey(
            store=parts.store,
            form=parts.key_form,
            clock=parts.clock,
            catalogue=parts.catalogue,
        ),
        list_api_keys=ListApiKeys(store=parts.store),
        revoke_api_key=RevokeApiKey(store=parts.store, clock=parts.clock),
    )


def migrate(settings: Settings) -> None:
    """Bring the tables of the settings' database to the newest version."""
    database = Database(settings.database)
    try:
        SqlStore(database).upgrade()
    finally:
        database.close()


def from_environment() -> FastAPI:
    """Return the application that the environment's settings describe, for a server to load."""
    log_json_lines()
    return create_app(Settings())


def _open_keys(settings: Settings, clock: Clock) -> KeyStore:
    if settings.unsafe_memory_keys:
        return make_demo_pki(at=clock.now()).keys
    passphrase = settings.keys_passphrase
    return open_keys(
        settings.keys_dir,
        passphrase=None if passphrase is None else passphrase.get_secret_value(),
    )


def _lifetimes(settings: Settings) -> dict[Channel, timedelta]:
    return {
        Channel.SCREEN: timedelta(minutes=settings.screen_offer_minutes),
        Channel.MESSAGE: timedelta(minutes=settings.message_offer_minutes),
    }


def _headers(settings: Settings) -> dict[str, str]:
    """Return what every answer carries unless it says otherwise: above all, not to be kept."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    if not settings.is_plain_http:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _lifespan(parts: Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    sweep = SweepExpired(store=parts.store, clock=parts.clock)
    every = parts.settings.sweep_seconds

    async def keep_sweeping() -> None:
        while True:
            try:
                await sweep()
            except Exception as failure:
                _LOG.error("sweep failed: %s", type(failure).__name__)
            await asyncio.sleep(every)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(keep_sweeping())
        try:
            yield
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)
            parts.database.close()

    return lifespan
