"""Requests and answers of the wallet's pages, and how a page is drawn. No network in here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from credential_schemas.model import LANGS
from wallet_sim.words import Words

HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"
NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

_environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """What the browser asked for.

    Attributes:
        method: GET or POST.
        path: without its query.
        fields: of the query, or of the form; a name may come several times.
    """

    method: str
    path: str
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return the first value of a field, "" when there is none."""
        return next(iter(self.fields.get(name, ())), "")

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(self.fields.get(name, ()))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the browser gets: a page, a style sheet, or another address to go to."""

    body: bytes = b""
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = HTML
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around it.

    Attributes:
        tab: which of the tabs is open: ``cards``, ``showings``, ``read`` or "".
        said: sentences about what was just done.
    """

    words: Words
    path: str
    tab: str = ""
    said: tuple[str, ...] = ()


def draw(
    frame: Frame, template: str, *, status: HTTPStatus = HTTPStatus.OK, **context: object
) -> Shown:
    """Return a page in the person's language."""
    text = _environment.get_template(template).render(
        t=frame.words.say,
        lang=frame.words.lang,
        languages=[(code, NAMES[code]) for code in LANGS],
        path=frame.path,
        tab=frame.tab,
        said=frame.said,
        **context,
    )
    return Shown(text.encode(), status)


def go(location: str) -> Shown:
    """Send the browser to another page of the wallet, by GET."""
    return Shown(status=HTTPStatus.SEE_OTHER, location=location)


def style_sheet() -> Shown:
    """Return the wallet's one style sheet."""
    return Shown((HERE / "static" / "wallet.css").read_bytes(), content_type="text/css")
