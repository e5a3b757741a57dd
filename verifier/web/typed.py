"""Where a client types the code that stands beside the QR code: on any phone, with any wallet."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from keys.checks import CheckFailed
from verifier.model import Verification
from verifier.usecases.caller_limit import TooManyAttempts
from verifier.usecases.failures import RequestOver
from verifier.web.callers import caller_of
from verifier.web.desk import SEE_OTHER
from verifier.web.errors import for_machine
from verifier.web.pages import language, render
from verifier.web.services import services_of

router = APIRouter(prefix="/k", include_in_schema=False)


@router.get("")
async def type_page(request: Request, code: str = "") -> Response:
    """Ask for the code; with one, go to its own address."""
    if code.strip():
        return RedirectResponse(f"/k/{code.strip()[:40]}", status_code=SEE_OTHER)
    return render(request, "typed.html", fault=None, view=None)


@router.get("/{code}")
async def open_typed(request: Request, code: str) -> Response:
    """Lead to the request: a page for people, the wallet's link for programs."""
    for_people = "text/html" in request.headers.get("accept", "")
    try:
        verification = await services_of(request).typed(code, caller=caller_of(request))
    except CheckFailed as failure:
        return _refused(request, failure, for_people=for_people)
    link = services_of(request).receiver.request_link(verification.ref)
    if not for_people:
        return Response(status_code=SEE_OTHER, headers={"Location": link})
    return await _leads_on(request, verification, link)


async def _leads_on(request: Request, verification: Verification, link: str) -> Response:
    services = services_of(request)
    profile = services.catalogue.profiles[verification.profile]
    request.state.who = (await services.who_asks())[language(request)]
    return render(request, "typed.html", fault=None, view=profile, link=link)


def _refused(request: Request, failure: CheckFailed, *, for_people: bool) -> Response:
    status, fault = HTTPStatus.NOT_FOUND, "typed.unknown"
    if isinstance(failure, TooManyAttempts):
        status, fault = HTTPStatus.TOO_MANY_REQUESTS, "typed.wait"
    elif isinstance(failure, RequestOver):
        status, fault = HTTPStatus.GONE, "typed.over"
    if not for_people:
        return for_machine(request.scope["path"], failure, status)
    return render(request, "typed.html", status=status, fault=fault, view=None)
