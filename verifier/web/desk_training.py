"""Choose a scenario to practise, let the client answer; the other pages are the real ones.

A verification of training has an id of its own kind. Its pages are served from services of their
own (`services_of`), and bear the mark of training.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from openid4vc.dcql.errors import OverAsked
from verifier.usecases.training_desk import TrainingDesk
from verifier.usecases.training_scenarios import scenario_of
from verifier.web.desk import Desk, Form, Seen, place, to
from verifier.web.errors import BodyMalformed
from verifier.web.pages import render
from verifier.web.services import room_of, services_for, services_of
from verifier.web.training_view import SAID_COOKIE

router = APIRouter(prefix="/desk/training", include_in_schema=False)


async def training_desk(request: Request) -> TrainingDesk:
    """Return the made-up client's side; training is opened if it was not."""
    return (await room_of(request).open()).desk


Training = Annotated[TrainingDesk, Depends(training_desk)]


@router.get("")
async def list_page(request: Request, desk: Desk, training: Training) -> Response:
    """Show what can be practised."""
    ended = "ended" in request.query_params
    return render(request, "training.html", scenarios=training.scenarios(desk.role), ended=ended)


@router.post("/start")
async def start(request: Request, desk: Desk, form: Form, training: Training) -> Response:
    """Start a scenario; whatever this desk had at hand is closed first."""
    if "scenario" not in form:
        raise BodyMalformed("scenario")
    services = services_of(request)
    await services.close_at_hand(desk)
    try:
        started = await training.start(form["scenario"], role=desk.role, owner=desk.owner)
    except OverAsked:
        scenario = scenario_of(form["scenario"])
        return render(request, "training_refused.html", scenario=scenario.id)
    inside = services_for(request, started.verification.id)
    await inside.asking.begin(started.verification)
    await services.door.hold(
        desk, verification_id=started.verification.id, result_key=started.result_key
    )
    return to(f"/ask/{started.verification.id}")


@router.post("/answer/{verification_id}")
async def answer(request: Request, result: Seen, form: Form, training: Training) -> Response:
    """Let the made-up client answer, and go on to where things stand."""
    del form  # its token has been checked
    code = await training.answer(result.verification)
    read = services_of(request).read
    after = await read(result.verification.id, owner=result.verification.owner)
    response = to(place(after.verification))
    if code is not None:
        response.set_cookie(
            SAID_COOKIE,
            code,
            path="/desk/code",
            httponly=True,
            samesite="strict",
            secure=services_of(request).cookies_need_tls,
        )
    return response


@router.post("/again")
async def again(desk: Desk, form: Form) -> Response:
    """Return to the list: where a real page would ask again, training never asks anybody."""
    del desk, form  # somebody is signed in, and the token has been checked
    return to("/training")
