"""Reading the codes that a client's wallet shows: from a camera, a hand scanner, a picture, a text.

Codes that were read are kept in the page's form until all of them are there, so that the page
works without script and nothing of an answer is stored. The page's script sends the same form and
gets only the part of the page that tells how it went.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from keys.checks import CheckFailed
from openid4vc.qr.errors import (
    DigitsMalformed,
    FormatVersionUnknown,
    FrameChecksumWrong,
    FrameMalformed,
    FrameOfAnotherMessage,
    NotOurFrame,
)
from openid4vc.qr.frames import MAGIC, Progress
from verifier.model import OPEN_STATES, Verification
from verifier.usecases.failures import (
    FormNotOurs,
    NoCodeRead,
    PictureTooLarge,
    PictureUnreadable,
    Replayed,
    RequestOver,
)
from verifier.usecases.scan_presentation import collect
from verifier.web.desk import Desk, Seen, place, to
from verifier.web.failure_words import GROUP_OF
from verifier.web.foreign_codes import NOT_OURS, kind_of
from verifier.web.headers import CAMERA_HEADERS
from verifier.web.pages import render
from verifier.web.services import services_of
from verifier.web.uploads import Upload, read_upload

router = APIRouter(prefix="/desk", include_in_schema=False)

PART: Final = "Kyky-Part"
"""The header by which the page's script asks for the part that changes."""

# The codes read before are still good when only the one just read was not.
_ONE_CODE = (
    NotOurFrame,
    FormatVersionUnknown,
    FrameMalformed,
    FrameChecksumWrong,
    DigitsMalformed,
    FrameOfAnotherMessage,
    NoCodeRead,
    PictureTooLarge,
    PictureUnreadable,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far reading has come.

    Attributes:
        frames: the good codes so far, each once.
        progress: how many of how many; None before the first.
        fault: the group of words for what was wrong with the last code, if anything was.
    """

    frames: tuple[str, ...] = ()
    progress: Progress | None = None
    fault: str | None = None


async def upload_of(request: Request, desk: Desk) -> Upload:
    """Return the form that was sent, once it has shown this session's token.

    Raises:
        FormNotOurs: the token is another one.
    """
    upload = await read_upload(request)
    token = upload.fields.get("token", "")
    if not hmac.compare_digest(token.encode(), desk.form_token.encode()):
        raise FormNotOurs
    return upload


Uploaded = Annotated[Upload, Depends(upload_of)]


@router.get("/scan/{verification_id}")
async def scan_page(request: Request, result: Seen) -> Response:
    """Show where the codes of the client's phone are read in."""
    if result.verification.state not in OPEN_STATES:
        return to(place(result.verification))
    return _page(request, result.verification, Reading())


@router.post("/scan/{verification_id}")
async def scan(request: Request, result: Seen, desk: Desk, upload: Uploaded) -> Response:
    """Take one more code, or a picture with some; move on when the answer is complete."""
    verification = result.verification
    before = upload.fields.get("frames", "").split()
    new: list[str] = upload.fields.get("text", "").split()
    try:
        if upload.pictures:
            new += await services_of(request).pictures(upload.pictures)
        if not new:
            raise NoCodeRead
        texts = [*before, *new]
        progress = await services_of(request).scan(
            texts, verification_id=verification.id, owner=desk.owner
        )
    except (RequestOver, Replayed):
        return await _moved(request, verification, desk.owner)
    except CheckFailed as failure:
        if failure.code not in GROUP_OF:
            raise
        return _page(request, verification, _after(failure, before, new))
    if progress.complete:
        return await _moved(request, verification, desk.owner)
    return _page(request, verification, Reading(_each_once(texts), progress))


def _after(failure: CheckFailed, before: Sequence[str], new: Sequence[str]) -> Reading:
    """Return what is left of reading when the new codes, or the whole answer, were no good."""
    fault = GROUP_OF[failure.code]
    if fault == NOT_OURS:
        foreign = (text for text in new if not text.startswith(MAGIC))
        fault = kind_of(next(foreign, ""))
    if not isinstance(failure, _ONE_CODE):
        return Reading(fault=fault)
    try:
        progress, _ = collect(before)
    except CheckFailed:  # nothing before, or a form that somebody has changed
        return Reading(fault=fault)
    return Reading(_each_once(before), progress, fault)


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


async def _moved(request: Request, verification: Verification, owner: str) -> Response:
    """Send the browser, or the page's script, to where things stand now."""
    result = await services_of(request).read(verification.id, owner=owner)
    there = place(result.verification)
    if PART in request.headers:
        return JSONResponse({"to": f"/desk{there}"}, headers={"Cache-Control": "no-store"})
    return to(there)


def _page(request: Request, verification: Verification, reading: Reading) -> Response:
    response = render(
        request,
        "scan_said.html" if PART in request.headers else "scan.html",
        status=HTTPStatus.OK if reading.fault is None else HTTPStatus.BAD_REQUEST,
        verification=verification,
        frames=" ".join(reading.frames),
        progress=reading.progress,
        fault=reading.fault,
    )
    response.headers.update(CAMERA_HEADERS)
    return response
