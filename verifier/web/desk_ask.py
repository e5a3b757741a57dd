"""Choose a task, and wait at the staff's side while the client reads the code and decides."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from service_kit.qr import qr_png, qr_svg
from verifier.model import OPEN_STATES, Asking, State, Verification
from verifier.usecases.failures import RequestOver
from verifier.usecases.show_challenge import ShownChallenge
from verifier.web.asking_view import asking_view, mark_of, version_of
from verifier.web.cookies import forget_pages
from verifier.web.customer_language import forget_customer_language
from verifier.web.desk import Desk, Form, Seen, place, to
from verifier.web.errors import BodyMalformed
from verifier.web.pages import language, render, words
from verifier.web.preferences import (
    in_order_of_use,
    remember_used,
    set_shortcuts,
    shortcuts_on,
    was_used,
)
from verifier.web.services import services_of
from verifier.web.views import OutcomeWriter
from verifier.web.watch import Mark, watch

router = APIRouter(prefix="/desk", include_in_schema=False)

ASKS = OPEN_STATES | {State.ANSWERED}
"""While it stands so, staff are on the waiting page."""


@router.get("")
async def start_page(request: Request, desk: Desk) -> Response:
    """Show the tasks of this desk's role, those used last first, then the usual ones."""
    catalogue = services_of(request).catalogue
    writer = OutcomeWriter(catalogue=catalogue, words=words(request), lang=language(request))
    tasks = [
        {
            "profile": profile,
            "card": writer.cards(profile),
            "last": was_used(request, profile),
        }
        for profile in in_order_of_use(request, desk.role, catalogue)
    ]
    return render(
        request,
        "start.html",
        tasks=tasks,
        keys=shortcuts_on(request),
        cleared="cleared" in request.query_params,
    )


@router.post("/start")
async def start(request: Request, desk: Desk, form: Form) -> Response:
    """Start a request; whatever this desk had at hand is closed first."""
    services = services_of(request)
    if "profile" not in form:
        raise BodyMalformed("profile")
    await services.close_at_hand(desk)
    started = await services.start(profile_id=form["profile"], role=desk.role, owner=desk.owner)
    without_network = "offline" in form
    await services.asking.begin(started.verification, without_network=without_network)
    await services.door.hold(
        desk, verification_id=started.verification.id, result_key=started.result_key
    )
    response = to(_ask_path(started.verification, without_network=without_network))
    remember_used(request, response, form["profile"])
    forget_customer_language(request, response)
    forget_pages(request, response)
    return response


@router.post("/keys")
async def keys(request: Request, form: Form) -> Response:
    """Switch the shortcuts off or on (WCAG 2.1.4)."""
    response = to("")
    set_shortcuts(request, response, on=form.get("keys") == "on")
    return response


async def asked(request: Request, result: Seen) -> tuple[Verification, Asking]:
    """Return where a request stands and how it is asked; it is renewed when it must be."""
    return await services_of(request).asking.look(result.verification)


Asked = Annotated[tuple[Verification, Asking], Depends(asked)]


@router.get("/ask/{verification_id}")
async def ask_page(request: Request, found: Asked) -> Response:
    """Say what the client does now, and what to do when reading the code fails."""
    verification, asking = found
    if verification.state not in ASKS:
        return to(place(verification))
    if asking.without_network and verification.state in OPEN_STATES:
        return to(_ask_path(verification, without_network=True))
    return _page(request, verification, asking)


@router.get("/ask/{verification_id}/offline")
async def offline_page(request: Request, found: Asked) -> Response:
    """Say what to do while the client's wallet reads the code for wallets without network."""
    verification, asking = found
    if verification.state not in OPEN_STATES:
        return to(place(verification))
    try:
        challenge = await services_of(request).challenge(
            verification.id, owner=verification.owner, until=asking.until
        )
    except RequestOver:
        # There are no new codes any more; the last one can still be answered for a moment.
        return to(f"/scan/{verification.id}")
    return _page(request, verification, asking, challenge=challenge)


@router.post("/ask/{verification_id}/way")
async def turn(request: Request, result: Seen, form: Form) -> Response:
    """Ask in another way: with or without network, with more time."""
    await turn_by(request, result.verification, form)
    return to(f"/ask/{result.verification.id}")


async def turn_by(request: Request, verification: Verification, form: dict[str, str]) -> None:
    """Do what a form of either window asks for: `network` and `help` are `yes` or `no`.

    Raises:
        NotAllowed: the request is no longer open.
    """
    network, helped = form.get("network"), form.get("help")
    await services_of(request).asking.turn(
        verification,
        without_network=None if network is None else network == "no",
        assisted=None if helped is None else helped == "yes",
    )


def _page(
    request: Request,
    verification: Verification,
    asking: Asking,
    *,
    challenge: ShownChallenge | None = None,
) -> Response:
    view = asking_view(
        request, verification, asking, stands=verification.state.value, challenge=challenge
    )
    return render(request, "ask.html", view=view, keys=shortcuts_on(request))


def _ask_path(verification: Verification, *, without_network: bool) -> str:
    return f"/ask/{verification.id}{'/offline' if without_network else ''}"


def link_of(request: Request, found: Asked) -> str:
    """Return what an open request's QR code holds.

    Raises:
        RequestOver: it is no longer open.
    """
    verification, _ = found
    if verification.state not in OPEN_STATES:
        raise RequestOver
    return services_of(request).receiver.request_link(verification.ref)


Link = Annotated[str, Depends(link_of)]


@router.get("/ask/{verification_id}/qr.svg")
async def code(request: Request, link: Link) -> Response:
    """Return the QR code of an open request."""
    picture = qr_svg(link, title=words(request)("ask.scan"))
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@router.get("/ask/{verification_id}/qr.png")
async def code_png(link: Link) -> Response:
    """Return the QR code of an open request as a picture to send or to scan from a file."""
    return Response(qr_png(link), media_type="image/png", headers={"Cache-Control": "no-store"})


@router.get("/ask/{verification_id}/events", response_class=EventSourceResponse)
async def events(request: Request, desk: Desk, result: Seen) -> AsyncIterator[ServerSentEvent]:
    """Follow the request, so that the page can move on by itself."""
    services, verification_id = services_of(request), result.verification.id

    async def look() -> Mark:
        read = await services.read(verification_id, owner=desk.owner)
        verification, asking = await services.asking.look(read.verification)
        return Mark(
            page=mark_of(verification.state.value, asking),
            version=version_of(verification),
            is_last=verification.state not in ASKS,
        )

    async for event in watch(look):
        yield event
