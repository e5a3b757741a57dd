"""What issuing systems call: offers and the status of credentials."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from issuer.model import Caller, Channel, OfferState
from issuer.usecases.change_status import StatusAction, StatusWish
from issuer.usecases.failures import OfferNotOpen
from issuer.web import bodies
from issuer.web.callers import ID, IDEMPOTENCY_KEY, GetCaller, caller_getter, statuses
from issuer.web.errors import words
from issuer.web.languages import preferred_language
from issuer.web.made_offers import answer_of, wish_of
from issuer.web.services import Services
from issuer.web.strict import StrictRoute
from service_kit.described import binary, gives
from service_kit.qr import qr_png, qr_svg

_CREATED = 201
_NO_LINK = Channel.WALLET  # its code went to the wallet that asked


def router(services: Services) -> APIRouter:
    """Return the issuing systems' endpoints."""
    routes = APIRouter(
        prefix="/api/v1/{org}",
        route_class=StrictRoute,
        responses=statuses(401, 403, 422),
    )
    caller = caller_getter(services)
    _add_offers(routes, services, caller)
    _add_pictures(routes, services, caller)
    _add_credentials(routes, services, caller)
    return routes


def _add_offers(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    @routes.post(
        "/offers",
        status_code=_CREATED,
        responses=statuses(400, 408, 413, 415),
        response_model_exclude_none=True,
        tags=["offers"],
    )
    async def create(
        body: bodies.NewOffer,
        caller: Annotated[Caller, Depends(get_caller)],
        idempotency_key: Annotated[str | None, IDEMPOTENCY_KEY] = None,
    ) -> bodies.NewOfferAnswer:
        """Make an offer; the same call under the same Idempotency-Key makes it once."""
        created = await services.create_offer(
            caller, wish_of(body), idempotency_key=idempotency_key
        )
        return answer_of(created, services)

    @routes.get("/offers/{offer_id:id}", responses=statuses(404), tags=["offers"])
    async def read(
        offer_id: Annotated[str, ID], caller: Annotated[Caller, Depends(get_caller)]
    ) -> bodies.OfferAnswer:
        """Tell how an offer is doing."""
        report = await services.read_offer(caller, offer_id)
        has_link = report.state is OfferState.OFFERED and report.offer.channel is not _NO_LINK
        return bodies.OfferAnswer.of(
            report, link=services.links.by_reference(report.offer) if has_link else None
        )

    @routes.post("/offers/{offer_id:id}/withdraw", responses=statuses(404, 409), tags=["offers"])
    async def withdraw(
        offer_id: Annotated[str, ID], caller: Annotated[Caller, Depends(get_caller)]
    ) -> bodies.OfferAnswer:
        """Take an offer back: claims are erased, copies not yet confirmed are revoked."""
        await services.withdraw_offer(caller, offer_id)
        return bodies.OfferAnswer.of(await services.read_offer(caller, offer_id), link=None)


def _add_pictures(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    async def link_of(caller: Caller, offer_id: str) -> str:
        report = await services.read_offer(caller, offer_id)
        if report.state is not OfferState.OFFERED or report.offer.channel is _NO_LINK:
            raise OfferNotOpen(report.state)
        return services.links.by_reference(report.offer)

    @routes.get(
        "/offers/{offer_id:id}/qr.svg",
        responses={**gives("The code", binary("image/svg+xml")), **statuses(404, 409)},
        response_class=Response,
        tags=["offers"],
    )
    async def svg(
        offer_id: Annotated[str, ID],
        caller: Annotated[Caller, Depends(get_caller)],
        request: Request,
    ) -> Response:
        """Draw the offer's link as a QR code, named in the language of Accept-Language."""
        title = words("qr.title", preferred_language(request.scope))
        picture = qr_svg(await link_of(caller, offer_id), title=title)
        return Response(picture, media_type="image/svg+xml")

    @routes.get(
        "/offers/{offer_id:id}/qr.png",
        responses={**gives("The code", binary("image/png")), **statuses(404, 409)},
        response_class=Response,
        tags=["offers"],
    )
    async def png(
        offer_id: Annotated[str, ID], caller: Annotated[Caller, Depends(get_caller)]
    ) -> Response:
        """Draw the offer's link as a QR code."""
        return Response(qr_png(await link_of(caller, offer_id)), media_type="image/png")


def _add_credentials(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    @routes.get("/credentials/{credential_id:id}", responses=statuses(404), tags=["credentials"])
    async def read(
        credential_id: Annotated[str, ID], caller: Annotated[Caller, Depends(get_caller)]
    ) -> bodies.CredentialAnswer:
        """Tell how a credential stands."""
        return bodies.CredentialAnswer.of(await services.read_credential(caller, credential_id))

    @routes.post(
        "/credentials/{credential_id:id}/status",
        responses=statuses(400, 404, 408, 409, 413, 415),
        tags=["credentials"],
    )
    async def change(
        credential_id: Annotated[str, ID],
        body: bodies.StatusWish,
        caller: Annotated[Caller, Depends(get_caller)],
    ) -> bodies.CredentialAnswer:
        """Suspend, reinstate or revoke; the status list shows it at once. Revoking is final.

        Where four eyes are needed, the first to revoke suspends, and somebody else revokes.
        """
        wish = StatusWish(StatusAction(body.action), body.reason, body.person)
        changed = await services.change_status(caller, credential_id, wish)
        return bodies.CredentialAnswer.of(changed)
