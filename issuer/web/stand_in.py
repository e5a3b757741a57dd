"""UNSAFE, demo only: the page on which somebody chooses which test person to be."""

import re
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from issuer.ports.sign_in import StandIn, StandInWish
from issuer.web.consent_pages import stand_in_page
from issuer.web.errors import AddressUnknown
from issuer.web.letter_pages import language
from service_kit.http import read_form

PATH: Final = "/test-sign-in"
_DIGIT: Final = re.compile(r"[0-9]")
_PARTS: Final = ("state", "nonce", "code_challenge", "redirect_uri")


def router(stand_in: StandIn) -> APIRouter:
    """Return the page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(PATH)
    async def choose(request: Request) -> Response:
        wish = _wish(stand_in, dict(request.query_params))
        return stand_in_page(stand_in.people(), wish, PATH, language(request))

    @routes.post(PATH)
    async def chosen(request: Request) -> Response:
        fields = dict(await read_form(request))
        wish = _wish(stand_in, fields)
        is_somebody = fields.get("decision") == "sign_in"
        place = _DIGIT.fullmatch(fields.get("person", ""))
        address = stand_in.sent_back(wish, int(place[0]) if place and is_somebody else None)
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)

    return routes


def _wish(stand_in: StandIn, fields: dict[str, str]) -> StandInWish:
    wish = StandInWish(**{part: fields.get(part, "")[:500] for part in _PARTS})
    if not stand_in.knows(wish):
        raise AddressUnknown("nothing to go back to")
    return wish
