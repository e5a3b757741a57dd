"""The staff desk: choose a task, show the code, compare the person, read the outcome, clear.

Every page works without script; a small script only moves the waiting page on by itself. What
changes something is a POST with the session's form token, answered by a redirect.
"""

import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from credential_schemas.i18n import format_time
from service_kit.http import read_form
from service_kit.qr import qr_png, qr_svg
from verifier.model import OPEN_STATES, Identity, State, Verification
from verifier.usecases.desk_session import OpenDesk
from verifier.usecases.failures import FormNotOurs, RequestOver, VerificationUnknown
from verifier.usecases.read_result import Result
from verifier.usecases.show_challenge import ShownChallenge
from verifier.web.cookies import session_cookie
from verifier.web.errors import BodyMalformed
from verifier.web.events import follow
from verifier.web.pages import language, render, words
from verifier.web.services import services_of
from verifier.web.views import OutcomeWriter

router = APIRouter(prefix="/desk", include_in_schema=False)

SEE_OTHER = 303
_MINUTE = 60


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
        reload_after=None if shown_for is None else _seconds(shown_for),
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


@router.get("/identity/{verification_id}")
async def identity_page(request: Request, result: Seen) -> Response:
    """Show the name and the birthdate, and nothing else, for comparing the person."""
    services = services_of(request)
    verification = result.verification
    if verification.state is not State.IDENTITY_PENDING:
        return to(place(verification))
    lang = language(request)
    writer = OutcomeWriter(catalogue=services.catalogue, words=words(request), lang=lang)
    person = writer.person(result.cards)
    if person is None:  # another session's request: only who holds its key can compare
        raise VerificationUnknown
    return render(
        request,
        "identity.html",
        verification=verification,
        person=person,
        until=format_time(verification.expires_at, lang),
        seconds_left=_seconds(verification.expires_at - services.clock.now()),
    )


@router.post("/identity/{verification_id}")
async def record_identity(
    request: Request, verification_id: str, desk: Desk, form: Form
) -> Response:
    """Record what comparing the person gave."""
    try:
        identity = Identity(form.get("identity", ""))
    except ValueError as error:
        raise BodyMalformed("identity") from error
    await services_of(request).identity(verification_id, owner=desk.owner, identity=identity)
    return to(f"/outcome/{verification_id}")


@router.get("/outcome/{verification_id}")
async def outcome_page(request: Request, result: Seen) -> Response:
    """Show what the checks came to, what was shown, and what to do now."""
    services = services_of(request)
    verification = result.verification
    if verification.state not in {State.DECIDED, State.DECLINED, State.EXPIRED}:
        return to(place(verification))
    writer = OutcomeWriter(
        catalogue=services.catalogue, words=words(request), lang=language(request)
    )
    until = verification.erase_at
    left = None if until is None else until - services.clock.now()
    view = writer.outcome(result, left=left)
    retention = services.catalogue.profiles[verification.profile].retention
    return render(
        request, "outcome.html", view=view, verification=verification, retention=retention
    )


@router.post("/close/{verification_id}")
async def close(request: Request, verification_id: str, desk: Desk, form: Form) -> Response:
    """Close and clear."""
    del form  # its token has been checked
    services = services_of(request)
    await services.close(verification_id, owner=desk.owner)
    if desk.verification_id == verification_id:
        await services.door.let_go(desk)
    return to("?cleared=1")


def place(verification: Verification) -> str:
    """Return the page where a verification stands now."""
    if verification.state is State.CLOSED:
        return "?cleared=1"
    if verification.state is State.IDENTITY_PENDING:
        return f"/identity/{verification.id}"
    if verification.state in OPEN_STATES | {State.ANSWERED}:
        return f"/ask/{verification.id}"
    return f"/outcome/{verification.id}"


def _whole_minutes(left: timedelta) -> int:
    return max(0, int(left.total_seconds()) // _MINUTE)


def _seconds(left: timedelta) -> int:
    return max(0, int(left.total_seconds())) + 1
