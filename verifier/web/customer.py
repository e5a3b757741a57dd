"""The window turned to the client: the code, who asks, why and what; nothing of the outcome.

It stands open beside the staff's own, on a second screen, and follows the session of the same
browser. Looking at it is nobody's act: it does not keep the staff's session awake, and when that
is locked or over it is empty.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from verifier.model import OPEN_STATES, Asking, State, Verification
from verifier.usecases.desk_session import OpenDesk
from verifier.usecases.failures import (
    RequestOver,
    SessionEnded,
    VerificationUnknown,
)
from verifier.web.asking_view import asking_view, mark_of, phase, version_of
from verifier.web.cookies import session_cookie
from verifier.web.customer_language import CUSTOMER_PATH
from verifier.web.desk import SEE_OTHER, Form
from verifier.web.desk_ask import turn_by
from verifier.web.pages import language, render
from verifier.web.services import services_for, services_of
from verifier.web.watch import Mark, watch

router = APIRouter(prefix=CUSTOMER_PATH, include_in_schema=False)


async def desk_beside(request: Request) -> OpenDesk | None:
    """Return the desk of this browser, None when nobody is there; this puts off no lock."""
    services = services_of(request)
    request.state.who = (await services.who_asks())[language(request)]
    try:
        desk = await services.door.enter(session_cookie(request), acts=False)
    except SessionEnded:
        return None
    if desk.is_locked:
        return None
    request.state.desk = desk
    return desk


DeskBeside = Annotated[OpenDesk | None, Depends(desk_beside)]


@dataclass(frozen=True, slots=True)
class Turned:
    """A verification that the client is looking at."""

    verification: Verification
    asking: Asking


async def turned(request: Request, verification_id: str, desk: DeskBeside) -> Turned | None:
    """Return what the client is asked, None when that is over or was another desk's."""
    if desk is None or desk.verification_id != verification_id:
        return None
    return await _look(request, verification_id, owner=desk.owner)


async def _look(request: Request, verification_id: str, *, owner: str) -> Turned | None:
    try:
        services = services_for(request, verification_id)
        read = await services.read(verification_id, owner=owner)
    except VerificationUnknown:
        return None
    if read.verification.state is State.CLOSED:
        return None
    return Turned(*await services.asking.look(read.verification))


Facing = Annotated[Turned | None, Depends(turned)]


@router.get("")
async def screen(request: Request, desk: DeskBeside) -> Response:
    """Show what this desk asks now; an empty screen when nothing is asked."""
    if desk is not None and desk.verification_id is not None:
        facing = await _look(request, desk.verification_id, owner=desk.owner)
        if facing is not None and facing.verification.state in OPEN_STATES:
            return _to(facing.verification.id)
    return render(request, "customer_idle.html")


@router.get("/{verification_id}")
async def page(request: Request, facing: Facing) -> Response:
    """Show the code, or thanks; once the staff have closed it, the empty screen."""
    if facing is None:
        return RedirectResponse(CUSTOMER_PATH, status_code=SEE_OTHER)
    verification, asking = facing.verification, facing.asking
    stands = phase(verification)
    if verification.state not in OPEN_STATES:
        return _thanks(request, verification, asking)
    challenge = None
    if asking.without_network:
        try:
            challenge = await services_of(request).challenge(
                verification.id, owner=verification.owner, until=asking.until
            )
        except RequestOver:
            return _thanks(request, verification, asking)
    view = asking_view(request, verification, asking, stands=stands, challenge=challenge)
    return render(request, "customer.html", view=view)


@router.post("/{verification_id}/way")
async def turn(request: Request, facing: Facing, form: Form) -> Response:
    """Turn to another way of asking, as the client wishes."""
    if facing is None:
        return RedirectResponse(CUSTOMER_PATH, status_code=SEE_OTHER)
    if facing.verification.state in OPEN_STATES:
        await turn_by(request, facing.verification, form)
    return _to(facing.verification.id)


@router.get("/{verification_id}/events", response_class=EventSourceResponse)
async def events(
    request: Request, verification_id: str, desk: DeskBeside, facing: Facing
) -> AsyncIterator[ServerSentEvent]:
    """Follow the request, so that the screen changes when the client has acted."""
    owner = "" if desk is None or facing is None else desk.owner

    async def look() -> Mark:
        found = await _look(request, verification_id, owner=owner)
        if found is None:
            return Mark("idle", "", is_last=True)
        stands = phase(found.verification)
        return Mark(mark_of(stands, found.asking), version_of(found.verification), is_last=False)

    async for event in watch(look):
        yield event


def _thanks(request: Request, verification: Verification, asking: Asking) -> Response:
    return render(
        request,
        "customer_thanks.html",
        verification=verification,
        reads_code=verification.state is State.CODE_PENDING,
        page=mark_of(phase(verification), asking),
        assisted=asking.assisted,
    )


def _to(verification_id: str) -> Response:
    return RedirectResponse(f"{CUSTOMER_PATH}/{verification_id}", status_code=SEE_OTHER)
