"""Tells an offer's link from a request's, so that the person hears which command is right."""

from wallet_sim.failures import (
    LinkIsAnOffer,
    LinkIsARequest,
    LinkTooLong,
    NotALink,
)

OFFER_SCHEMES = ("openid-credential-offer", "haip-vci")
REQUEST_SCHEMES = ("openid4vp", "haip-vp")
LONGEST_LINK = 16_384


def scheme_of(link: str) -> str:
    """Return the link's scheme in lower case, "" when the text has none."""
    if len(link) > LONGEST_LINK:
        raise LinkTooLong
    scheme, colon, _ = link.partition(":")
    return scheme.lower() if colon else ""


def require_offer(link: str) -> None:
    """Check that the link is an offer; raises ``NotALink``, ``LinkIsARequest``, ``LinkTooLong``."""
    scheme = scheme_of(link)
    if scheme in REQUEST_SCHEMES:
        raise LinkIsARequest
    if scheme not in OFFER_SCHEMES:
        raise NotALink


def require_request(link: str) -> None:
    """Check that the link is a request; raises ``NotALink``, ``LinkIsAnOffer``, ``LinkTooLong``."""
    scheme = scheme_of(link)
    if scheme in OFFER_SCHEMES:
        raise LinkIsAnOffer
    if scheme not in REQUEST_SCHEMES:
        raise NotALink
