"""Signing in at the desk with a name and a password, and out."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from credential_schemas.i18n import format_time
from keys.checks import CheckFailed
from service_kit.http import read_form
from verifier.usecases.desk_session import OpenDesk
from verifier.usecases.failures import FormNotOurs, SessionEnded
from verifier.usecases.staff_failures import (
    RoleNotChosen,
    SessionLocked,
    SignInRefused,
    TooManyTries,
)
from verifier.usecases.staff_model import StaffPerson
from verifier.web import cookies
from verifier.web.desk import checked_form, somebody, to
from verifier.web.errors import status_of
from verifier.web.pages import language, render, words
from verifier.web.services import services_of

router = APIRouter(prefix="/desk", include_in_schema=False)

_MAX_NAME = 64


@router.get("/sign-in")
async def page(request: Request) -> Response:
    """Show the form for name and password."""
    return _page(request, ended="ended" in request.query_params)


def _page(
    request: Request,
    *,
    ended: bool = False,
    failure: CheckFailed | None = None,
    name: str = "",
) -> Response:
    """Return the form with a fresh token of its own."""
    services = services_of(request)
    token = services.door.sign_in_token()
    response = render(
        request,
        "sign_in.html",
        status=HTTPStatus.OK if failure is None else status_of(failure),
        token=token,
        ended=ended,
        fault=None if failure is None else fault_of(request, failure),
        name=name[:_MAX_NAME],
        provider=services.provider.is_offered,
    )
    cookies.set_sign_in_token(request, response, token)
    return response


def fault_of(request: Request, failure: CheckFailed) -> str:
    """Return what to tell somebody whose password was not taken."""
    text = words(request)
    if isinstance(failure, TooManyTries):
        return text("signin.barred", until=format_time(failure.until, language(request)))
    return text("signin.wrong")


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Open a session."""
    form = dict(await read_form(request))
    if not cookies.is_sign_in_token(request, form.get("token", "")):
        raise FormNotOurs
    name = form.get("name", "")
    try:
        person = await services_of(request).staff_sign_in(
            sign_in_name=name, password=form.get("password", "")
        )
    except (SignInRefused, TooManyTries) as failure:
        return _page(request, failure=failure, name=name)
    return await welcome(request, person)


async def welcome(
    request: Request, person: StaffPerson, *, id_token: str | None = None
) -> Response:
    """Open a new session in place of what this browser had, and send the person in.

    The cookie is always a new one, and where to go next never stands in the request.

    Raises:
        RoleNotHeld: the person may act as nothing here.
    """
    door = services_of(request).door
    earlier = await _earlier(request)
    role = earlier.role if earlier is not None and earlier.owner == person.id else ""
    desk = await door.open(person, role=role, id_token=id_token)
    if earlier is not None:
        await _end(request, earlier)
    response = to("" if desk.role else "/role")
    cookies.set_session_cookie(request, response, desk.cookie)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Close what is at hand and end the session; also at the identity provider."""
    desk = await somebody(request, acts=True)
    await checked_form(request, desk)
    id_token = await _end(request, desk)
    provider = services_of(request).provider
    there = None if id_token is None else await provider.sign_out_address(id_token)
    request.state.desk = None
    # A form may lead to our own pages only, so the way out is a page that moves on by itself.
    response = to("/sign-in") if there is None else render(request, "onward.html", address=there)
    cookies.drop_session_cookie(request, response)
    cookies.forget_pages(request, response)
    return response


async def _earlier(request: Request) -> OpenDesk | None:
    """Return the session that this browser has: its cookie is about to be forgotten."""
    try:
        return await services_of(request).door.enter(cookies.session_cookie(request), acts=False)
    except SessionEnded:
        return None


async def _end(request: Request, desk: OpenDesk) -> str | None:
    services = services_of(request)
    await services.close_at_hand(desk)
    return await services.door.sign_out(desk)


def sent_on(failure: SessionEnded | SessionLocked | RoleNotChosen) -> Response:
    """Return what a request is answered that needs somebody signed in, awake and with a role."""
    if isinstance(failure, SessionLocked):
        return to("/lock")
    return to("/role" if isinstance(failure, RoleNotChosen) else "/sign-in?ended=1")
