"""For issuing systems: hand cards over to a Kykylompakko issuer, and change their status.

with IssuerClient("https://issuer.example", "mallimaa", ApiKey(key)) as issuer:
    made = issuer.offer(OfferWish("statement_feedback", claims, subject_ref="client-4711"))
    print(made.offer_link)
"""

from kykylompakko_client.access import Access, ApiKey, PrivateKeyJwt
from kykylompakko_client.answers import (
    Card,
    Fault,
    LineResult,
    MadeOffer,
    OfferReport,
    OfferWish,
    Problem,
)
from kykylompakko_client.client import IssuerClient
from kykylompakko_client.failures import Interrupted, NotUnderstood, Refused, Unreachable

__all__ = [
    "Access",
    "ApiKey",
    "Card",
    "Fault",
    "Interrupted",
    "IssuerClient",
    "LineResult",
    "MadeOffer",
    "NotUnderstood",
    "OfferReport",
    "OfferWish",
    "PrivateKeyJwt",
    "Problem",
    "Refused",
    "Unreachable",
]
