"""What wallets read first: who the issuer is and what it issues."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from issuer.web.negotiation import preferred_type
from issuer.web.services import Services
from issuer.web.wire import statuses
from openid4vc.openid4vci.metadata import (
    AUTHORIZATION_SERVER,
    CREDENTIAL_ISSUER,
)
from openid4vc.openid4vci.signed_metadata import MEDIA_TYPE
from service_kit.described import JSON, content, gives

_FRESH_FOR = {"Cache-Control": "public, max-age=300"}
_BY_ACCEPT = {**_FRESH_FOR, "Vary": "Accept"}
_OFFERED = (JSON, MEDIA_TYPE)


def router(services: Services) -> APIRouter:
    """Return the metadata endpoints."""
    routes = APIRouter(tags=["metadata"], responses=statuses(404))

    @routes.get(
        f"/.well-known/{CREDENTIAL_ISSUER}/{{org}}",
        response_class=Response,
        responses=gives(
            "The metadata", content(JSON, "IssuerMetadata"), content(MEDIA_TYPE, "CompactJws")
        ),
    )
    async def credential_issuer(org: str, request: Request) -> Response:
        """Give the credential issuer metadata of an organisation (VCI 12.2): JSON, or signed.

        Whoever takes neither gets JSON all the same; following `Accept` is only recommended.
        """
        metadata = services.describe_issuer.plain(org)
        if preferred_type(request.headers.get("accept"), _OFFERED) == MEDIA_TYPE:
            signed = services.describe_issuer.signed(org)
            return Response(signed, media_type=MEDIA_TYPE, headers=_BY_ACCEPT)
        return JSONResponse(metadata, headers=_BY_ACCEPT)

    @routes.get(
        f"/.well-known/{AUTHORIZATION_SERVER}/{{org}}",
        response_class=Response,
        responses=gives("The metadata", content(JSON, "AuthorizationServerMetadata")),
    )
    async def authorization_server(org: str) -> Response:
        """Give the authorization server metadata of an organisation (RFC 8414)."""
        metadata = services.describe_issuer.server(org)
        # Token Status List 9.1
        metadata["status_list_aggregation_endpoint"] = services.addresses.status_lists(org)
        return JSONResponse(metadata, headers=_FRESH_FOR)

    return routes
