"""Status lists, for anybody to fetch and for any cache to keep (Token Status List 8)."""

import gzip
import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from issuer.web.errors import HistoryNotKept, NotAcceptable
from issuer.web.services import Services
from keys.jose import b64url_encode

MEDIA_TYPE = "application/statuslist+jwt"
_NOT_MODIFIED = 304
_NUMBER_MAX = 1_000_000


def router(services: Services) -> APIRouter:
    """Return the status list endpoint."""
    routes = APIRouter(tags=["status"])
    max_age = int(services.copies_fresh_for.total_seconds())

    @routes.head("/{org}/status-lists/{number}", include_in_schema=False)
    @routes.get(
        "/{org}/status-lists/{number}",
        responses={
            200: {"content": {MEDIA_TYPE: {}}},
            304: {"description": "The copy that the caller has is the newest"},
            404: {"description": "No such list"},
            406: {"description": "Accept rules out application/statuslist+jwt"},
            501: {"description": "Lists of the past (time=) are not kept"},
        },
        response_class=Response,
    )
    async def status_list(
        org: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")],
        number: Annotated[int, Path(ge=1, le=_NUMBER_MAX)],
        request: Request,
    ) -> Response:
        """Give a signed status list."""
        if "time" in request.query_params:
            raise HistoryNotKept("time")
        if not _accepts(request.headers.get("accept")):
            raise NotAcceptable("status lists come as JWT")
        published = await services.publish_status_list(org, number)
        body = published.token.encode()
        tag = b64url_encode(hashlib.sha256(body).digest())
        headers = {
            "Cache-Control": f"public, max-age={max_age}",
            "Vary": "Accept-Encoding",
        }
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            # Another representation, so another strong tag (RFC 9110 8.8.3.3).
            body, tag = gzip.compress(body, mtime=0), f"{tag}-gzip"
            headers["Content-Encoding"] = "gzip"
        headers["ETag"] = f'"{tag}"'
        if _has_copy(request.headers.get("if-none-match", ""), headers["ETag"]):
            headers.pop("Content-Encoding", None)
            return Response(status_code=_NOT_MODIFIED, headers=headers)
        return Response(body, media_type=MEDIA_TYPE, headers=headers)

    return routes


def _accepts(accept: str | None) -> bool:
    if accept is None:
        return True
    kinds = {entry.split(";")[0].strip().lower() for entry in accept.split(",")}
    return not kinds.isdisjoint({MEDIA_TYPE, "application/*", "*/*"})


def _takes_gzip(accept_encoding: str) -> bool:
    for entry in accept_encoding.lower().split(","):
        name, _, weight = entry.strip().partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _has_copy(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]
