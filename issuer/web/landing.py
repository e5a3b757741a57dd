"""The pages behind a letter's link, for any phone: no script, nothing told before the PIN.

No page but the answer to a PIN looks anything up, so all links look alike in words and time; only
sending a PIN changes anything.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from credential_schemas.i18n import format_time
from issuer.model import Offer
from issuer.usecases.letters import typed_code
from issuer.usecases.letters.open_letter import Opened, PinLocked, PinWrong
from issuer.usecases.letters.secrets_of_letter import PIN_DIGITS
from issuer.web.errors import AddressUnknown
from issuer.web.letter_pages import LetterPages, file_response, language
from issuer.web.services import Services
from service_kit.http import read_form
from service_kit.qr import qr_svg

_START: Final = "/l"
_ALMOST: Final = ("/l/", "/L", "/I", "/i", "/1")
"""What people type who mean the start page, or read its letter as another."""

_LONGEST: Final = 100
_UNFIT: Final = HTTPStatus.UNPROCESSABLE_ENTITY


def is_landing(path: str) -> bool:
    """Tell whether an address belongs to these pages."""
    return path == _START or path.startswith(f"{_START}/")


def router(services: Services) -> APIRouter:
    """Return the pages."""
    routes = APIRouter(include_in_schema=False)
    pages = LetterPages(is_demo=not _is_https(services))
    _add_start(routes, pages)
    _add_files(routes)
    _add_link(routes, pages)
    _add_pin(routes, pages, services)
    return routes


def _add_start(routes: APIRouter, pages: LetterPages) -> None:
    @routes.get(_START)
    async def start(request: Request) -> Response:
        return pages.show(request, "code.html")

    @routes.post(_START)
    async def typed(request: Request) -> Response:
        """Send on to the code's page: whether the code stands for anything is not looked up."""
        code = typed_code.read((await _fields(request)).get("code", "")[:_LONGEST])
        if code is None:
            return pages.show(request, "code.html", {"fault": "code.fault"}, status=_UNFIT)
        return _to(request, f"{_START}/{code}")

    async def almost(request: Request) -> Response:
        return _to(request, _START)

    for path in _ALMOST:
        routes.add_api_route(path, almost)


def _add_files(routes: APIRouter) -> None:
    @routes.get(f"{_START}/files/{{name}}")
    async def file(name: str) -> Response:
        found = file_response(name)
        if found is None:
            raise AddressUnknown
        return found


def _add_link(routes: APIRouter, pages: LetterPages) -> None:
    @routes.get(f"{_START}/{{last_part}}")
    async def landing(last_part: str, request: Request) -> Response:
        return pages.show(request, "landing.html", {"pin_page": f"{_START}/{last_part}/pin"})

    @routes.get(f"{_START}/{{last_part}}/locked")
    async def locked(last_part: str, request: Request) -> Response:
        del last_part  # the page says what to do, to whoever comes
        return pages.show(request, "locked.html")

    @routes.get(f"{_START}/{{last_part}}/nothing")
    async def nothing(last_part: str, request: Request) -> Response:
        del last_part  # the same for every link
        return pages.show(request, "nothing.html")


def _add_pin(routes: APIRouter, pages: LetterPages, services: Services) -> None:
    guard = services.letters.guard_form
    is_https = _is_https(services)
    cookie_name = "__Host-letter" if is_https else "letter"

    def form(
        request: Request, last_part: str, status: HTTPStatus = HTTPStatus.OK, **fault: object
    ) -> Response:
        cookie = request.cookies.get(cookie_name) or guard.cookie()
        token = guard.token(cookie, last_part)
        shown = pages.show(request, "pin.html", {"token": token, **fault}, status=status)
        shown.set_cookie(cookie_name, cookie, secure=is_https, httponly=True, samesite="strict")
        return shown

    @routes.get(f"{_START}/{{last_part}}/pin")
    async def ask_pin(last_part: str, request: Request) -> Response:
        return form(request, last_part)

    @routes.post(f"{_START}/{{last_part}}/pin")
    async def take_pin(last_part: str, request: Request) -> Response:
        fields = await _fields(request)
        # 1. The form was shown in this browser for this link.
        cookie = request.cookies.get(cookie_name, "")
        if not guard.fits(fields.get("token", ""), cookie, last_part):
            return form(request, last_part, HTTPStatus.FORBIDDEN, fault="pin.fault.stale")
        # 2. It looks like a PIN; a slip does not count.
        pin = "".join(fields.get("pin", "")[:_LONGEST].split())
        if not (pin.isascii() and pin.isdecimal() and len(pin) == PIN_DIGITS):
            return form(request, last_part, _UNFIT, fault="pin.fault.form")
        # 3. It opens the letter, or does not.
        answer = await services.letters.open(last_part, pin)
        if isinstance(answer, PinWrong):
            return form(request, last_part, _UNFIT, fault="pin.fault.wrong", left=answer.left)
        if isinstance(answer, Opened):
            return pages.show(request, "open.html", _offered(services, request, answer.offer))
        page = "locked" if isinstance(answer, PinLocked) else "nothing"
        return _to(request, f"{_START}/{last_part}/{page}")


def _offered(services: Services, request: Request, offer: Offer) -> dict[str, object]:
    lang = language(request)
    link = services.links.by_reference(offer)
    drawing = qr_svg(link, title="QR").decode()
    return {
        "link": link,
        "drawing": drawing[drawing.index("<svg") :],
        "sender": services.catalogue.organisations[offer.organisation].names[lang],
        "card": services.catalogue.types[offer.type_id].title[lang],
        "until": format_time(offer.expires_at, lang),
    }


def _to(request: Request, path: str) -> Response:
    """Send on to a page, in the language that was chosen."""
    return RedirectResponse(f"{path}?lang={language(request)}", HTTPStatus.SEE_OTHER)


def _is_https(services: Services) -> bool:
    return services.addresses.base.startswith("https:")


async def _fields(request: Request) -> Mapping[str, str]:
    return dict(await read_form(request))
