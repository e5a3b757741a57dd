"""The locked screen, staying awake, and the role in which somebody acts."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from verifier.usecases.staff_failures import SessionLocked, SignInRefused, TooManyTries
from verifier.web.cookies import forget_pages
from verifier.web.desk import checked_form, lock, role_name, somebody, to
from verifier.web.errors import BodyMalformed, status_of
from verifier.web.pages import render
from verifier.web.services import services_of
from verifier.web.sign_in import fault_of, welcome

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/lock")
async def lock_page(request: Request) -> Response:
    """Show the locked screen, if it is time; whatever was at hand is closed."""
    desk = await somebody(request, acts=False)
    if not desk.is_locked:
        return to("")
    await lock(request, desk)
    response = render(request, "lock.html", fault=None)
    forget_pages(request, response)
    return response


@router.post("/lock")
async def lock_now(request: Request) -> Response:
    """Lock the screen now."""
    desk = await somebody(request, acts=False)
    await checked_form(request, desk)
    await lock(request, desk)
    return to("/lock")


@router.post("/unlock")
async def unlock(request: Request) -> Response:
    """Let the same person go on: a new session in the same role."""
    desk = await somebody(request, acts=False)
    form = await checked_form(request, desk)
    if desk.sign_in_name is None:
        raise SignInRefused("no local account")
    try:
        person = await services_of(request).staff_sign_in(
            sign_in_name=desk.sign_in_name, password=form.get("password", "")
        )
    except (SignInRefused, TooManyTries) as failure:
        fault = fault_of(request, failure)
        return render(request, "lock.html", status=status_of(failure), fault=fault)
    return await welcome(request, person)


@router.get("/awake")
async def time_left(request: Request) -> Response:
    """Tell the page how long it may stay, without putting anything off."""
    desk = await somebody(request, acts=False)
    return JSONResponse({"seconds": max(0, int(desk.idle_left.total_seconds()))})


@router.post("/awake")
async def stay_awake(request: Request) -> Response:
    """Put off the lock: somebody pressed a key or a button."""
    desk = await somebody(request, acts=True)
    await checked_form(request, desk)
    if desk.is_locked:
        return JSONResponse({"seconds": 0})
    after = await somebody(request, acts=False)
    return JSONResponse({"seconds": max(0, int(after.idle_left.total_seconds()))})


@router.get("/role")
async def role_page(request: Request) -> Response:
    """Show the roles of which one is to be chosen."""
    services = services_of(request)
    desk = await somebody(request, acts=True)
    if desk.is_locked:
        raise SessionLocked
    granted = await services.door.granted(desk.roles)
    roles = [(role, role_name(request, role)) for role in granted]
    return render(request, "role.html", roles=roles)


@router.post("/role")
async def act_as(request: Request) -> Response:
    """Act in another role from now on; what was at hand in the one before is closed."""
    services = services_of(request)
    desk = await somebody(request, acts=True)
    if desk.is_locked:
        raise SessionLocked
    form = await checked_form(request, desk)
    if "role" not in form:
        raise BodyMalformed("role")
    await services.door.act_as(desk, form["role"])
    await services.close_at_hand(desk)
    await services.door.let_go(desk)
    response = to("")
    forget_pages(request, response)
    return response
