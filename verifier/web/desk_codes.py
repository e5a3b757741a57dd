"""The desk where the client's wallet has no network: show the challenge, read the answer's codes.

Codes that were read are kept in the page's form until all of them are there, so that the pages
work without script and nothing of an answer is stored.
"""

import hmac
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from keys.checks import CheckFailed
from openid4vc.qr.errors import (
    DigitsMalformed,
    FormatVersionUnknown,
    FrameChecksumWrong,
    FrameMalformed,
    FrameOfAnotherMessage,
    NotOurFrame,
)
from openid4vc.qr.frames import Progress
from service_kit.qr import qr_png, qr_svg
from verifier.model import OPEN_STATES, Verification
from verifier.usecases.desk_session import OpenDesk
from verifier.usecases.failures import (
    FormNotOurs,
    NoCodeRead,
    PictureTooLarge,
    PictureUnreadable,
    Replayed,
    RequestOver,
)
from verifier.usecases.show_challenge import ShownChallenge
from verifier.web.desk import Desk, Seen, place, to
from verifier.web.desk_ask import ask
from verifier.web.failure_words import GROUP_OF
from verifier.web.pages import render, words
from verifier.web.services import services_of
from verifier.web.uploads import Upload, read_upload

router = APIRouter(prefix="/desk", include_in_schema=False)

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


async def challenge_of(request: Request, verification_id: str, desk: Desk) -> ShownChallenge:
    """Return the challenge that the desk shows now.

    Raises:
        RequestOver: the verification is no longer open.
    """
    return await services_of(request).challenge(verification_id, owner=desk.owner)


Challenge = Annotated[ShownChallenge, Depends(challenge_of)]


@router.get("/ask/{verification_id}/offline")
async def ask_page(request: Request, result: Seen, desk: Desk) -> Response:
    """Show the code for a wallet without network, who asks, why and what."""
    verification = result.verification
    try:
        challenge = await services_of(request).challenge(verification.id, owner=desk.owner)
    except RequestOver:
        # There are no new codes any more; the last one can still be answered for a moment.
        if verification.state in OPEN_STATES:
            return to(f"/scan/{verification.id}")
        return to(place(verification))
    return ask(request, verification, challenge=challenge)


@router.get("/ask/{verification_id}/challenge.svg")
async def code(request: Request, challenge: Challenge) -> Response:
    """Return the challenge as a QR code."""
    picture = qr_svg(challenge.segments, title=words(request)("ask.scan"))
    return Response(picture, media_type="image/svg+xml")


@router.get("/ask/{verification_id}/challenge.png")
async def code_png(challenge: Challenge) -> Response:
    """Return the challenge as a picture to send or to scan from a file."""
    return Response(qr_png(challenge.segments), media_type="image/png")


@router.get("/scan/{verification_id}")
async def scan_page(request: Request, result: Seen) -> Response:
    """Show where the codes of the client's phone are read in."""
    if result.verification.state not in OPEN_STATES:
        return to(place(result.verification))
    return _page(request, result.verification)


@router.post("/scan/{verification_id}")
async def scan(request: Request, result: Seen, desk: Desk, upload: Uploaded) -> Response:
    """Take one more code, or a picture with some; move on when the answer is complete."""
    verification = result.verification
    before = upload.fields.get("frames", "").split()
    try:
        texts = [*before, *upload.fields.get("text", "").split()]
        if upload.pictures:
            texts += await services_of(request).pictures(upload.pictures)
        if len(texts) == len(before):
            raise NoCodeRead
        progress = await _take(request, verification, desk, texts)
    except (RequestOver, Replayed):
        return await _where_it_stands(request, verification, desk)
    except CheckFailed as failure:
        if failure.code not in GROUP_OF:
            raise
        kept = before if isinstance(failure, _ONE_CODE) else ()
        return _page(request, verification, frames=kept, failure=failure)
    if not progress.complete:
        return _page(request, verification, frames=dict.fromkeys(texts), progress=progress)
    return await _where_it_stands(request, verification, desk)


async def _take(
    request: Request, verification: Verification, desk: OpenDesk, texts: Sequence[str]
) -> Progress:
    return await services_of(request).scan(texts, verification_id=verification.id, owner=desk.owner)


async def _where_it_stands(
    request: Request, verification: Verification, desk: OpenDesk
) -> Response:
    read = services_of(request).read
    return to(place((await read(verification.id, owner=desk.owner)).verification))


def _page(
    request: Request,
    verification: Verification,
    *,
    frames: Sequence[str] | dict[str, None] = (),
    progress: Progress | None = None,
    failure: CheckFailed | None = None,
) -> Response:
    return render(
        request,
        "scan.html",
        status=HTTPStatus.OK if failure is None else HTTPStatus.BAD_REQUEST,
        verification=verification,
        frames=" ".join(frames),
        progress=progress,
        fault=None if failure is None else GROUP_OF[failure.code],
    )
