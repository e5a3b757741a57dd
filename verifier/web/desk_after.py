"""After an outcome: the page was left or is back, a copy, the printable summary, a receipt."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from credential_schemas.i18n import format_datetime, format_time
from keys import strict_json
from service_kit.qr import qr_svg
from verifier.model import Outcome
from verifier.usecases.failures import VerificationUnknown
from verifier.usecases.hand_on_failures import HandOnNotAllowed, ReceiptUnavailable
from verifier.usecases.hand_on_ports import OfferedReceipt
from verifier.usecases.read_result import Result
from verifier.usecases.staff_model import Shown
from verifier.web.desk import Desk, Form, to
from verifier.web.desk_outcome import IDLE_MINUTES
from verifier.web.pages import language, render, words
from verifier.web.services import services_of
from verifier.web.views import OutcomeWriter

router = APIRouter(prefix="/desk", include_in_schema=False)


async def _seen(request: Request, verification_id: str, desk: Desk, shown: Shown) -> Result:
    """Return what this desk sees; that it does, in this way, is noted first."""
    key = desk.result_key if desk.verification_id == verification_id else None
    read = services_of(request).read
    return await read(verification_id, owner=desk.owner, result_key=key, shown=shown)


@router.post("/left/{verification_id}")
async def left(request: Request, verification_id: str, desk: Desk, form: Form) -> Response:
    """The page with the values was left: they stay for a minute only."""
    del form  # its token has been checked
    await services_of(request).hand_on.leave.left(verification_id, owner=desk.owner)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/here/{verification_id}")
async def here(request: Request, verification_id: str, desk: Desk, form: Form) -> Response:
    """The page with the values is open again."""
    del form  # its token has been checked
    await services_of(request).hand_on.leave.back(verification_id, owner=desk.owner)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/copy/{verification_id}")
async def copy(request: Request, verification_id: str, desk: Desk, form: Form) -> Response:
    """Return the copy for the case system as a file.

    Raises:
        HandOnNotAllowed: see the class.
    """
    del form  # its token has been checked
    make = services_of(request).hand_on.copy
    if make.way(await _seen(request, verification_id, desk, Shown.VALUES)) == "none":
        raise HandOnNotAllowed
    told = make(await _seen(request, verification_id, desk, Shown.COPY))
    return Response(
        strict_json.dumps(told),
        media_type="application/json",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="kykylompakko.json"',
        },
    )


@router.post("/send/{verification_id}")
async def send(request: Request, verification_id: str, desk: Desk, form: Form) -> Response:
    """Send the copy to the case system; a second time changes nothing.

    Raises:
        HandOnNotAllowed: see the class.
    """
    del form  # its token has been checked
    hand_on = services_of(request).hand_on
    result = await _seen(request, verification_id, desk, Shown.VALUES)
    if hand_on.send is None or hand_on.copy.way(result) != "webhook":
        raise HandOnNotAllowed
    await hand_on.send(await _seen(request, verification_id, desk, Shown.COPY))
    return to(f"/outcome/{verification_id}")


@router.get("/print/{verification_id}")
async def print_page(request: Request, verification_id: str, desk: Desk) -> Response:
    """Show the plain summary, made for paper; only of what was accepted."""
    services = services_of(request)
    result = await _seen(request, verification_id, desk, Shown.VALUES)
    found = result.verification
    if found.outcome is not Outcome.ACCEPT or not result.cards:
        return to(f"/outcome/{verification_id}")
    result = await _seen(request, verification_id, desk, Shown.PRINT)
    lang, now = language(request), services.clock.now()
    profile = services.catalogue.profiles[found.profile]
    writer = OutcomeWriter(catalogue=services.catalogue, words=words(request), lang=lang)
    left = None if found.erase_at is None else found.erase_at - now
    return render(
        request,
        "print.html",
        view=writer.outcome(result, left=left, at=now),
        verification=found,
        task=profile.title[lang],
        purpose=profile.purpose[lang],
        seen_at=format_datetime(found.decided_at or now, lang),
        idle_minutes=IDLE_MINUTES,
        is_kept=profile.retention_days is not None,
    )


@router.post("/receipt/{verification_id}")
async def give_receipt(request: Request, verification_id: str, desk: Desk, form: Form) -> Response:
    """Have a receipt offered, once; when that cannot be done now, the outcome page says so.

    Raises:
        HandOnNotAllowed: nothing is seen, or nobody makes receipts.
    """
    del form  # its token has been checked
    services = services_of(request)
    result = await _seen(request, verification_id, desk, Shown.VALUES)
    try:
        await services.hand_on.receipt(result, receiver=await services.who_asks())
    except ReceiptUnavailable:
        return to(f"/outcome/{verification_id}?receipt=not-now")
    return to(f"/receipt/{verification_id}")


@router.get("/receipt/{verification_id}")
async def receipt_page(request: Request, verification_id: str, desk: Desk) -> Response:
    """Show the receipt's code to the client, with its link and text; nothing of what was shown."""
    offered = await _offered(request, verification_id, desk)
    if offered is None:
        return to(f"/outcome/{verification_id}")
    return render(
        request,
        "receipt.html",
        verification_id=verification_id,
        link=offered.link,
        until=format_time(offered.until, language(request)),
        privacy_at=services_of(request).receiver.privacy_page.partition("://")[2],
        idle_minutes=IDLE_MINUTES,
    )


@router.get("/receipt/{verification_id}/qr.svg")
async def receipt_code(request: Request, verification_id: str, desk: Desk) -> Response:
    """Return the receipt's QR code.

    Raises:
        VerificationUnknown: there is none.
    """
    offered = await _offered(request, verification_id, desk)
    if offered is None:
        raise VerificationUnknown
    picture = qr_svg(offered.link, title=words(request)("receipt.scan"))
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


async def _offered(request: Request, verification_id: str, desk: Desk) -> OfferedReceipt | None:
    """The offer of the client at hand; nobody gets the receipt of the one before."""
    if desk.verification_id != verification_id:
        return None
    return await services_of(request).hand_on.receipt.offered(verification_id)
