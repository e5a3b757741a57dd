"""The desk where the client's wallet has no network: pictures of the challenge.

What the wallet shows in return is read by `desk_scan`.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service_kit.qr import qr_png, qr_svg
from verifier.usecases.show_challenge import ShownChallenge
from verifier.web.desk_ask import Asked
from verifier.web.pages import words
from verifier.web.services import services_of

router = APIRouter(prefix="/desk", include_in_schema=False)


async def challenge_of(request: Request, found: Asked) -> ShownChallenge:
    """Return the challenge that the desk shows now.

    Raises:
        RequestOver: the verification is no longer open.
    """
    verification, asking = found
    return await services_of(request).challenge(
        verification.id, owner=verification.owner, until=asking.until
    )


Challenge = Annotated[ShownChallenge, Depends(challenge_of)]


@router.get("/ask/{verification_id}/challenge.svg")
async def code(request: Request, challenge: Challenge) -> Response:
    """Return the challenge as a QR code."""
    picture = qr_svg(challenge.segments, title=words(request)("ask.scan"))
    return Response(picture, media_type="image/svg+xml")


@router.get("/ask/{verification_id}/challenge.png")
async def code_png(challenge: Challenge) -> Response:
    """Return the challenge as a picture to send or to scan from a file."""
    return Response(qr_png(challenge.segments), media_type="image/png")
