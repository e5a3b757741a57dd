"""What a wallet calls when its holder revokes an own card (OpenID4VP 1.0, one card, no data)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from issuer.usecases.failures import TypeNotIssuedHere
from issuer.web.services import Services
from openid4vc.openid4vp.write_request import REQUEST_TYPE
from service_kit.http import read_form

_FORM = {"requestBody": {"content": {"application/x-www-form-urlencoded": {}}, "required": True}}
_ERRORS: dict[int | str, dict[str, object]] = {
    400: {"description": "What was presented revokes nothing"},
    404: {"description": "No such organisation or request, or holders cannot revoke here"},
    408: {"description": "The body did not arrive in time"},
    413: {"description": "The body is too large"},
    415: {"description": "Another Content-Type than a form"},
}


def router(services: Services) -> APIRouter:
    """Return the endpoints."""
    routes = APIRouter(tags=["wallet"], responses=dict(_ERRORS))

    @routes.post("/{org}/revocations", openapi_extra=_FORM)
    async def start(org: str, request: Request) -> Response:
        """Give a link to a request for a card of the type `vct`; nothing is kept of it."""
        form = dict(await read_form(request))
        if "vct" not in form:
            raise TypeNotIssuedHere("no vct")
        link = await services.after.start_revocation(org, form["vct"])
        return JSONResponse({"request_link": link})

    @routes.get("/{org}/revocations/{reference}")
    async def signed_request(org: str, reference: str) -> Response:
        """Give the signed request behind a link, as often as it is asked for."""
        text = services.after.serve_revocation(org, reference)
        return Response(text, media_type=f"application/{REQUEST_TYPE}")

    @routes.post("/{org}/revocations/{reference}/answer", openapi_extra=_FORM)
    async def answer(org: str, reference: str, request: Request) -> Response:
        """Take the wallet's answer; the very card that it presents is revoked for good."""
        outcome = await services.after.take_revocation(org, reference, await read_form(request))
        return JSONResponse({"outcome": outcome.value})

    return routes
