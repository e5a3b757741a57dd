"""From a body to a wish, and from a made offer to what its maker is told."""

from issuer.model import Channel
from issuer.usecases.create_offer import CreatedOffer, OfferWish
from issuer.web.bodies import NewOffer, NewOfferAnswer
from issuer.web.services import Services


def wish_of(body: NewOffer) -> OfferWish:
    """Return what a body asks for."""
    return OfferWish(
        type_id=body.type,
        claims=body.claims,
        subject_ref=body.subject_ref,
        channel=Channel(body.delivery.channel),
        wants_pin=body.delivery.pin,
    )


def answer_of(created: CreatedOffer, services: Services) -> NewOfferAnswer:
    """Return what the maker of an offer is told, the PIN included."""
    offer = created.offer
    qr = f"{services.addresses.base}/api/v1/{offer.organisation}/offers/{offer.id}/qr"
    return NewOfferAnswer(
        offer_id=offer.id,
        state=offer.state.value,
        offer_link=services.links.by_reference(offer),
        offer_link_by_value=services.links.by_value(offer),
        qr_svg=f"{qr}.svg",
        qr_png=f"{qr}.png",
        pin=created.pin,
        expires_at=offer.expires_at,
    )
