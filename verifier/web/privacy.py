"""What clients see and do by themselves: what is asked and why, and what became of a showing.

Nobody signs in here and no cookie is set. Staff have no part in it.
"""

import base64
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from credential_schemas.i18n import format_time
from openid4vc.openid4vp.errors import MalformedResponse
from openid4vc.openid4vp.withdrawal import Wish, done_json
from service_kit.described import JSON, content, gives, ref, takes
from service_kit.http import BodyTooLarge, MediaTypeNotSupported, read_form
from service_kit.qr import qr_svg
from verifier.usecases.caller_limit import TooManyAttempts
from verifier.usecases.client_side_model import PrivacyPageBusy
from verifier.usecases.failures import RequestUnknown
from verifier.usecases.open_receipt import OpenReceipt
from verifier.usecases.report_receiver import MAX_BYTES
from verifier.web.callers import caller_of
from verifier.web.desk import SEE_OTHER
from verifier.web.pages import language, render, words
from verifier.web.privacy_view import PrivacyWriter
from verifier.web.services import services_of
from verifier.web.uploads import media_type
from verifier.web.wire import REQUEST_TYPE, RESPONSE_FORM, errors, form, signed_request

router = APIRouter(prefix="/privacy", tags=["client"])

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_SHOWN_MINUTES = 10


@router.get("", include_in_schema=False)
async def page(request: Request) -> Response:
    """Show what is asked here, why, and what becomes of it."""
    services = services_of(request)
    side = services.client_side
    return render(
        request,
        "privacy.html",
        asks=(await services.who_asks())[language(request)],
        tasks=_writer(request).tasks(await side.asking_roles()),
        has_way_in=await side.way_in() is not None,
        contact=side.contact,
        minutes=_MOST_SHOWN_MINUTES,
    )


@router.get("/receipt", include_in_schema=False)
async def again(request: Request) -> Response:
    """Lead back whoever reloads: a request is made by a button only."""
    return RedirectResponse(f"/privacy?lang={language(request)}", status_code=SEE_OTHER)


@router.post("/receipt", include_in_schema=False)
async def ask(request: Request) -> Response:
    """Show a request for the client's own receipt."""
    side = services_of(request).client_side
    way = await side.way_in()
    try:
        opened = None if way is None else await way.start(caller=caller_of(request))
    except (PrivacyPageBusy, TooManyAttempts):
        opened = None
    if opened is None:
        return render(
            request,
            "privacy_busy.html",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            contact=side.contact,
        )
    picture = qr_svg(opened.link, title=words(request)("privacy.alt"))
    return render(
        request,
        "privacy_ask.html",
        link=opened.link,
        code=base64.b64encode(picture).decode("ascii"),
        until=format_time(opened.until, language(request)),
    )


@router.get(
    "/requests/{ref}",
    summary="Read the signed request for one's own receipt",
    response_class=Response,
    responses={**signed_request(), **errors(404)},
)
async def read_request(ref: str, request: Request) -> Response:
    """Return the request object (OpenID4VP 5.10); the same bytes until it is answered.

    Raises:
        RequestUnknown: there is none.
    """
    text = await _way(request).serve(ref)
    return Response(text, media_type=REQUEST_TYPE, headers=_NO_STORE)


@router.post(
    "/responses/{ref}",
    summary="Answer with one's own receipt",
    openapi_extra=form(RESPONSE_FORM),
    response_class=Response,
    responses={
        **gives("It has arrived", content(JSON, "AnswerTaken")),
        **errors(400, 404, 408, 413, 415),
    },
)
async def post_response(ref: str, request: Request) -> Response:
    """Take an encrypted response, and send its wallet's owner to their own page (OpenID4VP 8.2).

    Raises:
        RequestUnknown: no such request is open.
        CheckFailed: it is no response to it.
    """
    address = await _way(request).answer(ref, await read_form(request))
    base = services_of(request).receiver.base_url
    told = {} if address is None else {"redirect_uri": f"{base}/privacy/own/{address}"}
    return JSONResponse(told, headers=_NO_STORE)


