"""Where issuing systems get access tokens (OAuth 2.0, private_key_jwt)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from issuer.usecases.failures import OrganisationUnknown
from issuer.web.services import Services
from openid4vc.oauth.client_credentials import token_response
from service_kit.http import read_form

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "client_assertion_type", "client_assertion"],
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "client_assertion_type": {
                            "const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                        },
                        "client_assertion": {
                            "type": "string",
                            "description": "A JWT signed with ES256; see docs/issuing-systems.md",
                        },
                        "scope": {
                            "type": "string",
                            "description": "For example offer:statement_feedback; all when absent",
                        },
                    },
                }
            }
        },
    }
}
_TOKEN = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {
        "access_token": {"type": "string"},
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds"},
        "scope": {"type": "string"},
    },
}


def router(services: Services) -> APIRouter:
    """Return the token endpoint of issuing systems, one for each organisation."""
    routes = APIRouter(tags=["access"])

    @routes.post(
        "/{org}/system-token",
        openapi_extra=_FORM,
        response_class=JSONResponse,
        responses={
            200: {
                "description": "An access token",
                "content": {"application/json": {"schema": _TOKEN}},
            },
            400: {"description": "An OAuth 2.0 error object (RFC 6749 5.2)"},
            404: {"description": "No such organisation"},
            408: {"description": "The body did not arrive in time"},
            413: {"description": "The body is too large"},
            415: {"description": "The body is no form"},
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
