"""What the nine checks come to, and what staff may do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from openid4vc.sd_jwt.model import StatusReference


class Check(StrEnum):
    """The nine checks, in the order in which they are made."""

    ANSWERS_REQUEST = "answers_request"
    ISSUER_TRUSTED = "issuer_trusted"
    ISSUER_SIGNATURE = "issuer_signature"
    DISCLOSURES = "disclosures"
    DATES = "dates"
    HOLDER_BINDING = "holder_binding"
    QUERY = "query"
    STATUS = "status"
    ACROSS_CARDS = "across_cards"


class Mark(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check with its mark; `code` is the failure's stable code when it failed."""

    check: Check
    mark: Mark
    code: str | None = None


class Outcome(StrEnum):
    """What staff may do with what was shown; `NOT_SHOWN` is no verdict."""

    ACCEPT = "accept"
    CANNOT_CONFIRM = "cannot_confirm"
    REJECT = "reject"
    NOT_SHOWN = "not_shown"


class Identity(StrEnum):
    """What staff recorded about the person in front of them."""

    COMPARED = "compared"
    NOT_NEEDED = "not_needed"
    NOT_SAME = "not_same"


class Confirmation(StrEnum):
    """Whether the client at the desk was shown to be the one whose wallet answered."""

    CONFIRMED = "confirmed"  # the code that only that wallet was given was read out, or came back
    NOT_NEEDED = "not_needed"  # it came over the counter, or it shows nothing
    FAILED = "failed"  # no try was right
    LEFT = "left"  # it ended before the code was typed


class OnBehalf(StrEnum):
    """Who acted for the client: a kind of person, never a name. Nobody has checked a mandate."""

    CLOSE_PERSON = "close_person"  # family or a friend
    SUPPORTER = "supporter"  # digital support, a peer, a support person
    GUARDIAN = "guardian"
    PROFESSIONAL = "professional"  # somebody who works with the client
    OTHER = "other"


class ShownCard(Struct, frozen=True):
    """What one card showed, cut down to what was asked.

    Attributes:
        query_id: id of the credential query that it answers.
        type_id: the credential type's id in the catalogue.
        vct: the type's identifier on the wire.
        issuer: id of the trusted issuer.
        claims: only the claims that the query names.
        partial: places of arrays of which only some elements were shown, as JSON paths.
        valid_until: when the card ends, None when it does not.
        take_in: the card's status reference, by which a receiver that acts on it tells the
            issuer so; None for a type that nobody takes in.
        issuer_closed_on: the day on which the issuer stopped issuing, None while it has not.
    """

    query_id: str
    type_id: str
    vct: str
    issuer: str
    claims: Mapping[str, object]
    partial: tuple[tuple[str | int, ...], ...] = ()
    valid_until: datetime | None = None
    take_in: StatusReference | None = None
    issuer_closed_on: date | None = None


class Verdict(Struct, frozen=True):
    """What the nine checks came to."""

    checks: tuple[CheckResult, ...]
    outcome: Outcome | None
    code: str | None = None
    shown: tuple[ShownCard, ...] = ()
    trust_sequence: int | None = None
    trust_age: timedelta | None = None
    status_age: timedelta | None = None
    issuer: str | None = None
