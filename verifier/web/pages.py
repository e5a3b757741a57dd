"""Renders the desk's pages: Jinja with escaping always on, words from the .po files."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from credential_schemas import i18n
from credential_schemas.model import LANGS, Lang
from verifier.web.customer_language import CUSTOMER_COOKIE, CUSTOMER_PATH, is_customers
from verifier.web.errors import is_desk
from verifier.web.keeping import keeps_text
from verifier.web.services import services_of
from verifier.web.training_view import training_of

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "kyky_lang"
_YEAR_SECONDS = 31_536_000
_NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}

_environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def language(request: Request) -> Lang:
    """Return the reader's language: chosen just now, chosen before, the browser's, Finnish."""
    wished = [request.query_params.get("lang", "")]
    if is_customers(request):
        wished.append(request.cookies.get(CUSTOMER_COOKIE, ""))
    wished.append(request.cookies.get(LANGUAGE_COOKIE, ""))
    accepted = request.headers.get("accept-language", "").split(",")
    wished += [part.partition(";")[0].strip().lower()[:2] for part in accepted]
    return next((lang for wish in wished for lang in LANGS if lang == wish), "fi")


def words(request: Request) -> Callable[..., str]:
    """Return what looks up a text in the reader's language."""
    lang = language(request)

    def text(key: str, **values: object) -> str:
        return services_of(request).texts.text(key, lang, **values)

    return text


def render(
    request: Request,
    template: str,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    **context: object,
) -> Response:
    """Return a page in the reader's language; it is never kept by a cache.

    Args:
        request: what is answered.
        template: file under `templates/`.
        status: the HTTP status.
        context: what the template shows.
    """
    lang = language(request)
    services = services_of(request)
    training = training_of(request, lang, facing=is_customers(request))
    page = _environment.get_template(template).render(
        t=words(request),
        lang=lang,
        languages=[(code, _NAMES[code]) for code in LANGS],
        path=request.scope["path"],
        is_demo=not services.cookies_need_tls,
        join=partial(i18n.join_list, lang=lang),
        keeps=partial(keeps_text, words(request), at=services.clock.now(), lang=lang),
        desk=getattr(request.state, "desk", None),
        who=getattr(request.state, "who", None),
        role=getattr(request.state, "role", None),
        training=training,
        start_at="/desk/start" if training is None else "/desk/training/again",
        **context,
    )
    response = HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})
    # A client's phone is given no cookie.
    if request.query_params.get("lang") in LANGS and is_desk(request):
        response.set_cookie(
            CUSTOMER_COOKIE if is_customers(request) else LANGUAGE_COOKIE,
            lang,
            max_age=_YEAR_SECONDS,
            path=CUSTOMER_PATH if is_customers(request) else "/desk",
            httponly=True,
            samesite="strict",
            secure=services.cookies_need_tls,
        )
    return response
