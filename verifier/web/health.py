"""Whether the service can do its work, for a supervisor or load balancer."""

import logging
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from service_kit.described import JSON, content, gives
from verifier.model import started_hours
from verifier.web.services import services_of

router = APIRouter(tags=["health"])
_log = logging.getLogger("verifier")


@router.get(
    "/healthz",
    response_class=Response,
    responses={
        **gives("Ready", content(JSON, "Health")),
        **gives("Not ready; `code` says why", content(JSON, "Health"), status=503),
    },
)
async def healthz(request: Request) -> Response:
    """Answer 200 while the records can be read and a trust list is in force, else 503."""
    health = await services_of(request).health()
    if health.failure is None:
        if health.is_new:
            _log.info("ready again")
        age = started_hours(health.trust_list_age)
        return JSONResponse({"status": "ok", "trust_list_age_hours": age})
    if health.is_new:  # once, not at each of a supervisor's questions
        _log.error("not ready: %s", health.failure)
    return JSONResponse(
        {"status": "unavailable", "code": health.failure},
        status_code=HTTPStatus.SERVICE_UNAVAILABLE,
    )
