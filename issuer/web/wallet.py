"""What wallets call: offers, tokens, nonces, credentials, notifications (OpenID4VCI 1.0)."""

from http import HTTPStatus

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from issuer.usecases.failures import OrganisationUnknown
from issuer.usecases.make_copy import IssuedCredential
from issuer.web.messages import Message, read_message
from issuer.web.proofs import shown, shown_with_token
from issuer.web.services import Services
from issuer.web.wire import ACCESS_TOKEN, statuses, takes_message, takes_proofs
from keys.checks import MalformedJson
from openid4vc.openid4vci.credential import credential_response
from openid4vc.openid4vci.deferred import Deferral, deferral_json, reports_follow
from openid4vc.openid4vci.encryption import MEDIA_TYPE as JWT
from openid4vc.openid4vci.errors import (
    InvalidNotificationRequest,
    ProtocolError,
)
from openid4vc.openid4vci.nonce import nonce_response
from openid4vc.openid4vci.offer import offer_json
from openid4vc.openid4vci.token import TOKEN_TYPE, token_response
from service_kit.described import FORM, JSON, content, gives, takes
from service_kit.http import read_form, read_json

_NO_CONTENT = 204
_ISSUED = {
    **gives("The credential", content(JSON, "CredentialResponse"), content(JWT, "CompactJwe")),
    **gives(
        "Claims are missing; ask again later",
        content(JSON, "DeferredCredentialResponse"),
        content(JWT, "CompactJwe"),
        status=202,
    ),
}


def router(services: Services) -> APIRouter:
    """Return the wallets' endpoints."""

    def known(org: str) -> str:
        if org not in services.catalogue.organisations:
            raise OrganisationUnknown("no such organisation")
        return org

    routes = APIRouter(tags=["wallet"], responses=statuses(404), dependencies=[Depends(known)])

    @routes.get(
        "/{org}/offers/{reference}",
        response_class=Response,
        responses=gives("The offer", content(JSON, "CredentialOffer")),
    )
    async def offer(org: str, reference: str) -> Response:
        """Give a credential offer by reference; it can be fetched again while it lives."""
        return JSONResponse(offer_json(await services.serve_offer(org, reference)))

    @routes.post(
        "/{org}/token",
        openapi_extra={
            **takes(content(FORM, "TokenRequest")),
            **takes_proofs(attestation=False),
        },
        response_class=Response,
        responses={
            **gives("An access token", content(JSON, "TokenResponse")),
            **statuses(400, 401, 408, 413, 415, 503),
        },
    )
    async def token(org: str, request: Request) -> Response:
        """Give an access token for a code, pre-authorized or not, or for a refresh token."""
        access = await services.give_token(org, await read_form(request), shown(request))
        return JSONResponse(
            token_response(
                access.text,
                lifetime=access.lifetime,
                refresh_token=access.refresh_token,
                identifiers=access.identifiers,
                token_type="DPoP" if access.is_bound else TOKEN_TYPE,
            )
        )

    _add_issuing(routes, services)
    return routes


def _add_issuing(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/{org}/nonce",
        response_class=Response,
        responses=gives("A nonce", content(JSON, "NonceResponse")),
    )
    async def nonce(org: str) -> Response:
        """Give a nonce for a key proof."""
        del org
        return JSONResponse(nonce_response(services.give_nonce()))

    @routes.post(
        "/{org}/credential",
        openapi_extra={**takes_message("CredentialRequest"), **ACCESS_TOKEN},
        response_class=Response,
        responses={**_ISSUED, **statuses(400, 401, 408, 413, 415, 503)},
    )
    async def credential(org: str, request: Request) -> Response:
        """Give the credential that was offered; 202 while its claims are missing."""
        seen = shown_with_token(request)
        message = await _message(org, request, services)
        return _issued(message, await services.issue_credential(org, seen, message.body))

    @routes.post(
        "/{org}/deferred-credential",
        openapi_extra={**takes_message("DeferredCredentialRequest"), **ACCESS_TOKEN},
        response_class=Response,
        responses={**_ISSUED, **statuses(400, 401, 408, 413, 415)},
    )
    async def deferred(org: str, request: Request) -> Response:
        """Give the credential that a transaction stands for; 202 while its claims are missing.

        It comes with a `notification_id` only where the wallet said that it reports.
        """
        seen = shown_with_token(request)
        message = await _message(org, request, services)
        answer = await services.lives.collect_credential(org, seen, message.body)
        return _issued(message, answer, is_reported_on=reports_follow(message.body))

    @routes.post(
        "/{org}/notification",
        status_code=_NO_CONTENT,
        openapi_extra={**takes(content(JSON, "NotificationRequest")), **ACCESS_TOKEN},
        response_class=Response,
        responses=statuses(400, 401, 408, 413, 415),
    )
    async def notification(org: str, request: Request) -> Response:
        """Take the wallet's report on a credential."""
        seen = shown_with_token(request)
        body = await _json(request, InvalidNotificationRequest)
        await services.take_notification(org, seen, body)
        return Response(status_code=_NO_CONTENT)


async def _message(org: str, request: Request, services: Services) -> Message:
    is_required = services.proving.demands.encrypted(org)
    return await read_message(request, services.request_keys.of(org), is_required=is_required)


def _issued(
    message: Message, answer: IssuedCredential | Deferral, *, is_reported_on: bool = True
) -> Response:
    if isinstance(answer, Deferral):
        return message.answer(deferral_json(answer), HTTPStatus.ACCEPTED)
    notification_id = answer.notification_id if is_reported_on else None
    return message.answer(credential_response(answer.credentials, notification_id=notification_id))


async def _json(request: Request, fault: type[ProtocolError]) -> object:
    """Read a JSON body; what is no JSON is the endpoint's own kind of fault."""
    try:
        return await read_json(request)
    except MalformedJson as failure:
        raise fault(failure.detail) from None
