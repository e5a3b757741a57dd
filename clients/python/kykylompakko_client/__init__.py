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
from kykylompakko_client.letters import Letters, LetterWish, MadeLetter, MailboxMessage
from kykylompakko_client.subjects import Erased, LostPhone, Subjects
from kykylompakko_client.webhooks import Event, ForeignEvent, read_event

__all__ = [
    "Access",
    "ApiKey",
    "Card",
    "Erased",
    "Event",
    "Fault",
    "ForeignEvent",
    "Interrupted",
    "IssuerClient",
    "LetterWish",
    "Letters",
    "LineResult",
    "LostPhone",
    "MadeLetter",
    "MadeOffer",
    "MailboxMessage",
    "NotUnderstood",
    "OfferReport",
    "OfferWish",
    "PrivateKeyJwt",
    "Problem",
    "Refused",
    "Subjects",
    "Unreachable",
    "read_event",
]
