"""Where a wallet asks for a card, and the way of its person through the browser (RFC 9126, 6749).

Nothing in an address or a log line says who the person is: what a browser is in the middle of is
found by its cookie.
"""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from credential_schemas.model import Organisation
from issuer.ports.sign_in import SignInAnswer
from issuer.usecases.authorization.decide import Decision
from issuer.usecases.authorization.failures import AuthorizationOver, NothingForPerson
from issuer.usecases.authorization.leaving import Leaving
from issuer.usecases.authorization.show_consent import Question
from issuer.usecases.claims_source_failures import ClaimsSourceUnavailable
from issuer.usecases.failures import OrganisationClosed, OrganisationUnknown
from issuer.usecases.sign_in_failures import SignInDeclined, SignInUnavailable
from issuer.web.consent_pages import (
    ConsentView,
    EndView,
    consent_page,
    declined_page,
    nothing_page,
    over_page,
    trouble_page,
)
from issuer.web.letter_pages import language
from issuer.web.proofs import shown
from issuer.web.services import Services
from issuer.web.wire import statuses, takes_proofs
from keys.checks import CheckFailed
from openid4vc.oauth.authorization import pushed_response
from service_kit.described import FORM, JSON, content, gives, takes
from service_kit.http import ParameterRepeated, read_form

_LOG = logging.getLogger("issuer.failures")
_PAGES: Final = ("/authorize", "/sign-in", "/consent")
_LONGEST: Final = 4_096
_TROUBLE: Final = (SignInUnavailable, ClaimsSourceUnavailable, OrganisationClosed)


def is_authorizing(path: str) -> bool:
    """Tell whether an address belongs to these pages, which people look at."""
    return path.count("/") == 2 and path.endswith(_PAGES)  # noqa: PLR2004  /{org}/{page}


def router(services: Services) -> APIRouter:
    """Return the endpoints."""

    def known(org: str) -> str:
        if org not in services.catalogue.organisations:
            raise OrganisationUnknown("no such organisation")
        return org

    routes = APIRouter(tags=["wallet"], dependencies=[Depends(known)])

    @routes.post(
        "/{org}/par",
        status_code=HTTPStatus.CREATED,
        openapi_extra={
            **takes(content(FORM, "PushedRequest")),
            **takes_proofs(attestation=True),
        },
        response_class=Response,
        responses={
            **gives("It is kept", content(JSON, "PushedResponse"), status=HTTPStatus.CREATED),
            **statuses(400, 404, 408, 413, 415, 503),
        },
    )
    async def push(org: str, request: Request) -> Response:
        """Keep what a wallet asks for; its link can be opened once, for a minute."""
        pushed = await services.asking.push(org, await read_form(request), shown(request))
        body = pushed_response(pushed.request_uri, pushed.lifetime)
        return JSONResponse(body, HTTPStatus.CREATED)

    pages = _Pages(services)
    routes.get("/{org}/authorize", include_in_schema=False)(pages.guarded(pages.begin))
    routes.get("/{org}/sign-in", include_in_schema=False)(pages.guarded(pages.sign_in))
    routes.get("/{org}/consent", include_in_schema=False)(pages.guarded(pages.ask))
    routes.post("/{org}/consent", include_in_schema=False)(pages.guarded(pages.answer))
    return routes


_Page = Callable[[str, Request], Awaitable[Response]]


