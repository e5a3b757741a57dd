"""What wallets use: the signed request, where the answer goes, the code to read out."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from credential_schemas.i18n import format_time
from openid4vc.openid4vp.request_post import read_fetch
from service_kit.described import JSON, content, gives
from service_kit.http import read_form
from verifier.usecases.accept_response import Handed
from verifier.usecases.code_book import HandedCode, HandedReturn
from verifier.usecases.receiver import Receiver
from verifier.web.pages import language, render
from verifier.web.services import services_of
from verifier.web.wire import (
    REQUEST_FORM,
    REQUEST_TYPE,
    RESPONSE_FORM,
    errors,
    form,
    signed_request,
)

router = APIRouter(tags=["wallet"])


@router.get(
    "/requests/{ref}",
    summary="Read the signed request object",
    response_class=Response,
    responses={**signed_request(), **errors(404, 410)},
)
async def read_request(ref: str, request: Request) -> Response:
    """Return the request object (OpenID4VP 5.10); the same bytes each time, until answered."""
    text = await services_of(request).serve(ref)
    return Response(text, media_type=REQUEST_TYPE, headers={"Cache-Control": "no-store"})


@router.post(
    "/requests/{ref}",
    summary="Read the signed request object, with a nonce of one's own",
    openapi_extra=form(REQUEST_FORM, required=False),
    response_class=Response,
    responses={**signed_request(), **errors(400, 404, 408, 410, 413, 415)},
)
async def post_for_request(ref: str, request: Request) -> Response:
    """Return the request object with the `wallet_nonce` that was sent, if one was (5.10)."""
    # Both parameters are optional: a wallet may well send nothing at all.
    form = await read_form(request) if await request.body() else []
    wallet_nonce = read_fetch(form)
    text = await services_of(request).serve(ref, wallet_nonce=wallet_nonce)
    return Response(text, media_type=REQUEST_TYPE, headers={"Cache-Control": "no-store"})


@router.post(
    "/responses/{ref}",
    summary="Answer a request",
    openapi_extra=form(RESPONSE_FORM),
    response_class=Response,
    responses={
        **gives("It has arrived", content(JSON, "AnswerTaken")),
        **errors(400, 404, 408, 410, 413, 415),
    },
)
async def post_response(ref: str, request: Request) -> Response:
    """Take an encrypted response, or a wallet's error (OpenID4VP 8.2, 8.3).

    The verdict is told to the desk only. A wallet learns that its answer arrived, and whoever
    shows something gets a code to read out: on the page behind `redirect_uri`, and as a member
    of our own for wallets that show it themselves (others pass over what they do not know). Where
    the wallet is on the device whose browser asks, `redirect_uri` leads that browser back instead.
    """
    services = services_of(request)
    handed = await services.accept(ref, await read_form(request))
    return JSONResponse(_told(handed, services.receiver), headers={"Cache-Control": "no-store"})


def _told(handed: Handed | None, receiver: Receiver) -> dict[str, str]:
    match handed:
        case None:
            return {}
        case HandedReturn():
            return {"redirect_uri": handed.address}
        case HandedCode():
            page = receiver.code_page(handed.address)
            return {"redirect_uri": page, "confirmation_code": handed.code}


@router.get("/c/{address}", include_in_schema=False)
async def code_page(address: str, request: Request) -> Response:
    """Show a confirmation code to the person whose wallet answered; looking changes nothing."""
    services = services_of(request)
    lang = language(request)
    shown = await services.codes.shown(address, at=services.clock.now())
    return render(
        request,
        "wallet_code.html",
        status=HTTPStatus.OK if shown else HTTPStatus.NOT_FOUND,
        asks=(await services.who_asks())[lang],
        code=None if shown is None else shown.code,
        until=None if shown is None else format_time(shown.until, lang),
    )
