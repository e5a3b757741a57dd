"""The interface for case systems: JSON in, JSON or problem documents out."""

from collections.abc import AsyncIterator, Mapping, Set
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.security import HTTPBearer
from fastapi.sse import EventSourceResponse, ServerSentEvent

from openid4vc.openid4vp.request import Prefix
from service_kit.described import JSON, Json, binary, gives, members, takes
from service_kit.http import read_json
from service_kit.qr import qr_png, qr_svg
from verifier.model import OPEN_STATES, ApiKey, Identity, Verification
from verifier.usecases.failures import KeyRefused, RequestOver
from verifier.usecases.request_secrets import Return
from verifier.usecases.ways import WantedWay
from verifier.web.api_out import Started, VerificationOut, verification_out
from verifier.web.errors import BodyMalformed
from verifier.web.events import follow
from verifier.web.services import services_of
from verifier.web.wire import problems

router = APIRouter(
    prefix="/api/v1/verifications",
    tags=["verifications"],
    responses=problems(401),
    dependencies=[Security(HTTPBearer(auto_error=False, description="API key: kyky_..."))],
)

PREFIX, METHOD = "client_id_prefix", "request_uri_method"
OPTIONAL: dict[str, Json] = {
    "lang": {"enum": ["fi", "sv", "en"]},
    PREFIX: {"enum": ["x509_hash", "x509_san_dns"]},
    METHOD: {"enum": ["get", "post"]},
    "return_to": {"type": "string", "format": "uri"},
    "session": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{22,256}$"},
}
_BEARER = "bearer "
RESULT_KEY = "Kyky-Result-Key"
_MAX_BODY = 4_096
_OF_BODY = (408, 413, 415)
_OF_STATE = (404, 409, 410)


async def caller(request: Request) -> ApiKey:
    """Return the API key behind `Authorization: Bearer ...`.

    Raises:
        KeyRefused: none, or not a live one.
    """
    header = request.headers.get("authorization", "")
    if not header.lower().startswith(_BEARER):
        raise KeyRefused
    return await services_of(request).check_key(header[len(_BEARER) :].strip())


Caller = Annotated[ApiKey, Depends(caller)]


def _body(*, required: dict[str, Json], optional: dict[str, Json], **more: object) -> Json:
    schema = {**members(required, optional), "additionalProperties": False, **more}
    return takes({JSON: {"schema": schema}})


@router.post(
    "",
    status_code=201,
    openapi_extra=_body(
        required={"profile": {"type": "string"}},
        optional=OPTIONAL,
        dependentRequired={"return_to": ["session"], "session": ["return_to"]},
        examples=[{"profile": "te_initial_interview", "lang": "fi"}],
    ),
    responses=problems(400, 403, *_OF_BODY, 409),
)
async def start(request: Request, key: Caller) -> Started:
    """Start a verification for one of the role's request profiles.

    `return_to` and `session` belong together: the client's wallet is on the device whose browser
    asks (docs/same-device.md). The others choose how the wallet is asked, where it is to be in
    another way than the operator's.
    """
    body = await _members(request, required={"profile"}, optional=OPTIONAL.keys())
    if body.get("lang", "fi") not in {"fi", "sv", "en"}:
        raise BodyMalformed("lang")
    started = await services_of(request).start(
        profile_id=body["profile"], role=key.role, owner=key.id, wanted=_wanted(body)
    )
    verification = started.verification
    base = f"{services_of(request).receiver.base_url}{router.prefix}/{verification.id}"
    return Started(
        id=verification.id,
        state=verification.state.value,
        request_link=started.request_link,
        request_uri=started.request_uri,
        client_id=started.client_id,
        qr_svg=f"{base}/qr.svg",
        qr_png=f"{base}/qr.png",
        result_key=started.result_key,
        expires_at=verification.expires_at,
    )


@router.get("/{verification_id}", responses=problems(403, 404))
async def read(verification_id: str, request: Request, key: Caller) -> VerificationOut:
    """Read states and checks; with the header `Kyky-Result-Key` also what was shown."""
    result = await services_of(request).read(
        verification_id, owner=key.id, result_key=request.headers.get(RESULT_KEY)
    )
    return verification_out(result)


@router.post(
    "/{verification_id}/code",
    openapi_extra=_body(required={"code": {"type": "string"}}, optional={}),
    responses=problems(400, *_OF_BODY, *_OF_STATE),
)
async def confirm_code(verification_id: str, request: Request, key: Caller) -> VerificationOut:
    """Give the confirmation code that the client read out of the wallet that answered.

    A wrong code is `confirmation_code_wrong`, at the last try `not_confirmed`: then it is decided,
    rejected, and erased. What is no code (`confirmation_code_malformed`) uses up no try.
    """
    body = await _members(request, required={"code"}, optional=set())
    services = services_of(request)
    await services.confirm(verification_id, owner=key.id, typed=body["code"])
    return verification_out(await services.read(verification_id, owner=key.id))


