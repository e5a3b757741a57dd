"""What issuing systems call about a client, by `subject_ref` in the body, and about cards' ends."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from credential_schemas.problems import ClaimsRejected, Problem
from issuer.model import Caller, Channel
from issuer.ports.letters import PinMedium
from issuer.usecases.after.erase_subject import ErasureWish
from issuer.usecases.after.lose_phone import Loss
from issuer.usecases.after.renew_card import Renewal
from issuer.usecases.create_offer import OfferWish
from issuer.usecases.letters.create_letter import LetterWish
from issuer.web import after_bodies as bodies
from issuer.web.bodies import DeliveryWish, NewOfferAnswer
from issuer.web.callers import IDEMPOTENCY_KEY, GetCaller, caller_getter, statuses
from issuer.web.languages import preferred_language
from issuer.web.letters import made_answer
from issuer.web.made_offers import answer_of
from issuer.web.services import Services
from issuer.web.strict import StrictRoute

_CREATED = 201
_DAYS_MAX = 400
_PAGE_MAX = 500


def router(services: Services) -> APIRouter:
    """Return the endpoints. Included before those whose paths would take `expiring` for an id."""
    routes = APIRouter(
        prefix="/api/v1/{org}",
        route_class=StrictRoute,
        responses=statuses(401, 403, 422),
    )
    caller = caller_getter(services)
    _add_subjects(routes, services, caller)
    _add_ends(routes, services, caller)
    return routes


def _add_subjects(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    @routes.post(
        "/subjects/lost-phone",
        responses=statuses(400, 408, 413, 415),
        response_model_exclude_none=True,
        tags=["subjects"],
    )
    async def lost_phone(
        body: bodies.LostPhone,
        caller: Annotated[Caller, Depends(get_caller)],
        request: Request,
        idempotency_key: Annotated[str, IDEMPOTENCY_KEY],
    ) -> bodies.LostPhoneAnswer:
        """Revoke everything on a client's lost phone, take back what is open, offer anew.

        Repeated under the same Idempotency-Key within 24 hours it does nothing more, and tells the
        same: what the client has got again in the meantime stays.
        """
        again = [_again(number, body) for number in range(len(body.again))]
        handled = await services.after.lose_phone(
            caller, Loss(body.subject_ref, again), idempotency_key=idempotency_key
        )
        return bodies.LostPhoneAnswer(
            revoked=list(handled.done.revoked),
            withdrawn=list(handled.done.withdrawn),
            withdrawn_letters=list(handled.done.letters),
            awaits_second_pair=list(handled.done.awaiting),
            out_of_scope=handled.done.out_of_scope,
            offers=[answer_of(one, services) for one in handled.offers],
            letters=[made_answer(services, request, one) for one in handled.letters],
        )

    @routes.post(
        "/subjects/renew",
        status_code=_CREATED,
        responses=statuses(400, 404, 408, 409, 413, 415),
        response_model_exclude_none=True,
        tags=["subjects"],
    )
    async def renew(
        body: bodies.Renewal,
        caller: Annotated[Caller, Depends(get_caller)],
        idempotency_key: Annotated[str | None, IDEMPOTENCY_KEY] = None,
    ) -> NewOfferAnswer:
        """Offer a new card in the place of one; that one is revoked when the new one arrives."""
        created = await services.after.renew_card(
            caller,
            Renewal(body.credential_id, _wish(body.subject_ref, "", body.claims, body.delivery)),
            idempotency_key=idempotency_key,
        )
        return answer_of(created, services)

    @routes.post(
        "/subjects/erase",
        responses=statuses(400, 408, 413, 415),
        response_model_exclude_none=True,
        tags=["subjects"],
    )
    async def erase(
        body: bodies.Erasure, caller: Annotated[Caller, Depends(get_caller)], request: Request
    ) -> bodies.ErasureAnswer:
        """Erase what is kept of a client; the answer says what stays, and why."""
        erased = await services.after.erase_subject(
            caller, ErasureWish(body.subject_ref, revoke_cards=body.revoke_cards)
        )
        return bodies.ErasureAnswer.of(erased, preferred_language(request.scope))


def _add_ends(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    @routes.get("/credentials/expiring", tags=["credentials"])
    async def expiring(
        caller: Annotated[Caller, Depends(get_caller)],
        days: Annotated[int, Query(ge=1, le=_DAYS_MAX)] = 30,
        limit: Annotated[int, Query(ge=1, le=_PAGE_MAX)] = 100,
        after: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
    ) -> bodies.ExpiringAnswer:
        """List valid cards that end within so many days, by their ids."""
        found = await services.after.list_expiring(
            caller, within=timedelta(days=days), after=after, limit=limit
        )
        return bodies.ExpiringAnswer.of(found, limit=limit)


def _again(number: int, body: bodies.LostPhone) -> OfferWish | LetterWish:
    """Return one of the wishes.

    Raises:
        ClaimsRejected: it names no way to the client, or two.
    """
    one = body.again[number]
    if one.delivery is not None and one.letter is not None:
        raise ClaimsRejected([Problem((), "unknown_item")], place=f"/again/{number}/letter")
    if one.delivery is not None:
        return _wish(body.subject_ref, one.type, one.claims, one.delivery)
    if one.letter is None:
        raise ClaimsRejected([Problem((), "missing")], place=f"/again/{number}/delivery")
    return LetterWish(
        type_id=one.type,
        claims=one.claims,
        subject_ref=body.subject_ref,
        pin_medium=PinMedium(one.letter.pin_medium),
        recipient=tuple(one.letter.recipient),
    )


def _wish(subject_ref: str, type_id: str, claims: dict[str, Any], how: DeliveryWish) -> OfferWish:
    return OfferWish(
        type_id=type_id,
        claims=claims,
        subject_ref=subject_ref,
        channel=Channel(how.channel),
        wants_pin=how.pin,
    )
