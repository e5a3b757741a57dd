"""Where issuing systems get access tokens (OAuth 2.0, private_key_jwt)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from issuer.usecases.failures import OrganisationUnknown
from issuer.web.services import Services
from issuer.web.wire import statuses
from openid4vc.oauth.client_credentials import token_response
from service_kit.described import FORM, JSON, content, gives, takes
from service_kit.http import read_form


def router(services: Services) -> APIRouter:
    """Return the token endpoint of issuing systems, one for each organisation."""
    routes = APIRouter(tags=["access"])

    @routes.post(
        "/{org}/system-token",
        openapi_extra=takes(content(FORM, "SystemTokenRequest")),
        response_class=Response,
        responses={
            **gives("An access token", content(JSON, "SystemTokenResponse")),
            **statuses(400, 404, 408, 413, 415),
        },
    )
    async def system_token(org: str, request: Request) -> Response:
        """Give an access token for an assertion signed with a registered key."""
        if org not in services.catalogue.organisations:
            raise OrganisationUnknown("no such organisation")
        given = await services.systems.give_token(org, await read_form(request))
        return JSONResponse(
            token_response(given.text, lifetime=given.lifetime, scopes=given.scopes)
        )

    return routes
