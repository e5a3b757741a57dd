"""Compare the person, read the outcome, clear."""

from fastapi import APIRouter, Request, Response

from credential_schemas.i18n import format_time
from verifier.model import Identity, State
from verifier.usecases.failures import VerificationUnknown
from verifier.web.desk import Desk, Form, Seen, place, to, whole_seconds
from verifier.web.errors import BodyMalformed
from verifier.web.pages import language, render, words
from verifier.web.services import services_of
from verifier.web.views import OutcomeWriter

router = APIRouter(prefix="/desk", include_in_schema=False)


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
        seconds_left=whole_seconds(verification.expires_at - services.clock.now()),
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
