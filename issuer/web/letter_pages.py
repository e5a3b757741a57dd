"""Renders the pages behind a letter's link: Jinja, escaping always on, words from the .po files."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from credential_schemas.model import LANGS, Lang
from issuer.web.problems import TEXTS

_NAMES: Final = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
_HERE: Final = Path(__file__).parent
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
_MEDIA: Final = {
    "letters.css": "text/css",
    "consent.css": "text/css",
    "icon.svg": "image/svg+xml",
    "inter-regular.woff2": "font/woff2",
    "inter-bold.woff2": "font/woff2",
}
_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates" / "letters"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def language(request: Request) -> Lang:
    """Return the reader's language: chosen just now, the browser's, Finnish."""
    accepted = request.headers.get("accept-language", "")[:200].split(",")
    wished = [
        request.query_params.get("lang", ""),
        *(part.partition(";")[0].strip().lower()[:2] for part in accepted),
    ]
    return next((lang for wish in wished for lang in LANGS if lang == wish), "fi")


class LetterPages:
    """The pages of one service.

    Args:
        is_demo: say on every page that nothing on it is real.
    """

    def __init__(self, *, is_demo: bool) -> None:
        self._is_demo = is_demo

    def show(
        self,
        request: Request,
        template: str,
        context: Mapping[str, object] | None = None,
        *,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        """Return a page in the reader's language.

        Args:
            request: what is answered; its address shows the page in the other languages, too.
            template: file under `templates/letters/`.
            context: what the template shows.
            status: the HTTP status.
        """
        lang = language(request)
        text = _environment.get_template(template).render(
            t=partial(_text, lang),
            lang=lang,
            languages=[(code, _NAMES[code]) for code in LANGS],
            is_demo=self._is_demo,
            here=request.scope["path"],
            **{"fault": None, **(context or {})},
        )
        headers = {**_HEADERS, "Content-Language": lang, "Vary": "Accept-Language"}
        return HTMLResponse(text, status_code=status, headers=headers)


def file_response(name: str) -> Response | None:
    """Return one of the files that people's pages use, or None when there is no such file."""
    if name not in _MEDIA:
        return None
    folder = _HERE / "static" / "letters" / ("fonts" if name.endswith(".woff2") else "")
    return Response(
        (folder / name).read_bytes(),
        media_type=_MEDIA[name],
        headers={"Cache-Control": "public, max-age=86400"},
    )


def _text(lang: Lang, key: str, **values: object) -> str:
    return TEXTS.text(key, lang, **values)