@router.post(
    "/{verification_id}/return",
    openapi_extra=_body(
        required={"response_code": {"type": "string"}, "session": {"type": "string"}},
        optional={},
    ),
    responses=problems(400, 403, *_OF_BODY, *_OF_STATE),
)
async def take_return(verification_id: str, request: Request, key: Caller) -> VerificationOut:
    """Give the `response_code` with which the browser came back, and the session it came back in.

    Before this nothing is told of what was shown and checked. Another code, or another session
    than the request was begun for, is `response_code_wrong`: it is decided then, rejected, erased.
    """
    body = await _members(request, required={"response_code", "session"}, optional=set())
    services = services_of(request)
    await services.confirm.returned(
        verification_id, owner=key.id, code=body["response_code"], session=body["session"]
    )
    return verification_out(await services.read(verification_id, owner=key.id))


@router.post(
    "/{verification_id}/identity",
    openapi_extra=_body(
        required={"identity": {"enum": ["compared", "not_needed", "not_same"]}}, optional={}
    ),
    responses=problems(400, *_OF_BODY, *_OF_STATE),
)
async def record_identity(verification_id: str, request: Request, key: Caller) -> VerificationOut:
    """Record what comparing the person with an identity document gave."""
    body = await _members(request, required={"identity"}, optional=set())
    try:
        identity = Identity(body["identity"])
    except ValueError as error:
        raise BodyMalformed("identity") from error
    services = services_of(request)
    await services.identity(verification_id, owner=key.id, identity=identity)
    return verification_out(await services.read(verification_id, owner=key.id))


@router.post("/{verification_id}/close", responses=problems(*_OF_STATE))
async def close(verification_id: str, request: Request, key: Caller) -> VerificationOut:
    """Close it and erase what was shown. Closing twice changes nothing."""
    services = services_of(request)
    await services.close(verification_id, owner=key.id)
    return verification_out(await services.read(verification_id, owner=key.id))


@router.get(
    "/{verification_id}/qr.svg",
    response_class=Response,
    responses={**gives("The code", binary("image/svg+xml")), **problems(*_OF_STATE)},
)
async def code_svg(verification_id: str, request: Request, key: Caller) -> Response:
    """Return the request as an SVG QR code."""
    link = await _link(verification_id, request, key)
    return Response(qr_svg(link, title="OpenID4VP"), media_type="image/svg+xml")


@router.get(
    "/{verification_id}/qr.png",
    response_class=Response,
    responses={**gives("The code", binary("image/png")), **problems(*_OF_STATE)},
)
async def code_png(verification_id: str, request: Request, key: Caller) -> Response:
    """Return the request as a PNG QR code."""
    return Response(qr_png(await _link(verification_id, request, key)), media_type="image/png")


async def _known(verification_id: str, request: Request, key: Caller) -> Verification:
    result = await services_of(request).read(verification_id, owner=key.id)
    return result.verification


@router.get(
    "/{verification_id}/events", response_class=EventSourceResponse, responses=problems(404)
)
async def events(
    verification: Annotated[Verification, Depends(_known)], request: Request, key: Caller
) -> AsyncIterator[ServerSentEvent]:
    """Follow it: requested, fetched, answered, code_pending, identity_pending, then done."""

    async def look() -> Verification:
        return (await services_of(request).read(verification.id, owner=key.id)).verification

    async for event in follow(look):
        yield event


async def _link(verification_id: str, request: Request, key: ApiKey) -> str:
    verification = await _known(verification_id, request, key)
    if verification.state not in OPEN_STATES:
        raise RequestOver
    return await services_of(request).serve.link(verification.ref)


def _wanted(body: Mapping[str, str]) -> WantedWay:
    to, session, method = (body.get(name) for name in ("return_to", "session", METHOD))
    if (to is None) is not (session is None):
        raise BodyMalformed("return_to and session belong together")
    if method not in {None, "get", "post"}:
        raise BodyMalformed(METHOD)
    try:
        prefix = Prefix(body[PREFIX]) if PREFIX in body else None
    except ValueError as error:
        raise BodyMalformed(PREFIX) from error
    return WantedWay(
        prefix=prefix,
        method=None if method is None else "post" if method == "post" else "get",
        back=None if to is None or session is None else Return(to, session),
    )


async def _members(request: Request, *, required: Set[str], optional: Set[str]) -> dict[str, str]:
    body = await read_json(request, max_bytes=_MAX_BODY)
    if not isinstance(body, dict) or not required <= body.keys() <= required | optional:
        raise BodyMalformed("members")
    if not all(isinstance(value, str) for value in body.values()):
        raise BodyMalformed("every member is a string")
    return body
