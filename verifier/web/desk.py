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
from verifier.model import OPEN_STATES, State, Verification
from verifier.usecases.desk_session import OpenDesk
from verifier.usecases.failures import FormNotOurs
from verifier.usecases.read_result import Result
from verifier.web.cookies import session_cookie
from verifier.web.pages import language
from verifier.web.services import services_of

SEE_OTHER = 303


async def signed_in(request: Request) -> OpenDesk:
    """Return the signed-in desk.

    Raises:
        SessionEnded: nobody is signed in.
    """
    services = services_of(request)
    desk = await services.door.enter(session_cookie(request))
    request.state.desk = desk
    request.state.who = (await services.who_asks())[language(request)]
    return desk


Desk = Annotated[OpenDesk, Depends(signed_in)]


async def form_of(request: Request, desk: Desk) -> dict[str, str]:
    """Return the form that was sent, once it has shown this session's token.

    Raises:
        FormNotOurs: the token is another one.
    """
    form = dict(await read_form(request))
    if not hmac.compare_digest(form.get("token", "").encode(), desk.form_token.encode()):
        raise FormNotOurs
    return form


Form = Annotated[dict[str, str], Depends(form_of)]


async def seen(request: Request, verification_id: str, desk: Desk) -> Result:
    """Return a verification, with what this desk may see of it."""
    key = desk.result_key if desk.verification_id == verification_id else None
    return await services_of(request).read(verification_id, owner=desk.owner, result_key=key)


Seen = Annotated[Result, Depends(seen)]


def to(path: str) -> Response:
    """Send the browser on after a POST, or to where things stand."""
    return RedirectResponse(f"/desk{path}", status_code=SEE_OTHER)


def place(verification: Verification) -> str:
    """Return the page where a verification stands now."""
    if verification.state is State.CLOSED:
        return "?cleared=1"
    if verification.state is State.CODE_PENDING:
        return f"/code/{verification.id}"
    if verification.state is State.IDENTITY_PENDING:
        return f"/identity/{verification.id}"
    if verification.state in OPEN_STATES | {State.ANSWERED}:
        return f"/ask/{verification.id}"
    return f"/outcome/{verification.id}"


def whole_seconds(left: timedelta) -> int:
    """Return a time left in whole seconds, a little more rather than less."""
    return max(0, int(left.total_seconds())) + 1
