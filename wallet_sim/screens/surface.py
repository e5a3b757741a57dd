"""Which page answers which address. Everything that changes something is a POST."""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from inspect import isawaitable

from credential_schemas.model import LANGS
from keys.checks import CheckFailed
from wallet_sim.errors import sentence
from wallet_sim.model import Kind
from wallet_sim.screens import cards, consent, reading, showings
from wallet_sim.screens.desk import Desk
from wallet_sim.screens.page import Shown, Visit, draw, style_sheet

Page = Callable[..., Shown | Awaitable[Shown]]

_ID = r"([0-9a-f]{2,16})"
ROUTES: tuple[tuple[str, str, Page], ...] = (
    ("GET", r"/", cards.home),
    ("GET", r"/situation", cards.together),
    ("POST", r"/check", cards.check),
    ("GET", rf"/card/{_ID}", cards.card),
    ("GET", rf"/card/{_ID}/forget", cards.ask_forget),
    ("POST", rf"/card/{_ID}/forget", cards.forget),
    ("GET", r"/read", reading.ask_code),
    ("POST", r"/read", reading.read_code),
    ("GET", rf"/offer/{_ID}", reading.offer),
    ("POST", rf"/offer/{_ID}", reading.fetch),
    ("POST", r"/later", reading.fetch_later),
    ("GET", rf"/fetched/{_ID}", reading.preview),
    ("POST", rf"/fetched/{_ID}", reading.keep),
    ("GET", rf"/request/{_ID}", consent.request_page),
    ("POST", rf"/request/{_ID}", consent.answer),
    ("GET", rf"/shown/{_ID}", consent.shown),
    ("GET", rf"/refused/{_ID}", consent.refused),
    ("GET", r"/showings", showings.showings),
    ("GET", rf"/showings/{_ID}/(withdraw|erase)", showings.ask),
    ("POST", rf"/showings/{_ID}/(withdraw|erase)", showings.do),
    ("GET", rf"/showings/{_ID}/report", showings.ask_report),
    ("POST", rf"/showings/{_ID}/report", showings.do_report),
)
STYLE = "/wallet.css"
OF_THE_FLOWS = {"offer": Kind.RECEIVE, "fetched": Kind.RECEIVE, "request": Kind.PRESENT}


class Surface:
    """The wallet's pages for one person."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, visit: Visit) -> Shown:
        """Return the page; a failure is one plain sentence, and so is a mistake of ours."""
        if visit.path == STYLE:
            return style_sheet()
        for lang in LANGS:
            if visit.one("lang") == lang:
                self._desk.lang = lang
        try:
            return await self._page(visit)
        except CheckFailed as failure:
            kind = OF_THE_FLOWS.get(visit.path.split("/")[1])
            said = sentence(self._desk.words(), failure.code, kind)
            return self._said(said, HTTPStatus.OK)
        except KeyError:  # what was open is closed: answered, or too many were opened since
            return self._said(self._desk.words().say("screen.over"), HTTPStatus.NOT_FOUND)
        except Exception:  # a person gets a sentence, never an empty page
            says = self._desk.words().say("error.unexpected")
            return self._said(says, HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _page(self, visit: Visit) -> Shown:
        for method, pattern, page in ROUTES:
            found = re.fullmatch(pattern, visit.path)
            if found is not None and method == visit.method:
                made = page(self._desk, visit, *found.groups())
                return await made if isawaitable(made) else made
        raise KeyError(visit.path)

    def _said(self, says: str, status: HTTPStatus) -> Shown:
        return draw(self._desk.frame("/"), "said.html", status=status, says=says)
