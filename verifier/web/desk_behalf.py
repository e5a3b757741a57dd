"""Say at the desk who acts for the client. A kind of person, never a name."""

from fastapi import APIRouter, Request, Response

from verifier.model import OnBehalf
from verifier.web.desk import Form, Seen, place, to
from verifier.web.errors import BodyMalformed
from verifier.web.services import services_of

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.post("/behalf/{verification_id}")
async def say(request: Request, result: Seen, form: Form) -> Response:
    """Write down who acts, or that the client does, as long as there is no outcome.

    Raises:
        NotAllowed: there is one.
    """
    said = form.get("on_behalf", "")
    try:
        on_behalf = OnBehalf(said) if said else None
    except ValueError as error:
        raise BodyMalformed("on_behalf") from error
    verification = result.verification
    await services_of(request).on_behalf(
        verification.id, owner=verification.owner, on_behalf=on_behalf
    )
    return to(place(verification))
