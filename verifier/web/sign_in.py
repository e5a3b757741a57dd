"""Signing in at the desk with the desk's key, and out."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from service_kit.http import read_form
from verifier.usecases.desk_session import OpenDesk
from verifier.usecases.failures import FormNotOurs, KeyRefused, SessionEnded
from verifier.web import cookies
from verifier.web.desk import Desk, Form, to
from verifier.web.pages import render
from verifier.web.services import services_of

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/sign-in")
async def page(request: Request) -> Response:
    """Show the form for the desk's key."""
    return sign_in_page(request, ended="ended" in request.query_params)


def sign_in_page(
    request: Request,
    *,
    ended: bool = False,
    wrong: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Return the form with a fresh token of its own."""
    token = services_of(request).door.sign_in_token()
    response = render(request, "sign_in.html", status=status, token=token, ended=ended, wrong=wrong)
    cookies.set_sign_in_token(request, response, token)
    return response


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Open a session."""
    form = dict(await read_form(request))
    if not cookies.is_sign_in_token(request, form.get("token", "")):
        raise FormNotOurs
    try:
        desk = await services_of(request).door.sign_in(form.get("key", "").strip())
    except KeyRefused:
        return sign_in_page(request, wrong=True, status=HTTPStatus.UNAUTHORIZED)
    await _end_earlier(request)
    response = to("")
    cookies.set_session_cookie(request, response, desk.cookie)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, desk: Desk, form: Form) -> Response:
    """Close what is at hand and end the session."""
    del form  # its token has been checked
    await _end(request, desk)
    response = to("/sign-in")
    cookies.drop_session_cookie(request, response)
    return response


async def _end_earlier(request: Request) -> None:
    """End the session that this browser had: its cookie is about to be forgotten."""
    try:
        earlier = await services_of(request).door.enter(cookies.session_cookie(request))
    except SessionEnded:
        return
    await _end(request, earlier)


async def _end(request: Request, desk: OpenDesk) -> None:
    services = services_of(request)
    if desk.verification_id is not None:
        await services.close_quietly(desk.verification_id, owner=desk.owner)
    await services.door.sign_out(desk)


def sent_to_sign_in(_failure: SessionEnded) -> Response:
    """Return what a request without a session is answered."""
    return to("/sign-in?ended=1")
