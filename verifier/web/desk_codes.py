"""The desk where the client's wallet has no network: show the challenge.

What the wallet shows in return is read by `desk_scan`.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from service_kit.qr import qr_png, qr_svg
from verifier.model import OPEN_STATES
from verifier.usecases.failures import RequestOver
from verifier.usecases.show_challenge import ShownChallenge
from verifier.web.desk import Desk, Seen, place, to
from verifier.web.desk_ask import ask
from verifier.web.pages import words
from verifier.web.services import services_of

router = APIRouter(prefix="/desk", include_in_schema=False)


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