@router.get("/own/{address}", include_in_schema=False)
async def own_page(address: str, request: Request) -> Response:
    """Show what became of a showing, to whoever holds its receipt; looking changes nothing."""
    side = services_of(request).client_side
    found = None if side.open is None else await side.open.look(address)
    view = None if found is None else _writer(request).own(found)
    if found is None or view is None:
        return render(
            request,
            "privacy_unknown.html",
            status=HTTPStatus.NOT_FOUND,
            is_over=found is None,
            contact=side.contact,
        )
    return render(
        request,
        "privacy_own.html",
        view=view,
        until=format_time(found.until, language(request)),
        contact=side.contact,
    )


@router.post("/own/{address}", include_in_schema=False)
async def act(address: str, request: Request) -> Response:
    """Do what the client asks: withdraw, or erase.

    Raises:
        RequestUnknown: there is no such page.
        MalformedResponse: something else is asked.
    """
    form = dict(await read_form(request))
    try:
        wish = Wish(form.get("request", ""))
    except ValueError:
        raise MalformedResponse("request") from None
    await _way(request).ask(address, wish)
    here = f"/privacy/own/{address}?lang={language(request)}"
    return RedirectResponse(here, status_code=SEE_OTHER)


@router.get(
    "/withdrawals/{named}",
    summary="What a withdrawal has to be bound to",
    response_class=Response,
    responses={**gives("An invitation", content(JSON, "WithdrawalInvitation")), **errors(404)},
)
async def invite(named: str, request: Request) -> Response:
    """Return a nonce, the name for withdrawals, and for how long both are good.

    Raises:
        RequestUnknown: no receipt of ours names that receiver.
    """
    told = await services_of(request).client_side.withdraw.invite(named)
    return JSONResponse(dict(told), headers=_NO_STORE)


@router.post(
    "/withdrawals/{named}",
    summary="Withdraw, or have erased, by presenting the receipt",
    openapi_extra=form(ref("Withdrawal")),
    response_class=Response,
    responses={
        **gives("What was done", content(JSON, "WithdrawalOutcome")),
        **errors(400, 404, 408, 413, 415),
    },
)
async def withdraw(named: str, request: Request) -> Response:
    """Take a key-bound presentation of a receipt; see docs/privacy.md.

    Raises:
        RequestUnknown: no receipt of ours names that receiver.
        MalformedResponse: the form has another shape.
        InvitationOver: the nonce is not ours, out of time or used.
        ReceiptRefused: no receipt of ours in its holder's hands.
    """
    done = await services_of(request).client_side.withdraw(named, await read_form(request))
    return JSONResponse(done_json(done), headers=_NO_STORE)


@router.post(
    "/reports",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Report a receiver",
    openapi_extra=takes(content(JSON, "Report")),
    response_class=Response,
    responses=errors(400, 408, 413, 415, 429),
)
async def report(request: Request) -> Response:
    """Take in a wallet's report of a receiver that asks too much; see docs/privacy.md.

    Raises:
        MediaTypeNotSupported, BodyTooLarge, ReportMalformed: it is no report.
        TooManyAttempts: too many from there, or today.
    """
    if media_type(request) != JSON:
        raise MediaTypeNotSupported(JSON)
    body = await request.body()
    if len(body) > MAX_BYTES:
        raise BodyTooLarge("a report")
    await services_of(request).client_side.report(body, caller=caller_of(request))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _way(request: Request) -> OpenReceipt:
    way = services_of(request).client_side.open
    if way is None:
        raise RequestUnknown
    return way


def _writer(request: Request) -> PrivacyWriter:
    catalogue = services_of(request).catalogue
    return PrivacyWriter(catalogue=catalogue, words=words(request), lang=language(request))
