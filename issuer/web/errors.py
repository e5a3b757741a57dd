"""How failures look on the wire. The only module that knows status codes.

The issuing systems' API answers with RFC 9457 problem documents in the caller's language, the
wallets' endpoints with the error objects of OAuth 2.0 and OpenID4VCI.
"""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from credential_schemas.model import Lang
from credential_schemas.problems import ClaimsRejected
from issuer.usecases import failures as f
from issuer.usecases.after.failures import (
    RevocationNotOffered,
    RevocationRefused,
    RevocationRequestUnknown,
)
from issuer.usecases.authorization.failures import RenewalNotNow
from issuer.usecases.letters import failures as letters
from issuer.usecases.proving.failures import (
    AccessTokenMissing,
    NoWalletProviders,
    WalletStatusUnknown,
)
from issuer.web.challenges import challenge_of
from issuer.web.languages import preferred_language
from issuer.web.problems import (
    TEXTS,
    Fault,
    faults_of_body,
    faults_of_claims,
    problem_document,
)
from keys.checks import CheckFailed, MalformedJson
from openid4vc.oauth.dpop_errors import DpopNonceNeeded, DpopRefused
from openid4vc.oauth.errors import AuthorizationRefused, TokenRequestRefused
from openid4vc.openid4vci.errors import InvalidToken, ProtocolError, description, error_json
from service_kit.http import (
    BodyTooLarge,
    BodyTooSlow,
    MalformedForm,
    MediaTypeNotSupported,
    ParameterRepeated,
    methods_at,
)

API = "/api/"
SYSTEM_TOKEN = "/system-token"  # noqa: S105  the end of an address
_LOG = logging.getLogger("issuer.failures")


class RequestInvalid(CheckFailed):
    """The body is JSON but not what this call takes."""

    code: ClassVar[str] = "request_invalid"
    spec: ClassVar[str] = "RFC 9110 15.5.21"


class MethodNotAllowed(CheckFailed):
    """This address does not take the method."""

    code: ClassVar[str] = "method_not_allowed"
    spec: ClassVar[str] = "RFC 9110 15.5.6"


class AddressUnknown(CheckFailed):
    """There is nothing at this address."""

    code: ClassVar[str] = "address_unknown"
    spec: ClassVar[str] = "RFC 9110 15.5.5"


class NotAcceptable(CheckFailed):
    """The Accept header rules out every form that we have."""

    code: ClassVar[str] = "not_acceptable"
    spec: ClassVar[str] = "RFC 9110 15.5.7"


class HistoryNotKept(CheckFailed):
    """Status lists of the past are not kept."""

    code: ClassVar[str] = "history_not_kept"
    spec: ClassVar[str] = "Token Status List 8.4"


class ServiceFailed(CheckFailed):
    """Something went wrong on our side."""

    code: ClassVar[str] = "service_failed"
    spec: ClassVar[str] = "RFC 9110 15.6.1"


_STATUS: Mapping[type[CheckFailed], HTTPStatus] = {
    f.OrganisationUnknown: HTTPStatus.NOT_FOUND,
    f.ApiKeyMissing: HTTPStatus.UNAUTHORIZED,
    f.ApiKeyRefused: HTTPStatus.UNAUTHORIZED,
    f.AccessTokenRefused: HTTPStatus.UNAUTHORIZED,
    f.ApiKeyOfAnotherOrganisation: HTTPStatus.FORBIDDEN,
    f.TypeNotInScope: HTTPStatus.FORBIDDEN,
    f.TypeNotIssuedHere: HTTPStatus.UNPROCESSABLE_ENTITY,
    f.TypeUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    f.TypeRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    f.PinRequired: HTTPStatus.UNPROCESSABLE_ENTITY,
    f.ReasonUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    f.IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    f.BatchTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    f.BatchStalled: HTTPStatus.REQUEST_TIMEOUT,
    f.LineTooLong: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    f.OfferNotFound: HTTPStatus.NOT_FOUND,
    f.OfferNotOpen: HTTPStatus.CONFLICT,
    f.CredentialNotFound: HTTPStatus.NOT_FOUND,
    letters.LetterNotFound: HTTPStatus.NOT_FOUND,
    letters.LetterNotOpen: HTTPStatus.CONFLICT,
    letters.LetterClaimsGone: HTTPStatus.CONFLICT,
    letters.PinByLetter: HTTPStatus.UNPROCESSABLE_ENTITY,
    f.StatusChangeConflicts: HTTPStatus.CONFLICT,
    f.StatusListNotFound: HTTPStatus.NOT_FOUND,
    f.ReferenceUnknown: HTTPStatus.NOT_FOUND,
    f.AlreadyTakenIn: HTTPStatus.CONFLICT,
    f.ClaimsAlreadyGiven: HTTPStatus.CONFLICT,
    f.TypeHasChanged: HTTPStatus.CONFLICT,
    f.OrganisationClosed: HTTPStatus.CONFLICT,
    RevocationNotOffered: HTTPStatus.NOT_FOUND,
    RevocationRequestUnknown: HTTPStatus.NOT_FOUND,
    RevocationRefused: HTTPStatus.BAD_REQUEST,
    AccessTokenMissing: HTTPStatus.UNAUTHORIZED,
    InvalidToken: HTTPStatus.UNAUTHORIZED,
    RequestInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    AddressUnknown: HTTPStatus.NOT_FOUND,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    HistoryNotKept: HTTPStatus.NOT_IMPLEMENTED,
    ServiceFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    MediaTypeNotSupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    MalformedForm: HTTPStatus.BAD_REQUEST,
    MalformedJson: HTTPStatus.BAD_REQUEST,
    ParameterRepeated: HTTPStatus.BAD_REQUEST,
    ProtocolError: HTTPStatus.BAD_REQUEST,
    TokenRequestRefused: HTTPStatus.BAD_REQUEST,
    AuthorizationRefused: HTTPStatus.BAD_REQUEST,
    NoWalletProviders: HTTPStatus.SERVICE_UNAVAILABLE,
    WalletStatusUnknown: HTTPStatus.SERVICE_UNAVAILABLE,
    RenewalNotNow: HTTPStatus.SERVICE_UNAVAILABLE,
}


