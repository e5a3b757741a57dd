"""Type the confirmation code that the client reads out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from verifier.model import NotAllowed, State
from verifier.usecases.code_book import DIGITS, TRIES
from verifier.usecases.failures import (
    ConfirmationCodeMalformed,
    ConfirmationCodeWrong,
    NotConfirmed,
    VerificationUnknown,
)
from verifier.usecases.read_result import Result
from verifier.web.desk import Desk, Form, Seen, place, to, whole_seconds
from verifier.web.pages import render
from verifier.web.services import services_of

router = APIRouter(prefix="/desk", include_in_schema=False)

_MINUTE = 60


async def at_hand(result: Seen, desk: Desk) -> Result:
    """Return a verification of this very session: no other desk uses up its tries.

    Raises:
        VerificationUnknown: another session asked.
    """
    if desk.verification_id != result.verification.id:
        raise VerificationUnknown
    return result


AtHand = Annotated[Result, Depends(at_hand)]


@router.get("/code/{verification_id}")
async def code_page(request: Request, result: AtHand) -> Response:
    """Show the field for the code; nothing of what the client showed."""
    if result.verification.state is not State.CODE_PENDING:
        return to(place(result.verification))
    return _page(request, result)


@router.post("/code/{verification_id}")
async def take_code(request: Request, result: AtHand, desk: Desk, form: Form) -> Response:
    """Compare what was typed. Whatever comes of it, the browser is sent to where things stand."""
    services = services_of(request)
    verification_id = result.verification.id
    try:
        await services.confirm(verification_id, owner=desk.owner, typed=form.get("code", ""))
    except ConfirmationCodeMalformed:
        return _page(request, result, malformed=True)
    except (ConfirmationCodeWrong, NotConfirmed, NotAllowed):
        pass  # the next page says so: it counts the tries, or tells the outcome
    read = await services.read(verification_id, owner=desk.owner)
    return to(place(read.verification))


def _page(request: Request, result: Result, *, malformed: bool = False) -> Response:
    verification = result.verification
    services = services_of(request)
    left = verification.expires_at - services.clock.now()
    seconds = max(0, int(left.total_seconds()))
    tries = verification.tries_left or 0
    return render(
        request,
        "code.html",
        status=HTTPStatus.BAD_REQUEST if malformed else HTTPStatus.OK,
        verification=verification,
        digits=DIGITS,
        tries=tries,
        fault="digits" if malformed else "wrong" if tries < TRIES else None,
        minutes=seconds // _MINUTE,
        seconds=seconds,
        reload_after=whole_seconds(left),
    )
