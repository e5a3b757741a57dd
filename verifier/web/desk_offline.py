"""What still works when the network is gone, and how old it is."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response

from credential_schemas.i18n import HELSINKI, format_datetime, format_time
from credential_schemas.model import Lang
from verifier.usecases.read_holdings import Holding, Holdings
from verifier.web.ages import Words, age_text
from verifier.web.desk import Desk, Form, to
from verifier.web.pages import language, render, words
from verifier.web.services import services_of

router = APIRouter(prefix="/desk", include_in_schema=False)

_PATIENCE = 8.0  # seconds that staff wait for a network that may be gone
_HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; None where there is nothing to say."""

    name: str
    as_of: str | None
    age: str | None
    good_until: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows, in words."""

    gone: bool
    title: str
    since: str | None
    as_of: str | None
    age: str | None
    bundle_until: str | None
    limit_hours: int
    rows: tuple[Row, ...]


@router.get("/offline")
async def offline_page(request: Request, desk: Desk) -> Response:
    """Show what this desk could check without network."""
    holdings = await services_of(request).holdings(desk.role)
    page = PageWriter(words(request), language(request), holdings).page()
    return render(request, "offline.html", page=page)


@router.post("/offline")
async def try_again(request: Request, _form: Form) -> Response:
    """Fetch the lists anew, as far as that goes in a moment; then show what there is."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await services_of(request).prefetch()
    except TimeoutError:
        services_of(request).prefetch.note_no_network()
    return to("/offline")


class PageWriter:
    """Turns what is at hand into words, in one language."""

    def __init__(self, text: Words, lang: Lang, holdings: Holdings) -> None:
        self._t = text
        self._lang = lang
        self._held = holdings

    def page(self) -> Page:
        """Return the page's words."""
        held = self._held
        trusted = self._row({self._lang: self._t("offline.trust_list")}, held.trust_list)
        return Page(
            gone=held.offline_since is not None,
            title=self._title(),
            since=self._time(held.offline_since),
            as_of=self._time(held.as_of),
            age=self._age(held.as_of),
            bundle_until=self._time(held.bundle_until),
            limit_hours=int(held.limit.total_seconds()) // _HOUR_SECONDS,
            rows=(trusted, *(self._row(one.names, one) for one in held.issuers)),
        )

    def _title(self) -> str:
        if self._held.offline_since is None:
            return self._t("offline.title_there")
        if self._held.as_of is None:
            return self._t("offline.title_gone_nothing")
        return self._t("offline.title_gone")

    def _row(self, names: Mapping[str, str], one: Holding) -> Row:
        return Row(
            name=names.get(self._lang, ""),
            as_of=self._time(one.as_of),
            age=self._age(one.as_of),
            good_until=self._time(one.good_until),
        )

    def _age(self, as_of: datetime | None) -> str | None:
        return None if as_of is None else age_text(self._t, self._held.at - as_of)

    def _time(self, moment: datetime | None) -> str | None:
        """Return a time of today as clock time, another one with its day."""
        if moment is None:
            return None
        same_day = moment.astimezone(HELSINKI).date() == self._held.at.astimezone(HELSINKI).date()
        write = format_time if same_day else format_datetime
        return write(moment, self._lang)
