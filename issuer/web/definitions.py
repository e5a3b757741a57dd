"""What types may say and which codes there are, for anybody to read and map to their own."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from credential_schemas.published import definitions
from issuer.web.errors import AddressUnknown
from issuer.web.services import Services
from issuer.web.wire import statuses
from service_kit.described import JSON, content, gives

_FRESH_FOR = "public, max-age=3600"


def router(services: Services) -> APIRouter:
    """Return the endpoints of schemas and code lists."""
    routes = APIRouter(tags=["metadata"])
    published = definitions(services.catalogue)
    headers = {"Cache-Control": _FRESH_FOR}

    @routes.get(
        "/definitions",
        response_class=Response,
        responses=gives("Their names", content(JSON, "Definitions")),
    )
    async def every_definition() -> Response:
        """Name every definition: the JSON Schema of each type's claims, and each code list."""
        return JSONResponse({"definitions": sorted(published)}, headers=headers)

    @routes.get(
        "/definitions/{urn}",
        response_class=Response,
        responses={**gives("The definition", content(JSON, "Definition")), **statuses(404)},
    )
    async def one_definition(urn: str) -> Response:
        """Give a JSON Schema (`$id` is its name) or the labels of a code list."""
        found = published.get(urn)
        if found is None:
            raise AddressUnknown("no such definition")
        return JSONResponse(found, headers=headers)

    return routes
