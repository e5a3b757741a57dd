"""Status lists, for anybody to fetch and for any cache to keep (Token Status List 8, 9)."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from issuer.model import PublishedList
from issuer.web.errors import HistoryNotKept, NotAcceptable
from issuer.web.etags import has_copy
from issuer.web.negotiation import preferred_type, takes_gzip
from issuer.web.services import Services
from issuer.web.wire import statuses
from keys.jose import b64url_encode
from openid4vc.status_list import cwt, token
from openid4vc.status_list.aggregation import aggregation_json
from service_kit.described import JSON, binary, content, gives

# The first is what a caller without a wish gets.
MEDIA_TYPES = (token.MEDIA_TYPE, cwt.MEDIA_TYPE)
_NOT_MODIFIED = 304
_NUMBER_MAX = 1_000_000
_KEPT_COMPRESSED = 32
_Organisation = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]


@dataclass(frozen=True, slots=True)
class _Representation:
    """One form of a list as it is sent, and its strong tag."""

    body: bytes
    media_type: str
    etag: str
    encoding: str | None = None


def router(services: Services) -> APIRouter:
    """Return the status list endpoints."""
    routes = APIRouter(tags=["status"])
    max_age = int(services.copies_fresh_for.total_seconds())

    @routes.head("/{org}/status-lists/{number}", include_in_schema=False)
    @routes.get(
        "/{org}/status-lists/{number}",
        responses={
            **gives(
                "The list, signed",
                content(token.MEDIA_TYPE, "CompactJws"),
                binary(cwt.MEDIA_TYPE),
            ),
            304: {"description": "The copy that the caller has is the newest"},
            **statuses(404, 406, 501),
        },
        response_class=Response,
    )
    async def status_list(
        org: _Organisation,
        number: Annotated[int, Path(ge=1, le=_NUMBER_MAX)],
        request: Request,
    ) -> Response:
        """Give a signed status list, as JWT or as CWT."""
        if "time" in request.query_params:
            raise HistoryNotKept("time")
        media_type = preferred_type(request.headers.get("accept"), MEDIA_TYPES)
        if media_type is None:
            raise NotAcceptable("status lists come as JWT or CWT")
        published = await services.publish_status_list(org, number)
        zipped = takes_gzip(request.headers.get("accept-encoding", ""))
        sent = _representation(published, media_type, zipped=zipped)
        headers = {
            "Cache-Control": f"public, max-age={max_age}",
            "ETag": sent.etag,
            "Vary": "Accept, Accept-Encoding",
        }
        if has_copy(request.headers.get("if-none-match", ""), sent.etag):
            return Response(status_code=_NOT_MODIFIED, headers=headers)
        if sent.encoding is not None:
            headers["Content-Encoding"] = sent.encoding
        return Response(sent.body, media_type=sent.media_type, headers=headers)

    @routes.head("/{org}/status-lists", include_in_schema=False)
    @routes.get(
        "/{org}/status-lists",
        responses={
            **gives("Their addresses", content(JSON, "StatusListAggregation")),
            **statuses(404),
        },
        response_class=Response,
    )
    async def status_lists(org: _Organisation) -> Response:
        """Name every status list of an organisation, for verifiers that fetch them ahead (9)."""
        uris = await services.name_status_lists(org)
        headers = {"Cache-Control": f"public, max-age={max_age}"}
        return JSONResponse(aggregation_json(uris), headers=headers)

    return routes


def _representation(published: PublishedList, media_type: str, *, zipped: bool) -> _Representation:
    if media_type == cwt.MEDIA_TYPE:
        return _plain(published.cwt, media_type)
    return _compressed(published.token) if zipped else _plain(published.token.encode(), media_type)


def _plain(body: bytes, media_type: str) -> _Representation:
    return _Representation(body, media_type, f'"{_digest(body)}"')


@lru_cache(maxsize=_KEPT_COMPRESSED)
def _compressed(text: str) -> _Representation:
    """Return the JWT in gzip: another representation, so another strong tag (RFC 9110 8.8.3.3).

    A CWT is not compressed: what it holds is.
    """
    body = text.encode()
    packed = gzip.compress(body, mtime=0)
    return _Representation(packed, token.MEDIA_TYPE, f'"{_digest(body)}-gzip"', "gzip")


def _digest(body: bytes) -> str:
    return b64url_encode(hashlib.sha256(body).digest())
