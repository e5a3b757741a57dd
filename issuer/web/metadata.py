"""What wallets read first: who the issuer is and what it issues."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from credential_schemas.model import Organisation
from issuer.usecases.failures import OrganisationUnknown
from issuer.web.services import Services
from openid4vc.openid4vci.metadata import (
    AUTHORIZATION_SERVER,
    CREDENTIAL_ISSUER,
    authorization_server_metadata,
    issuer_metadata,
)

_FRESH_FOR = {"Cache-Control": "public, max-age=300"}


def router(services: Services) -> APIRouter:
    """Return the metadata endpoints."""
    routes = APIRouter(tags=["metadata"], responses={404: {"description": "No such organisation"}})

    def issuing(org: str) -> Organisation:
        organisation = services.catalogue.organisations.get(org)
        if organisation is None or not organisation.types:
            raise OrganisationUnknown("issues nothing")
        return organisation

    @routes.get(f"/.well-known/{CREDENTIAL_ISSUER}/{{org}}")
    async def credential_issuer(org: str) -> Response:
        """Give the credential issuer metadata of an organisation (VCI 12.2)."""
        organisation = issuing(org)
        types = [services.catalogue.types[one] for one in sorted(organisation.types)]
        return JSONResponse(
            issuer_metadata(services.addresses.issuer(org), names=organisation.names, types=types),
            headers=_FRESH_FOR,
        )

    @routes.get(f"/.well-known/{AUTHORIZATION_SERVER}/{{org}}")
    async def authorization_server(org: str) -> Response:
        """Give the authorization server metadata of an organisation (RFC 8414)."""
        issuing(org)
        metadata = authorization_server_metadata(services.addresses.issuer(org))
        # Token Status List 9.1
        metadata["status_list_aggregation_endpoint"] = services.addresses.status_lists(org)
        return JSONResponse(metadata, headers=_FRESH_FOR)

    return routes
