"""Choose a task, and show the client the code, until there is an answer."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from service_kit.qr import qr_png, qr_svg
from verifier.model import OPEN_STATES, State, Verification
from verifier.usecases.failures import RequestOver
from verifier.usecases.show_challenge import ShownChallenge
from verifier.web.desk import Desk, Form, Seen, place, to, whole_seconds
from verifier.web.errors import BodyMalformed
from verifier.web.events import follow
from verifier.web.pages import language, render, words
from verifier.web.services import services_of
from verifier.web.views import OutcomeWriter

router = APIRouter(prefix="/desk", include_in_schema=False)

_MINUTE = 60


@router.get("")
async def start_page(request: Request, desk: Desk) -> Response:
    """Show the tasks of this desk's role."""
    catalogue = services_of(request).catalogue
    lang = language(request)
    profiles = [
        (profile, catalogue.types[profile.credential_type].title[lang])
        for profile in catalogue.profiles_for(desk.role)
    ]
    cleared = "cleared" in request.query_params
    return render(request, "start.html", profiles=profiles, cleared=cleared)


@router.post("/start")
async def start(request: Request, desk: Desk, form: Form) -> Response:
    """Start a request; whatever this desk had at hand is closed first."""
    services = services_of(request)
    if "profile" not in form:
        raise BodyMalformed("profile")
    if desk.verification_id is not None:
        await services.close_quietly(desk.verification_id, owner=desk.owner)
    started = await services.start(profile_id=form["profile"], role=desk.role, owner=desk.owner)
    await services.door.hold(
        desk, verification_id=started.verification.id, result_key=started.result_key
    )
    way = "/offline" if "offline" in form else ""
    return to(f"/ask/{started.verification.id}{way}")


@router.get("/ask/{verification_id}")
async def ask_page(request: Request, result: Seen) -> Response:
    """Show the code, who asks, why and what, until there is an answer."""
    verification = result.verification
    if verification.state not in OPEN_STATES | {State.ANSWERED}:
        return to(place(verification))
    return ask(request, verification)


def ask(
    request: Request, verification: Verification, *, challenge: ShownChallenge | None = None
) -> Response:
    """Return the page turned to the client.

    Args:
        request: what is answered.
        verification: what is asked.
        challenge: the code for a wallet without network, in place of the request's.
    """
    services = services_of(request)
    lang = language(request)
    profile = services.catalogue.profiles[verification.profile]
    writer = OutcomeWriter(catalogue=services.catalogue, words=words(request), lang=lang)
    until = verification.expires_at if challenge is None else challenge.expires_at
    left = until - services.clock.now()
    labels = {
        name: writer.labels(profile.credential_type, paths)
        for name, paths in (
            ("required", profile.identity_claims + profile.required_claims),
            ("if_held", profile.required_if_held),
            ("optional", profile.optional_claims),
        )
    }
    shown_for = None if challenge is None else challenge.shown_until - services.clock.now()
    return render(
        request,
        "ask.html",
        verification=verification,
        profile=profile,
        card=services.catalogue.types[profile.credential_type].title[lang],
        labels=labels,
        link=services.receiver.request_link(verification.ref),
        challenge=challenge,
        reload_after=None if shown_for is None else whole_seconds(shown_for),
        minutes=_whole_minutes(left),
        seconds=max(0, int(left.total_seconds())),
    )


def link_of(request: Request, result: Seen) -> str:
    """Return what an open request's QR code holds.

    Raises:
        RequestOver: it is no longer open.
    """
    if result.verification.state not in OPEN_STATES:
        raise RequestOver
    return services_of(request).receiver.request_link(result.verification.ref)


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
    verification_id = result.verification.id

    async def look() -> Verification:
        read = services_of(request).read
        return (await read(verification_id, owner=desk.owner)).verification

    async for event in follow(look):
        yield event


def _whole_minutes(left: timedelta) -> int:
    return max(0, int(left.total_seconds()) // _MINUTE)
