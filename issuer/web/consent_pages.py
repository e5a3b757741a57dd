"""The pages in the browser when a wallet asks for a card: consent, and how else it may end."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from credential_schemas.i18n import join_list
from credential_schemas.model import (
    LANGS,
    Catalogue,
    CredentialType,
    Label,
    Lang,
    Organisation,
    RequestProfile,
)
from issuer.ports.sign_in import Person, StandInWish
from issuer.web.problems import TEXTS

_NAMES: Final = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
_YEAR: Final = 365
_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates" / "consent"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What the consent page says.

    Attributes:
        catalogue: says in which tasks such a card is asked for.
        organisation: who issues.
        credential_type: what is issued.
        wallet_name: what the wallet's attested name of itself is; None when it has none.
        provider_names: who provides the wallet, from the list of wallet providers; None when the
            wallet was not attested.
        form_action: path of the page; it is shown by GET and answered by POST, and takes `lang`.
            The answer has the fields `csrf` and `decision`: `approve` or `decline`.
        csrf: goes into the form.
        person_name: who signed in, so that people who share a device see it; "" where not known.
        allowed_redirect: origin (`https://wallet.example`) or scheme (`fi.wallet:`) where the
            answer sends the browser: for Content-Security-Policy form-action.
        is_demo: say that nothing on the page is real.
    """

    catalogue: Catalogue
    organisation: Organisation
    credential_type: CredentialType
    wallet_name: str | None
    provider_names: Label | None
    form_action: str
    csrf: str = field(repr=False)
    allowed_redirect: str
    person_name: str = field(default="", repr=False)
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class EndView:
    """What a page says on which nothing more is asked.

    Attributes:
        organisation: who would have issued; None where it is not known.
        back: the wallet's redirect address with the error in it, as a link; None where there is
            none that can be trusted.
        here: a path that shows the same page by GET, for the other languages; None: no choice.
        is_demo: say that nothing on the page is real.
    """

    organisation: Organisation | None = None
    back: str | None = field(default=None, repr=False)
    here: str | None = None
    is_demo: bool = False


def consent_page(view: ConsentView, language: Lang) -> Response:
    """Return the page that asks the person."""
    uses = _uses(view.catalogue, view.credential_type, language)
    asked, kind, provider = view.organisation, view.credential_type, view.provider_names
    return _page(
        "consent.html",
        language,
        {
            "organisation": asked.names[language],
            "contact": asked.contact[language],
            "card": kind.title[language],
            "valid": _valid(kind.validity_days),
            "person": view.person_name,
            "wallet": view.wallet_name,
            "provider": None if provider is None else provider[language],
            "site": _site(view.allowed_redirect),
            "items": _items(kind, language),
            "uses": uses,
            "receivers": join_list([receiver for receiver, _ in uses], language),
            "note": kind.desk.note[language],
            "csrf": view.csrf,
            "here": view.form_action,
            "is_demo": view.is_demo,
        },
        form_action=("'self'", _target(view.allowed_redirect)),
    )


def _site(redirect: str) -> str | None:
    """Return the web site that gets the answer; None for an app on this device."""
    parts = urlsplit(redirect)
    return parts.hostname if parts.scheme == "https" else None


def nothing_page(view: EndView, language: Lang) -> Response:
    """Say that the organisation has nothing for the person."""
    return _end("nothing", view, language, HTTPStatus.OK)


def declined_page(view: EndView, language: Lang) -> Response:
    """Say that the person broke it off, here or at the sign-in, and nothing was made."""
    return _end("declined", view, language, HTTPStatus.OK)


def over_page(view: EndView, language: Lang) -> Response:
    """Say that this is over: done already, too long ago, or begun in another browser."""
    return _end("over", view, language, HTTPStatus.BAD_REQUEST)


def trouble_page(view: EndView, language: Lang) -> Response:
    """Say that something does not work just now: the sign-in, or the organisation's system."""
    return _end("trouble", view, language, HTTPStatus.SERVICE_UNAVAILABLE)


def stand_in_page(
    people: Sequence[Person], wish: StandInWish, path: str, language: Lang
) -> Response:
    """Return the page on which somebody chooses which test person to be."""
    hidden = asdict(wish)
    return _page(
        "stand_in.html",
        language,
        {
            "people": people,
            "hidden": hidden.items(),
            "action": path,
            "here": f"{path}?{urlencode(hidden)}",
            "contact": None,
            "is_demo": True,
        },
        form_action=("'self'",),
    )


def _end(kind: str, view: EndView, language: Lang, status: HTTPStatus) -> Response:
    known = view.organisation
    context: dict[str, object] = {
        "kind": kind,
        "organisation": None if known is None else known.names[language],
        "contact": None if known is None else known.contact[language],
        "back": view.back,
        "here": view.here,
        "is_demo": view.is_demo,
    }
    return _page("end.html", language, context, status=status)


def _target(allowed: str) -> str:
    """Return a source of Content-Security-Policy; it has no form for an IPv6 address."""
    return f"{allowed.partition(':')[0]}:" if "[" in allowed else allowed


def _valid(days: int) -> tuple[str, int]:
    """Return the longest validity in the unit that reads best."""
    return ("days", days) if days % _YEAR else ("years", days // _YEAR)


def _items(kind: CredentialType, lang: Lang) -> list[tuple[str, list[str]]]:
    """Return what a card may hold, what may tell about health apart."""
    groups: dict[str, list[str]] = {"plain": [], "health": []}
    for claim in kind.claims.values():
        groups["plain" if claim.art9 == "no" else "health"].append(claim.label[lang])
    return [(name, labels) for name, labels in groups.items() if labels]


def _uses(catalogue: Catalogue, kind: CredentialType, lang: Lang) -> list[tuple[str, str]]:
    """Return who asks for such a card, and in which tasks."""
    found = [
        (
            role.names[lang],
            [task.title[lang] for task in catalogue.profiles_for(role.id) if _asks(task, kind)],
        )
        for role in catalogue.roles.values()
    ]
    return [(receiver, ", ".join(tasks)) for receiver, tasks in found if tasks]


def _asks(task: RequestProfile, kind: CredentialType) -> bool:
    return any(card.credential_type == kind.id for card in task.credentials)


def _page(
    template: str,
    lang: Lang,
    context: dict[str, object],
    *,
    status: HTTPStatus = HTTPStatus.OK,
    form_action: Sequence[str] = ("'none'",),
) -> Response:
    text = _environment.get_template(template).render(
        t=partial(_text, lang),
        lang=lang,
        languages=[(code, _NAMES[code]) for code in LANGS],
        **context,
    )
    policy = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
        f"form-action {' '.join(form_action)}; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(
        text,
        status_code=status,
        headers={
            "Content-Security-Policy": policy,
            "Content-Language": lang,
            "Vary": "Accept-Language",
        },
    )


def _text(lang: Lang, key: str, **values: object) -> str:
    return TEXTS.text(key, lang, **values)
