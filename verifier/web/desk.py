"""What every page of the desk stands on: the session, its forms, where a verification stands.

Every page works without script; a small script only moves the waiting page on by itself. What
changes something is a POST with the session's form token, answered by a redirect.
"""

import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from service_kit.http import read_form
from verifier.model import OPEN_STATES, State, Verification, scenario_in
from verifier.usecases.desk_session import OpenDesk
from verifier.usecases.failures import FormNotOurs
from verifier.usecases.read_result import Result
from verifier.usecases.staff_failures import RoleNotChosen, SessionLocked
from verifier.web.cookies import session_cookie
from verifier.web.pages import language
from verifier.web.services import services_of

SEE_OTHER = 303


async def signed_in(request: Request) -> OpenDesk:
    """Return the signed-in person's desk.

    Raises:
        SessionEnded: nobody is signed in.
        SessionLocked: nobody did anything for a while; what was at hand is closed now.
        RoleNotChosen: the person has several roles, and has not said which one it is.
    """
    desk = await somebody(request, acts=by_hand(request))
    if desk.is_locked:
        await lock(request, desk)
        raise SessionLocked
    if not desk.role:
        raise RoleNotChosen
    return desk


async def somebody(request: Request, *, acts: bool) -> OpenDesk:
    """Return the desk of whoever is signed in, locked or not, with a role or none yet.

    Raises:
        SessionEnded: nobody is signed in.
    """
    services = services_of(request)
    desk = await services.door.enter(session_cookie(request), acts=acts)
    request.state.desk = desk
    lang = language(request)
    request.state.who = (await services.who_asks())[lang]
    if desk.role and len(desk.roles) > 1:
        request.state.role = role_name(request, desk.role)
    return desk


def role_name(request: Request, role: str) -> str:
    """Return what a role is called in the reader's language."""
    known = services_of(request).catalogue.roles.get(role)
    return role if known is None else known.names[language(request)]


async def lock(request: Request, desk: OpenDesk) -> None:
    """Lock the screen: what was at hand is closed and erased."""
    services = services_of(request)
    await services.close_at_hand(desk)
    await services.door.lock(desk)


def by_hand(request: Request) -> bool:
    """Return whether a person did this, and no script, picture or reload by itself.

    Browsers say so of a GET (Fetch Metadata); one that says nothing is believed to be by hand.
    """
    if request.method != "GET" or "sec-fetch-mode" not in request.headers:
        return True
    return request.headers.get("sec-fetch-user") == "?1"


Desk = Annotated[OpenDesk, Depends(signed_in)]


async def form_of(request: Request, desk: Desk) -> dict[str, str]:
    """Return the form that was sent, once it has shown this session's token.

    Raises:
        FormNotOurs: the token is another one.
    """
    return await checked_form(request, desk)


async def checked_form(request: Request, desk: OpenDesk) -> dict[str, str]:
    """Return the form that was sent to a desk, as `form_of`."""
    form = dict(await read_form(request))
    if not hmac.compare_digest(form.get("token", "").encode(), desk.form_token.encode()):
        raise FormNotOurs
    return form


Form = Annotated[dict[str, str], Depends(form_of)]


async def seen(request: Request, verification_id: str, desk: Desk) -> Result:
    """Return a verification, with what this desk may see of it."""
    key = desk.result_key if desk.verification_id == verification_id else None
    read = services_of(request).read
    result = await read(verification_id, owner=desk.owner, result_key=key)
    request.state.seen = result.verification
    return result


Seen = Annotated[Result, Depends(seen)]


def to(path: str) -> Response:
    """Send the browser on after a POST, or to where things stand."""
    return RedirectResponse(f"/desk{path}", status_code=SEE_OTHER)


def place(verification: Verification) -> str:
    """Return the page where a verification stands now."""
    if verification.state is State.CLOSED:
        return "?cleared=1" if scenario_in(verification.id) is None else "/training?ended=1"
    if verification.state is State.CODE_PENDING:
        return f"/code/{verification.id}"
    if verification.state is State.ON_PAPER:
        return f"/paper/{verification.id}"
    if verification.state is State.IDENTITY_PENDING:
        return f"/identity/{verification.id}"
    if verification.state in OPEN_STATES | {State.ANSWERED}:
        return f"/ask/{verification.id}"
    return f"/outcome/{verification.id}"


def whole_seconds(left: timedelta) -> int:
    """Return a time left in whole seconds, a little more rather than less."""
    return max(0, int(left.total_seconds())) + 1
