"""Turns failures into answers: problem documents, wallet errors, or a page for staff."""

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from keys.checks import CheckFailed
from service_kit.http import methods_at
from verifier.usecases.failures import SessionEnded
from verifier.usecases.staff_failures import RoleNotChosen, SessionLocked
from verifier.web.errors import OwnMistake, for_machine, is_desk, of_http, status_of
from verifier.web.pages import render, words
from verifier.web.sign_in import sent_on


def add_handlers(app: FastAPI) -> None:
    """Answer every failure of ours, and the framework's own, in the surface's form."""
    app.add_exception_handler(CheckFailed, _on_failure)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_failure(request: Request, failure: Exception) -> Response:
    if not isinstance(failure, CheckFailed):
        raise failure
    if not is_desk(request):
        return for_machine(request.scope["path"], failure)
    if isinstance(failure, (SessionEnded, SessionLocked, RoleNotChosen)):
        return sent_on(failure)
    return _page(request, failure, status_of(failure))


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    failure, status = of_http(error)
    answer = (
        _page(request, failure, status)
        if is_desk(request)
        else for_machine(request.scope["path"], failure, status)
    )
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = methods_at(request)
    return answer


def own_mistake(scope: Scope) -> Response:
    """Return the answer to a request that failed through no fault of the caller's."""
    request = Request(scope)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if is_desk(request):
        return _page(request, OwnMistake(), status)
    return for_machine(scope["path"], OwnMistake(), status)


def refuse_body(scope: Scope, failure: CheckFailed) -> Response:
    """Return the answer to a body that was too large or too slow, in the surface's own form."""
    request = Request(scope)
    if is_desk(request):
        return _page(request, failure, status_of(failure))
    return for_machine(scope["path"], failure)


def _page(request: Request, failure: CheckFailed, status: HTTPStatus) -> Response:
    text = words(request)
    key = f"problem.{failure.code}"
    try:
        title = text(key)
    except KeyError:
        key = "problem.other"
        title = text(key)
    return render(
        request,
        "message.html",
        status=status,
        title=title,
        told=text(f"{key}_text"),
    )
