"""What a wallet calls when its holder revokes an own card (OpenID4VP 1.0, one card, no data)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from issuer.usecases.failures import TypeNotIssuedHere
from issuer.web.services import Services
from issuer.web.wire import statuses
from openid4vc.openid4vp.write_request import REQUEST_TYPE
from service_kit.described import FORM, JSON, content, gives, takes
from service_kit.http import read_form

_BODY = (408, 413, 415)
_SIGNED_REQUEST = f"application/{REQUEST_TYPE}"


def router(services: Services) -> APIRouter:
    """Return the endpoints."""
    routes = APIRouter(tags=["wallet"], responses=statuses(404))

    @routes.post(
        "/{org}/revocations",
        openapi_extra=takes(content(FORM, "RevocationStart")),
        response_class=Response,
        responses={
            **gives("A link", content(JSON, "RevocationLink")),
            **statuses(400, *_BODY, 422),
        },
    )
    async def start(org: str, request: Request) -> Response:
        """Give a link to a request for a card of the type `vct`; nothing is kept of it."""
        form = dict(await read_form(request))
        if "vct" not in form:
            raise TypeNotIssuedHere("no vct")
        link = await services.after.start_revocation(org, form["vct"])
        return JSONResponse({"request_link": link})

    @routes.get(
        "/{org}/revocations/{reference}",
        response_class=Response,
        responses=gives("A signed request", content(_SIGNED_REQUEST, "CompactJws")),
    )
    async def signed_request(org: str, reference: str) -> Response:
        """Give the signed request behind a link, as often as it is asked for."""
        text = services.after.serve_revocation(org, reference)
        return Response(text, media_type=_SIGNED_REQUEST)

    @routes.post(
        "/{org}/revocations/{reference}/answer",
        openapi_extra=takes(content(FORM, "RevocationAnswer")),
        response_class=Response,
        responses={
            **gives("What became of it", content(JSON, "RevocationOutcome")),
            **statuses(400, *_BODY),
        },
    )
    async def answer(org: str, reference: str, request: Request) -> Response:
        """Take the wallet's answer; the very card that it presents is revoked for good."""
        outcome = await services.after.take_revocation(org, reference, await read_form(request))
        return JSONResponse({"outcome": outcome.value})

    return routes
