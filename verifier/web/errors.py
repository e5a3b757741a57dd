"""Failures as HTTP: the only place that knows status codes. Three forms, by surface."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from keys.checks import CheckFailed, MalformedJson
from openid4vc.openid4vp.errors import ClientIdNotOfCertificate
from openid4vc.qr.errors import ChallengeExpired, ChallengeSignerUnfit, ChallengeTooLarge
from service_kit.http import BodyTooLarge, BodyTooSlow, MediaTypeNotSupported
from verifier.model import NotAllowed
from verifier.usecases.caller_limit import TooManyAttempts
from verifier.usecases.client_side_model import PrivacyPageBusy
from verifier.usecases.failures import (
    FormNotOurs,
    IdentityCheckRequired,
    KeyRefused,
    PictureTooLarge,
    PictureUnreadable,
    ProfileNotAllowed,
    Replayed,
    RequestOver,
    RequestUnknown,
    ResponseCodeWrong,
    ResultKeyWrong,
    ReturnNotAllowed,
    SessionEnded,
    VerificationUnknown,
)
from verifier.usecases.hand_on_failures import HandOnNotAllowed
from verifier.usecases.staff_failures import (
    ProviderAnswerInvalid,
    ProviderDeclined,
    ProviderMissing,
    ProviderUnavailable,
    RoleNotHeld,
    SessionLocked,
    SignInRefused,
    TooManyTries,
)
from verifier.usecases.training_scenarios import ScenarioUnknown

STATUS_OF: Mapping[type[CheckFailed], HTTPStatus] = {
    ClientIdNotOfCertificate: HTTPStatus.CONFLICT,
    KeyRefused: HTTPStatus.UNAUTHORIZED,
    SessionEnded: HTTPStatus.UNAUTHORIZED,
    SessionLocked: HTTPStatus.UNAUTHORIZED,
    SignInRefused: HTTPStatus.UNAUTHORIZED,
    ProviderAnswerInvalid: HTTPStatus.UNAUTHORIZED,
    ProviderDeclined: HTTPStatus.UNAUTHORIZED,
    RoleNotHeld: HTTPStatus.FORBIDDEN,
    ProviderMissing: HTTPStatus.NOT_FOUND,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    ProviderUnavailable: HTTPStatus.BAD_GATEWAY,
    FormNotOurs: HTTPStatus.FORBIDDEN,
    ProfileNotAllowed: HTTPStatus.FORBIDDEN,
    ResultKeyWrong: HTTPStatus.FORBIDDEN,
    ResponseCodeWrong: HTTPStatus.FORBIDDEN,
    ReturnNotAllowed: HTTPStatus.FORBIDDEN,
    VerificationUnknown: HTTPStatus.NOT_FOUND,
    ScenarioUnknown: HTTPStatus.NOT_FOUND,
    RequestUnknown: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.CONFLICT,
    IdentityCheckRequired: HTTPStatus.CONFLICT,
    HandOnNotAllowed: HTTPStatus.CONFLICT,
    RequestOver: HTTPStatus.GONE,
    ChallengeExpired: HTTPStatus.GONE,
    PictureTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    PictureUnreadable: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ChallengeSignerUnfit: HTTPStatus.INTERNAL_SERVER_ERROR,
    ChallengeTooLarge: HTTPStatus.INTERNAL_SERVER_ERROR,
    Replayed: HTTPStatus.BAD_REQUEST,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    PrivacyPageBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    BodyTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MediaTypeNotSupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    MalformedJson: HTTPStatus.BAD_REQUEST,
}

API_PREFIX = "/api/"
DESK_PREFIX = "/desk"
_NO_STORE = {"Cache-Control": "no-store"}


class BodyMalformed(CheckFailed):
    """The body of a call to our interface has not the members that it should have."""

    code: ClassVar[str] = "malformed_body"
    spec: ClassVar[str] = "Kykylompakko verifier API"


class NothingHere(CheckFailed):
    """There is no such address, or it does not take this method."""

    code: ClassVar[str] = "nothing_here"
    spec: ClassVar[str] = "RFC 9110 15.5"


class OwnMistake(CheckFailed):
    """Something went wrong in this service; the log says what."""

    code: ClassVar[str] = "own_mistake"
    spec: ClassVar[str] = "RFC 9110 15.6.1"


def status_of(failure: CheckFailed) -> HTTPStatus:
    """Return the HTTP status of a failure; 400 for what the caller sent wrong."""
    for kind in type(failure).__mro__:
        if kind in STATUS_OF:
            return STATUS_OF[kind]
    return HTTPStatus.BAD_REQUEST


def problem(failure: CheckFailed, status: HTTPStatus) -> Response:
    """Return a failure as a problem document (RFC 9457)."""
    headers = dict(_NO_STORE)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        {
            "type": f"urn:kykylompakko:problem:{failure.code}",
            "title": _sentence(failure),
            "status": status.value,
            "detail": failure.detail,
            "code": failure.code,
        },
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def wallet_error(failure: CheckFailed, status: HTTPStatus) -> Response:
    """Return a failure to a wallet, in the form of an OAuth error."""
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    error = "server_error" if ours else "invalid_request"
    content = {"error": error, "error_description": failure.code}
    return JSONResponse(content, status_code=status, headers=_NO_STORE)


def for_machine(path: str, failure: CheckFailed, status: HTTPStatus | None = None) -> Response:
    """Return a failure in the form of the interface or of the wallets' addresses."""
    status = status_of(failure) if status is None else status
    if path.startswith(API_PREFIX):
        return problem(failure, status)
    return wallet_error(failure, status)


def of_http(error: HTTPException) -> tuple[CheckFailed, HTTPStatus]:
    """Return an error of the framework (no such path, no such method) as one of ours."""
    return NothingHere(), HTTPStatus(error.status_code)


def is_desk(request: Request) -> bool:
    """Return whether a person at the desk is to read the answer."""
    return str(request.scope["path"]).startswith(DESK_PREFIX)


def _sentence(failure: CheckFailed) -> str:
    return (type(failure).__doc__ or failure.code).strip().splitlines()[0]
