"""Tells offers, requests and challenges apart, so that the person hears which command is right."""

from typing import NoReturn

from openid4vc.qr.challenge import SCHEME
from wallet_sim.failures import (
    LinkIsAChallenge,
    LinkIsAnOffer,
    LinkIsARequest,
    LinkTooLong,
    NotALink,
)

OFFER_SCHEMES = ("openid-credential-offer", "haip-vci")
REQUEST_SCHEMES = ("openid4vp", "haip-vp")
CHALLENGE_SCHEMES = (SCHEME.rstrip(":"),)
LONGEST_LINK = 16_384


def scheme_of(link: str) -> str:
    """Return the link's scheme in lower case, "" when the text has none."""
    if len(link) > LONGEST_LINK:
        raise LinkTooLong
    scheme, colon, _ = link.partition(":")
    return scheme.lower() if colon else ""


def require_offer(link: str) -> None:
    """Check that the link is an offer.

    Raises:
        NotALink, LinkIsARequest, LinkIsAChallenge, LinkTooLong: it is not.
    """
    if scheme_of(link) not in OFFER_SCHEMES:
        _wrong(link)


def require_request(link: str) -> None:
    """Check that the link is a request.

    Raises:
        NotALink, LinkIsAnOffer, LinkIsAChallenge, LinkTooLong: it is not.
    """
    if scheme_of(link) not in REQUEST_SCHEMES:
        _wrong(link)


def require_challenge(link: str) -> None:
    """Check that the link is a challenge.

    Raises:
        NotALink, LinkIsAnOffer, LinkIsARequest, LinkTooLong: it is not.
    """
    if scheme_of(link) not in CHALLENGE_SCHEMES:
        _wrong(link)


def _wrong(link: str) -> NoReturn:
    scheme = scheme_of(link)
    if scheme in OFFER_SCHEMES:
        raise LinkIsAnOffer
    if scheme in REQUEST_SCHEMES:
        raise LinkIsARequest
    if scheme in CHALLENGE_SCHEMES:
        raise LinkIsAChallenge
    raise NotALink
