"""Wiring only: settings to adapters to use cases to FastAPI."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from credential_schemas.model import Catalogue
from issuer.parts.authorization import Outside
from issuer.parts.base import Parts, make_parts
from issuer.parts.chores import make_chores
from issuer.parts.services import make_services
from issuer.parts.sign_in import make_stand_in
from issuer.ports import Clock, Random
from issuer.settings import Settings
from issuer.usecases.batch.lines import BatchLimits
from issuer.web import (
    after,
    api,
    attestation_challenge,
    authorize,
    batch,
    definitions,
    errors,
    health,
    landing,
    letters,
    lives,
    metadata,
    openapi,
    revocations,
    stand_in,
    status,
    system_token,
    type_metadata,
    wallet,
)
from issuer.web.proofs import FreshNonces
from issuer.web.requests import RequestLog, WalletCors, log_json_lines
from keys.ports import KeyStore
from service_kit.http import BodyLimit, ResponseHeaders
from service_kit.system import SystemRandom

_LOG = logging.getLogger("issuer")
_BODY_SECONDS = 10.0


def create_app(
    settings: Settings,
    *,
    keys: KeyStore | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    catalogue: Catalogue | None = None,
    outside: Outside | None = None,
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
    services = make_services(parts, outside)
    # Not by `include_router`, which works out all routes once more at the first request.
    for surface in (
        health,
        metadata,
        type_metadata,
        definitions,
        after,
        lives,
        letters,
        api,
        status,
        system_token,
        revocations,
        landing,
        attestation_challenge,
        wallet,
        authorize,
    ):
        app.routes.extend(surface.router(services).routes)
    app.routes.extend(batch.router(services, _batch_rules(settings)).routes)
    test_persons = make_stand_in(parts)
    if test_persons is not None:
        app.routes.extend(stand_in.router(test_persons).routes)
    errors.install(app)
    openapi.install(app)
    # The last added is the outermost.
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.body_bytes,
        max_seconds=_BODY_SECONDS,
        refuse=errors.answer,
        streamed=batch.is_batch,
    )
    app.add_middleware(FreshNonces, nonces=services.proving.nonces)
    app.add_middleware(WalletCors)
    app.add_middleware(RequestLog)
    app.add_middleware(ResponseHeaders, headers=_headers(settings), random=SystemRandom())
    return app


def from_environment() -> FastAPI:
    """Return the application that the environment's settings describe, for a server to load."""
    log_json_lines()
    return create_app(Settings())


def _batch_rules(settings: Settings) -> batch.BatchRules:
    limits = BatchLimits(
        lines=settings.batch_lines,
        bytes=settings.batch_bytes,
        line_bytes=settings.body_bytes,
    )
    return batch.BatchRules(limits=limits, gap_seconds=settings.batch_gap_seconds)


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
    chores = make_chores(parts)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        running = [asyncio.create_task(chore.keep_doing()) for chore in chores]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            parts.database.close()

    return lifespan
