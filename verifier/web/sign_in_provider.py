"""Signing in with the organisation's identity provider: there, and back.

Our cookies go along with our own pages' requests only, so the page to which the provider sends
the browser does nothing but move on to one of ours.
"""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from verifier.usecases.staff_model import ProviderAnswer
from verifier.web import cookies
from verifier.web.desk import SEE_OTHER
from verifier.web.pages import render
from verifier.web.services import services_of
from verifier.web.sign_in import welcome

router = APIRouter(prefix="/desk/sign-in", include_in_schema=False)

_BROUGHT = ("state", "code", "iss", "error")
_MAX_CHARS = 2_048


@router.get("/provider")
async def go(request: Request) -> Response:
    """Send the browser to the identity provider."""
    cookie, address = await services_of(request).provider.go()
    response = RedirectResponse(address, status_code=SEE_OTHER)
    cookies.set_provider_cookie(request, response, cookie)
    return response


@router.get("/callback")
async def callback(request: Request) -> Response:
    """Take the browser over from the provider, and move on with what it brought."""
    brought = {
        name: value[:_MAX_CHARS] for name, value in request.query_params.items() if name in _BROUGHT
    }
    return render(request, "onward.html", address=f"/desk/sign-in/finish?{urlencode(brought)}")


@router.get("/finish")
async def finish(request: Request) -> Response:
    """Open a session for whoever signed in there."""
    brought = request.query_params
    answer = ProviderAnswer(
        state=brought.get("state", ""),
        code=brought.get("code", ""),
        issuer=brought.get("iss", ""),
        error=brought.get("error", ""),
    )
    provider = services_of(request).provider
    person, id_token = await provider.come_back(answer, cookies.provider_cookie(request))
    response = await welcome(request, person, id_token=id_token)
    cookies.drop_provider_cookie(request, response)
    return response