class _Pages:
    """What the browser is shown, and where it is sent."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asking = services.asking
        self._is_https = services.addresses.base.startswith("https:")
        self._cookie = "__Host-authorization" if self._is_https else "authorization"

    def guarded(self, page: _Page) -> _Page:
        """Return a page that says in plain words when it cannot be shown."""

        async def shown_or_not(org: str, request: Request) -> Response:
            try:
                return await page(org, request)
            except CheckFailed as failure:
                return self._failed(self._services.catalogue.organisations[org], request, failure)

        return shown_or_not

    async def begin(self, org: str, request: Request) -> Response:
        """Use the wallet's link up, and send the browser to sign in."""
        begun = await self._asking.begin(org, request.query_params.multi_items())
        return self._known_as(begun.cookie, begun.address)

    async def sign_in(self, org: str, request: Request) -> Response:
        """Take what the identity provider says, and go on under another cookie."""
        pairs = request.query_params.multi_items()
        query = dict(pairs)
        if len(query) != len(pairs):
            raise ParameterRepeated("a parameter of the answer is given more than once")
        answer = SignInAnswer(
            code=query.get("code", "")[:_LONGEST],
            error=query.get("error", "")[:_LONGEST],
            state=query.get("state", "")[:_LONGEST],
            issuer=query.get("iss", "")[:_LONGEST],
        )
        signed_in = await self._asking.complete_sign_in(org, self._session(request), answer)
        if isinstance(signed_in, Leaving):
            return self._leave(org, request, signed_in)
        return self._known_as(signed_in, f"/{org}/consent")

    async def ask(self, org: str, request: Request) -> Response:
        """Show what is asked."""
        question = await self._asking.show_consent(org, self._session(request))
        return consent_page(self._view(question), language(request))

    async def answer(self, org: str, request: Request) -> Response:
        """Take the answer, and send the browser back to the wallet."""
        fields = dict(await read_form(request))
        decision = Decision(
            form_token=fields.get("csrf", "")[:_LONGEST],
            approves=fields.get("decision") == "approve",
            language=language(request),
        )
        leaving = await self._asking.decide(org, self._session(request), decision)
        return self._leave(org, request, leaving)

    def _session(self, request: Request) -> str:
        return request.cookies.get(self._cookie, "")

    def _known_as(self, cookie: str, address: str) -> Response:
        """Send the browser on, known by a cookie that no script reads and no other site sends."""
        response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            self._cookie, cookie, path="/", secure=self._is_https, httponly=True, samesite="lax"
        )
        return response

    def _view(self, question: Question) -> ConsentView:
        asked, catalogue = question.authorization, self._services.catalogue
        return ConsentView(
            catalogue=catalogue,
            organisation=catalogue.organisations[asked.organisation],
            credential_type=catalogue.types[asked.type_id],
            wallet_name=asked.wallet_name,
            provider_names=asked.provider_names,
            form_action=f"/{asked.organisation}/consent",
            csrf=question.form_token,
            person_name=question.person_name,
            allowed_redirect=_source_of(asked.redirect_uri),
            is_demo=not self._is_https,
        )

    def _leave(self, org: str, request: Request, leaving: Leaving) -> Response:
        """Send the browser back to the wallet, or say first why it goes there empty-handed."""
        if leaving.why is None:
            return RedirectResponse(leaving.address, HTTPStatus.SEE_OTHER)
        organisation = self._services.catalogue.organisations[org]
        return self._failed(organisation, request, leaving.why, back=leaving.address)

    def _failed(
        self,
        organisation: Organisation,
        request: Request,
        failure: CheckFailed,
        back: str | None = None,
    ) -> Response:
        _LOG.log(_level_of(failure, back), "failed: %s", failure.code)
        view = EndView(organisation=organisation, back=back, is_demo=not self._is_https)
        page = over_page
        if isinstance(failure, NothingForPerson):
            page = nothing_page
        elif isinstance(failure, SignInDeclined):
            page = declined_page
        elif back is not None or isinstance(failure, _TROUBLE):
            page = trouble_page
        return page(view, language(request))


def _level_of(failure: CheckFailed, back: str | None) -> int:
    """Return how loud a failure is: what an operator has to see to, or what people do."""
    is_theirs = isinstance(failure, NothingForPerson | SignInDeclined | AuthorizationOver)
    is_ours = isinstance(failure, _TROUBLE) or (back is not None and not is_theirs)
    return logging.ERROR if is_ours else logging.INFO


def _source_of(redirect_uri: str) -> str:
    """Return what Content-Security-Policy calls an address: its origin, or its scheme."""
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"http", "https"}:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
