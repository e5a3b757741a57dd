"""The interface for case systems where the client's wallet has no network.

The challenge is shown to the client; what the wallet shows in return is handed in as text, frames
or pictures. Frames are not kept between calls: the caller sends all that it has read so far.
"""

from datetime import datetime

from fastapi import APIRouter, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from openid4vc.qr.frames import Progress
from service_kit.described import binary, gives
from service_kit.http import read_json
from service_kit.qr import qr_png, qr_svg
from verifier.model import ApiKey
from verifier.usecases.show_challenge import ShownChallenge
from verifier.web.api import RESULT_KEY, Caller
from verifier.web.api_out import VerificationOut, verification_out
from verifier.web.errors import BodyMalformed
from verifier.web.services import Services, services_of
from verifier.web.uploads import (
    MULTIPART,
    PICTURE_TYPES,
    Upload,
    media_type,
    read_upload,
)
from verifier.web.wire import problems

router = APIRouter(
    prefix="/api/v1",
    tags=["codes without network"],
    responses=problems(401),
    dependencies=[Security(HTTPBearer(auto_error=False, description="API key: kyky_..."))],
)
_MAX_JSON = 131_072
_MAX_FRAMES = 64
_ID = {"type": "string"}
_FRAMES = {"type": "array", "items": {"type": "string"}, "maxItems": _MAX_FRAMES}
_SCAN_BODY: dict[str, object] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "verification": _ID,
                        "profile": _ID,
                        "text": {"type": "string"},
                        "frames": _FRAMES,
                    },
                    "oneOf": [{"required": ["verification"]}, {"required": ["profile"]}],
                    "anyOf": [{"required": ["text"]}, {"required": ["frames"]}],
                    "additionalProperties": False,
                }
            },
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "verification": _ID,
                        "profile": _ID,
                        "text": {"type": "string"},
                        "picture": {
                            "type": "array",
                            "items": {"type": "string", "contentMediaType": "image/png"},
                        },
                    },
                }
            },
            **{name: value for one in sorted(PICTURE_TYPES) for name, value in binary(one).items()},
        },
    },
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": _ID,
            "description": "For a picture that is sent by itself.",
        }
        for name in ("verification", "profile")
    ],
}


class ChallengeOut(BaseModel):
    """What the client's wallet scans. Ask again at `shown_until`; then there is a new one."""

    link: str
    qr_svg: str
    qr_png: str
    expires_at: datetime
    shown_until: datetime


class ScanOut(BaseModel):
    """How many frames were there. When complete, what became of the verification.

    `result_key` is there only for a verification that was made for a self-initiated code.
    """

    complete: bool
    seen: int
    total: int
    missing: list[int]
    verification: VerificationOut | None = None
    result_key: str | None = None


@router.get("/verifications/{verification_id}/challenge", responses=problems(404, 409, 410))
async def challenge(verification_id: str, request: Request, key: Caller) -> ChallengeOut:
    """Return the challenge to show to a wallet without network; it changes every 90 seconds."""
    shown = await _shown(verification_id, request, key)
    base = services_of(request).receiver.base_url
    here = f"{base}{router.prefix}/verifications/{verification_id}/challenge"
    return ChallengeOut(
        link=shown.link,
        qr_svg=f"{here}/qr.svg",
        qr_png=f"{here}/qr.png",
        expires_at=shown.expires_at,
        shown_until=shown.shown_until,
    )


@router.get(
    "/verifications/{verification_id}/challenge/qr.svg",
    response_class=Response,
    responses={**gives("The challenge", binary("image/svg+xml")), **problems(404, 409, 410)},
)
async def challenge_svg(verification_id: str, request: Request, key: Caller) -> Response:
    """Return the challenge as an SVG QR code."""
    shown = await _shown(verification_id, request, key)
    return Response(qr_svg(shown.segments, title="Kykylompakko"), media_type="image/svg+xml")


@router.get(
    "/verifications/{verification_id}/challenge/qr.png",
    response_class=Response,
    responses={**gives("The challenge", binary("image/png")), **problems(404, 409, 410)},
)
async def challenge_png(verification_id: str, request: Request, key: Caller) -> Response:
    """Return the challenge as a PNG QR code."""
    shown = await _shown(verification_id, request, key)
    return Response(qr_png(shown.segments), media_type="image/png")


@router.post(
    "/scans",
    response_model=ScanOut,
    responses={
        202: {"model": ScanOut, "description": "Frames are missing."},
        **problems(400, 403, 404, 408, 409, 410, 413, 415),
    },
    openapi_extra=_SCAN_BODY,
)
async def scan(request: Request, key: Caller) -> Response:
    """Take what was read from the client's phone: text, frames or pictures.

    With `verification` it answers that verification's challenge, or is looked at for its task.
    With `profile` a self-initiated code is looked at for that task: never more than unconfirmed.
    202 while frames are missing; nothing has changed then.
    """
    fields, texts = await _read(request)
    services = services_of(request)
    if fields.keys() == {"verification"}:
        out = await _answer(services, texts, fields["verification"], request, key)
    elif fields.keys() == {"profile"}:
        out = await _uninvited(services, texts, fields["profile"], key)
    else:
        raise BodyMalformed("either verification or profile")
    return JSONResponse(out.model_dump(mode="json"), status_code=200 if out.complete else 202)


async def _answer(
    services: Services, texts: list[str], verification_id: str, request: Request, key: ApiKey
) -> ScanOut:
    progress = await services.scan(texts, verification_id=verification_id, owner=key.id)
    out = _progress(progress)
    if progress.complete:
        result = await services.read(
            verification_id, owner=key.id, result_key=request.headers.get(RESULT_KEY)
        )
        out.verification = verification_out(result)
    return out


async def _uninvited(services: Services, texts: list[str], profile_id: str, key: ApiKey) -> ScanOut:
    taken = await services.scan_uninvited(texts, profile_id=profile_id, role=key.role, owner=key.id)
    out = _progress(taken.progress)
    if taken.verification_id is not None:
        result = await services.read(
            taken.verification_id, owner=key.id, result_key=taken.result_key
        )
        out.verification = verification_out(result)
        out.result_key = taken.result_key
    return out


async def _shown(verification_id: str, request: Request, key: ApiKey) -> ShownChallenge:
    return await services_of(request).challenge(verification_id, owner=key.id)


def _progress(progress: Progress) -> ScanOut:
    return ScanOut(
        complete=progress.complete,
        seen=progress.seen,
        total=progress.total,
        missing=list(progress.missing),
    )


async def _read(request: Request) -> tuple[dict[str, str], list[str]]:
    """Return which verification or profile it is for, and the texts that were read."""
    kind = media_type(request)
    if kind in PICTURE_TYPES:
        upload = Upload(dict(request.query_params), (await request.body(),))
    elif kind == MULTIPART:
        upload = await read_upload(request)
    else:
        return _members(await read_json(request, max_bytes=_MAX_JSON))
    fields = dict(upload.fields)
    texts = fields.pop("text", "").split()
    if upload.pictures:
        texts += await services_of(request).pictures(upload.pictures)
    return fields, texts


def _members(body: object) -> tuple[dict[str, str], list[str]]:
    if not isinstance(body, dict):
        raise BodyMalformed("members")
    members = dict(body)
    text, frames = members.pop("text", ""), members.pop("frames", [])
    if not isinstance(text, str) or not isinstance(frames, list) or len(frames) > _MAX_FRAMES:
        raise BodyMalformed("text or frames")
    if not all(isinstance(value, str) for value in (*members.values(), *frames)):
        raise BodyMalformed("every member is a string, frames a list of strings")
    return members, [*text.split(), *frames]
