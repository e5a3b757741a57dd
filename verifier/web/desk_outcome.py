"""Compare the person, read the outcome, clear."""

from fastapi import APIRouter, Request, Response

from credential_schemas.i18n import format_time
from verifier.model import Identity, NotAllowed, State, scenario_in
from verifier.usecases.failures import VerificationUnknown
from verifier.web.cookies import forget_pages
from verifier.web.desk import Desk, Form, Seen, place, to, whole_seconds
from verifier.web.errors import BodyMalformed
from verifier.web.pages import language, render, words
from verifier.web.services import services_of
from verifier.web.views import OutcomeWriter

router = APIRouter(prefix="/desk", include_in_schema=False)

IDLE_MINUTES = 5
"""How long nobody need touch anything before the page clears itself; needs script."""


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
        on_behalf_too=services.catalogue.profiles[verification.profile].on_behalf,
        until=format_time(verification.expires_at, lang),
        seconds_left=whole_seconds(verification.expires_at - services.clock.now()),
    )


@router.post("/identity/{verification_id}")
async def record_identity(
    request: Request, verification_id: str, desk: Desk, form: Form
) -> Response:
    """Record what comparing the person gave; the same answer sent twice is recorded once.

    Raises:
        NotAllowed: nothing is waiting for this, or the other answer was recorded.
    """
    services = services_of(request)
    try:
        identity = Identity(form.get("identity", ""))
    except ValueError as error:
        raise BodyMalformed("identity") from error
    try:
        await services.identity(verification_id, owner=desk.owner, identity=identity)
    except NotAllowed:
        found = (await services.read(verification_id, owner=desk.owner)).verification
        if found.identity is not identity:
            raise
    return to(f"/outcome/{verification_id}")


@router.get("/outcome/{verification_id}")
async def outcome_page(request: Request, result: Seen) -> Response:
    """Show what the checks came to, what was shown, and what to do now."""
    services = services_of(request)
    found = result.verification
    if (here := place(found)) != f"/outcome/{found.id}":
        return to(here)
    writer = OutcomeWriter(
        catalogue=services.catalogue, words=words(request), lang=language(request)
    )
    now = services.clock.now()
    left = None if found.erase_at is None else found.erase_at - now
    sent = await services.hand_on.state(found.id)
    return render(
        request,
        "outcome.html",
        view=writer.outcome(result, left=left, at=now),
        verification=found,
        can=services.hand_on.ways(result, is_sent=sent is not None),
        sent=None if sent is None else sent.value,
        idle_minutes=IDLE_MINUTES,
        no_receipt="receipt" in request.query_params,
    )


@router.post("/close/{verification_id}")
async def close(request: Request, verification_id: str, desk: Desk, form: Form) -> Response:
    """Close and clear."""
    del form  # its token has been checked
    services = services_of(request)
    await services.close(verification_id, owner=desk.owner)
    if desk.verification_id == verification_id:
        await services.door.let_go(desk)
    response = to("?cleared=1" if scenario_in(verification_id) is None else "/training?ended=1")
    forget_pages(request, response)
    return response
