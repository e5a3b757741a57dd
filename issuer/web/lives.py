"""Later claims, offering again, revocations that wait for a second pair of eyes, taking in."""

from typing import Annotated

from fastapi import APIRouter, Depends

from issuer.model import Caller, Channel, OfferState
from issuer.usecases.reoffer import ReofferWish
from issuer.web import bodies
from issuer.web.callers import ID, IDEMPOTENCY_KEY, GetCaller, caller_getter, statuses
from issuer.web.made_offers import answer_of
from issuer.web.services import Services
from issuer.web.strict import StrictRoute

_CREATED = 201


def router(services: Services) -> APIRouter:
    """Return the endpoints."""
    routes = APIRouter(
        prefix="/api/v1/{org}",
        route_class=StrictRoute,
        responses=statuses(401, 403, 422),
    )
    caller = caller_getter(services)
    _add_offers(routes, services, caller)
    _add_credentials(routes, services, caller)
    return routes


def _add_offers(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    @routes.put(
        "/offers/{offer_id:id}/claims",
        responses=statuses(400, 404, 408, 409, 413, 415),
        tags=["offers"],
    )
    async def give_claims(
        offer_id: Annotated[str, ID],
        body: bodies.LaterClaims,
        caller: Annotated[Caller, Depends(get_caller)],
    ) -> bodies.OfferAnswer:
        """Hand over the claims of an offer that was made without them; once more is no harm.

        What does not fit is refused, and the offer goes on waiting.
        """
        await services.lives.give_claims(caller, offer_id, body.claims)
        report = await services.read_offer(caller, offer_id)
        is_open = report.state is OfferState.OFFERED
        return bodies.OfferAnswer.of(
            report, link=services.links.by_reference(report.offer) if is_open else None
        )

    @routes.post(
        "/offers/{offer_id:id}/reoffer",
        status_code=_CREATED,
        responses=statuses(400, 404, 408, 409, 413, 415),
        response_model_exclude_none=True,
        tags=["offers"],
    )
    async def reoffer(
        offer_id: Annotated[str, ID],
        body: bodies.Reoffer,
        caller: Annotated[Caller, Depends(get_caller)],
        idempotency_key: Annotated[str | None, IDEMPOTENCY_KEY] = None,
    ) -> bodies.NewOfferAnswer:
        """Offer the same claims under a new link, code and PIN; the earlier offer is withdrawn."""
        delivery = body.delivery
        wish = ReofferWish(
            offer_id=offer_id,
            channel=None if delivery is None else Channel(delivery.channel),
            wants_pin=None if delivery is None else delivery.pin,
        )
        made = await services.lives.reoffer(caller, wish, idempotency_key=idempotency_key)
        return answer_of(made, services)


def _add_credentials(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    @routes.get("/revocation-requests", tags=["credentials"])
    async def asked(caller: Annotated[Caller, Depends(get_caller)]) -> bodies.AskedRevocations:
        """List the revocations that wait for a second pair of eyes."""
        waiting = await services.change_status.asked(caller)
        return bodies.AskedRevocations(
            revocations=[
                bodies.AskedRevocation(
                    credential_id=one.id,
                    type=one.type_id,
                    system=one.revocation_request.system,
                    reason=one.revocation_request.reason,
                    asked_at=one.revocation_request.at,
                )
                for one in waiting
                if one.revocation_request is not None
            ]
        )

    @routes.post(
        "/taken-in",
        responses=statuses(400, 404, 408, 409, 413, 415),
        tags=["credentials"],
    )
    async def take_in(
        body: bodies.TakeInWish, caller: Annotated[Caller, Depends(get_caller)]
    ) -> bodies.TakeInAnswer:
        """Mark a credential, such as a referral, as used, by its status reference alone."""
        reference = body.status_list
        taken = await services.lives.take_in(caller, reference.uri, reference.idx)
        return bodies.TakeInAnswer(state="taken_in", taken_in_at=taken.at)
