"""The two addresses that wallets use: the signed request, and where the answer goes."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from service_kit.http import read_form
from verifier.web.services import services_of

router = APIRouter(tags=["wallet"])

_REQUEST_TYPE = "application/oauth-authz-req+jwt"


@router.get("/requests/{ref}", summary="Read the signed request object")
async def read_request(ref: str, request: Request) -> Response:
    """Return the request object (OpenID4VP 5.10); the same bytes each time, until answered."""
    text = await services_of(request).serve(ref)
    return Response(text, media_type=_REQUEST_TYPE, headers={"Cache-Control": "no-store"})


@router.post("/responses/{ref}", summary="Answer a request")
async def post_response(ref: str, request: Request) -> Response:
    """Take an encrypted response, or a wallet's error (OpenID4VP 8.2, 8.3).

    The verdict is told to the desk only; a wallet learns that its answer arrived.
    """
    await services_of(request).accept(ref, await read_form(request))
    return JSONResponse({}, headers={"Cache-Control": "no-store"})
