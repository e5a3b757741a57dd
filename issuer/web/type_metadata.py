"""Type metadata, for anybody to fetch and for any cache to keep (SD-JWT VC 3, 5, 7.2)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from issuer.web.errors import AddressUnknown
from issuer.web.etags import has_copy
from issuer.web.services import Services
from issuer.web.wire import statuses
from service_kit.described import JSON, content, gives

_NOT_MODIFIED = 304
_FRESH_FOR = "public, max-age=3600"


def router(services: Services) -> APIRouter:
    """Return the endpoint of type metadata documents."""
    routes = APIRouter(tags=["metadata"])

    @routes.head("/type-metadata/{vct}", include_in_schema=False)
    @routes.get(
        "/type-metadata/{vct}",
        responses={
            **gives("The document", content(JSON, "TypeMetadata")),
            304: {"description": "The copy that the caller has is the newest"},
            **statuses(404),
        },
        response_class=Response,
    )
    async def type_metadata(vct: str, request: Request) -> Response:
        """Give the type metadata of a credential type.

        The tag is the document's integrity metadata, which a credential may also carry as
        `vct#integrity`. That the answer is no page, whatever a browser makes of it, is said by the
        headers that all answers carry.
        """
        described = services.describe_type(vct)
        if described is None:
            raise AddressUnknown("no such type")
        etag = f'"{described.integrity}"'
        headers = {"Cache-Control": _FRESH_FOR, "ETag": etag}
        if has_copy(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=_NOT_MODIFIED, headers=headers)
        return Response(described.document, media_type=JSON, headers=headers)

    return routes
