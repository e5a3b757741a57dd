"""Wiring only: the parts -> FastAPI, and what is done again and again beside it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from fastapi import FastAPI

from credential_schemas.model import Catalogue
from keys.ports import KeyStore
from service_kit.http import ResponseHeaders
from service_kit.system import SystemRandom
from verifier.adapters.pictures import MAX_BYTES
from verifier.adapters.training_ground import TrainingGround
from verifier.adapters.trust_lists import Fetching
from verifier.parts import HERE, Parts, build, opened_keys
from verifier.ports import Clock, Random
from verifier.settings import Settings
from verifier.usecases.training_client import TrainingClient
from verifier.usecases.training_desk import TrainingDesk
from verifier.web import (
    api,
    customer,
    desk_after,
    desk_ask,
    desk_behalf,
    desk_code,
    desk_codes,
    desk_offline,
    desk_outcome,
    desk_scan,
    desk_training,
    health,
    openapi,
    paper,
    privacy,
    scan_api,
    screen_lock,
    sign_in,
    sign_in_provider,
    typed,
    wallet,
)
from verifier.web.assets import Assets
from verifier.web.handlers import add_handlers, own_mistake, refuse_body
from verifier.web.headers import HEADERS, TLS_HEADERS
from verifier.web.last_resort import LastResort, kind_and_place
from verifier.web.services import Services
from verifier.web.training_room import OpenTraining, TrainingRoom
from verifier.web.uploads import BodyLimits, Room

MIGRATIONS = HERE / "adapters" / "migrations"
_SWEEP_EVERY = timedelta(seconds=20)
_EVIDENCE_EVERY = timedelta(minutes=1)
_DELIVER_EVERY = timedelta(seconds=5)
_CLIENT_SIDE_EVERY = timedelta(minutes=5)
_ROOM = Room(300_000, 15.0)  # an encrypted response of 262 144 characters, form-encoded
_PICTURE_ROOM = Room(MAX_BYTES + 100_000, 30.0)  # a picture, and the form around it
_PARTS = (
    wallet,
    privacy,
    desk_offline,
    api,
    scan_api,
    sign_in,
    sign_in_provider,
    screen_lock,
    desk_after,
    desk_ask,
    desk_behalf,
    customer,
    paper,
    typed,
    desk_code,
    desk_codes,
    desk_scan,
    desk_training,
    desk_outcome,
    health,
)
_log = logging.getLogger("verifier")


def create_app(
    settings: Settings,
    *,
    keys: KeyStore | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    fetcher: Fetching | None = None,
    catalogue: Catalogue | None = None,
) -> FastAPI:
    """Return the service; see `build` for the arguments."""
    store = keys or opened_keys(settings)
    parts = build(
        settings, keys=store, clock=clock, random=random, fetcher=fetcher, catalogue=catalogue
    )
    room = TrainingRoom(partial(_open_training, settings, store, parts.services, random))

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(parts.database.upgrade, MIGRATIONS)
        await _refresh(parts)
        chores = [
            asyncio.create_task(_again_and_again(parts.sweep, _SWEEP_EVERY)),
            asyncio.create_task(_again_and_again(parts.evidence.keep, _EVIDENCE_EVERY)),
            asyncio.create_task(_again_and_again(parts.hand_on.chore, _DELIVER_EVERY)),
            asyncio.create_task(_again_and_again(parts.client_side.chore, _CLIENT_SIDE_EVERY)),
            asyncio.create_task(
                _again_and_again(
                    lambda: _refresh(parts), timedelta(minutes=settings.refresh_minutes)
                )
            ),
            asyncio.create_task(
                _again_and_again(
                    lambda: _prefetch(parts),
                    lambda: parts.lists.prefetch.pause(timedelta(minutes=settings.refresh_minutes)),
                )
            ),
        ]
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            await asyncio.to_thread(parts.database.close)
            await asyncio.to_thread(room.close)

    app = FastAPI(
        title="Kykylompakko verifier",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,  # it would send callers to whatever their Host header names
    )
    app.state.services = replace(parts.services, besides=room.opened)
    app.state.training = room
    app.state.parts = parts
    for part in _PARTS:
        # Not by `include_router`, which works out all routes once more at the first request.
        app.routes.extend(part.router.routes)
    app.mount("/static", Assets(directory=HERE / "web" / "static"))
    add_handlers(app)
    openapi.install(app)
    app.add_middleware(
        BodyLimits,
        room=_ROOM,
        picture_room=_PICTURE_ROOM,
        picture_paths=("/api/v1/scans", "/desk/scan/"),
        refuse=refuse_body,
    )
    app.add_middleware(LastResort, answer=own_mistake)
    headers = HEADERS if settings.is_plain_http else {**HEADERS, **TLS_HEADERS}
    app.add_middleware(ResponseHeaders, headers=headers, random=random or SystemRandom())
    return app


def _open_training(
    settings: Settings, keys: KeyStore, real: Services, random: Random | None
) -> OpenTraining[Services]:
    """Build the service once more, for training: the same code over keys and tables of its own."""
    ground = TrainingGround.make(settings, keys=keys, catalogue=real.catalogue, clock=real.clock)
    parts = build(
        ground.settings,
        keys=ground.keys,
        clock=real.clock,
        random=random,
        fetcher=ground.host,
        catalogue=ground.catalogue,
    )
    parts.database.upgrade(MIGRATIONS)
    inside = parts.services

    def close() -> None:
        parts.database.close()
        ground.remove()

    services = replace(
        inside,
        door=real.door,
        staff_sign_in=real.staff_sign_in,
        provider=real.provider,
        check_key=real.check_key,
        cookies_need_tls=real.cookies_need_tls,
        besides=lambda: (real,),
    )
    desk = TrainingDesk(
        client=TrainingClient(
            catalogue=ground.catalogue, pki=ground.pki, random=random or SystemRandom()
        ),
        start=inside.start,
        serve=inside.serve,
        accept=inside.accept,
        refresh=parts.refresh,
        clock=real.clock,
    )
    return OpenTraining(services, desk, close)


async def _refresh(parts: Parts) -> None:
    refreshed = await parts.refresh()
    if refreshed.failure is not None:
        _log.warning("trust list not refreshed: %s", refreshed.failure)


async def _prefetch(parts: Parts) -> None:
    if parts.lists.prefetch.offline_since is not None:
        await _refresh(parts)  # a bundle may have been loaded meanwhile
    passed = await parts.lists.prefetch()
    if passed.failures:
        codes = ", ".join(sorted(set(passed.failures)))
        _log.warning("%d status lists at hand, others not: %s", passed.had, codes)


async def _again_and_again(
    chore: Callable[[], Awaitable[object]], every: timedelta | Callable[[], timedelta]
) -> None:
    while True:
        pause = every() if callable(every) else every
        await asyncio.sleep(pause.total_seconds())
        try:
            await chore()
        except Exception as failure:
            _log.error("a chore failed and is tried again later: %s", kind_and_place(failure))