def install(app: FastAPI) -> None:
    """Make every failure of the app answer in its surface's form."""
    app.add_exception_handler(CheckFailed, _check_failed)
    app.add_exception_handler(ClaimsRejected, _claims_rejected)
    app.add_exception_handler(RequestValidationError, _request_invalid)
    app.add_exception_handler(HTTPException, _http_exception)


def answer(scope: Scope, failure: CheckFailed) -> Response:
    """Return a failure in the form of the surface that the request was for.

    What is not known to be the caller's fault is ours: it is logged, and told as such only.
    """
    failure = _as_told(failure)
    if scope["path"].startswith(API):
        return _problem(scope, failure)
    return _protocol_error(scope, failure)


def status_of(failure: CheckFailed) -> HTTPStatus:
    """Return the status code of a failure, or of the nearest kind above it that has one."""
    return status_of_kind(type(failure))


def status_of_kind(failure: type[CheckFailed]) -> HTTPStatus:
    """Return the status code of a kind of failure."""
    for kind in failure.__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _protocol_error(scope: Scope, failure: CheckFailed) -> Response:
    body = (
        error_json(failure)
        if isinstance(failure, ProtocolError)
        else {"error": "invalid_request", "error_description": failure.code}
    )
    if isinstance(failure, TokenRequestRefused | AuthorizationRefused):
        body = {"error": failure.error, "error_description": description(str(failure))}
    if isinstance(failure, ServiceFailed):
        body = {"error": "server_error", "error_description": failure.code}
    status, challenge = status_of(failure), challenge_of(scope, failure)
    if challenge is None:
        return JSONResponse(body, status_code=status)
    if isinstance(failure, DpopRefused | DpopNonceNeeded):
        status = HTTPStatus.UNAUTHORIZED  # not at an endpoint that asks for no access token
    return JSONResponse(body, status_code=status, headers={"WWW-Authenticate": challenge})


def problem_of(failure: Exception, lang: Lang) -> dict[str, object]:
    """Return the problem document for whatever was raised, for an answer that holds several.

    What is not known to be the caller's fault is ours: it is logged, and told as such only.
    """
    if isinstance(failure, ClaimsRejected):
        return _document(RequestInvalid("claims"), lang, faults_of_claims(failure))
    if isinstance(failure, ValidationError):
        # Without what was sent, which pydantic would quote
        errors = failure.errors(include_url=False, include_context=False, include_input=False)
        return _document(RequestInvalid("request"), lang, faults_of_body(map(dict, errors)))
    if isinstance(failure, CheckFailed):
        return _document(_as_told(failure), lang)
    _LOG.error("failed: %s", type(failure).__name__)
    return _document(ServiceFailed(), lang)


def _as_told(failure: CheckFailed) -> CheckFailed:
    if status_of(failure) is HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(
        failure, ServiceFailed
    ):
        _LOG.error("failed: %s", failure)
        return ServiceFailed()
    return failure


def _document(
    failure: CheckFailed, lang: Lang, faults: Iterable[Fault] | None = None
) -> dict[str, object]:
    return problem_document(failure, status_of(failure), lang, faults)


def _problem(scope: Scope, failure: CheckFailed, faults: Iterable[Fault] | None = None) -> Response:
    lang = preferred_language(scope)
    headers = {"Content-Language": lang, "Vary": "Accept-Language"}
    status = status_of(failure)
    if status is HTTPStatus.UNAUTHORIZED:
        refused = isinstance(failure, f.AccessTokenRefused)
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if refused else "Bearer"
    return JSONResponse(
        _document(failure, lang, faults),
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def words(key: str, lang: Lang) -> str:
    """Return a text of this service."""
    return TEXTS.text(key, lang)


async def _check_failed(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, CheckFailed)  # noqa: S101  how it is installed above
    return answer(request.scope, failure)


async def _claims_rejected(request: Request, rejected: Exception) -> Response:
    assert isinstance(rejected, ClaimsRejected)  # noqa: S101  how it is installed above
    return _problem(request.scope, RequestInvalid("claims"), faults_of_claims(rejected))


async def _request_invalid(request: Request, invalid: Exception) -> Response:
    """Name places and kinds of mistakes, never what was sent."""
    assert isinstance(invalid, RequestValidationError)  # noqa: S101  how it is installed above
    if not request.scope["path"].startswith(API):
        # Wallet endpoints read their bodies themselves: what is wrong here is the address.
        return _protocol_error(request.scope, AddressUnknown())
    return _problem(request.scope, RequestInvalid("request"), faults_of_body(invalid.errors()))


async def _http_exception(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, HTTPException)  # noqa: S101  how it is installed above
    kinds: Mapping[int, type[CheckFailed]] = {
        HTTPStatus.NOT_FOUND: AddressUnknown,
        HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowed,
    }
    failure = kinds.get(exception.status_code, RequestInvalid)()
    response = answer(request.scope, failure)
    if isinstance(failure, MethodNotAllowed):
        response.headers["Allow"] = methods_at(request)
    return response
