"""The client's own situation: what the cards in force say together, for the client alone.

Nothing is shown to anybody, and nothing is reckoned: each item keeps its card.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue, CredentialType, Path
from credential_schemas.schema_checks import parse_date
from wallet_sim.held import HeldCard
from wallet_sim.inbox import in_force, newer_of

ABOUT_OTHERS = "receiver"
"""The voice of receipts: they tell of receivers, not of the client's situation."""


@dataclass(frozen=True, slots=True)
class Told:
    """One card in force, and the claims that matter most, in the order of reading."""

    held: HeldCard
    type: CredentialType
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """A day that is still to come: what it is called, on which card.

    Attributes:
        of: what it is about, such as an agreed action; None for the card as a whole.
    """

    day: date
    path: Path
    of: str | None
    type: CredentialType


@dataclass(frozen=True, slots=True)
class Situation:
    """What the cards say, and what comes next, in order."""

    told: tuple[Told, ...]
    coming: tuple[Coming, ...]


def situation(cards: Sequence[HeldCard], *, catalogue: Catalogue, at: datetime) -> Situation:
    """Put the cards together, plans first; those that are over, revoked or replaced are not."""
    today = at.astimezone(HELSINKI).date()
    told = [
        Told(held, kind, _names(kind, held.claims))
        for held in cards
        if in_force(held, at)
        and newer_of(held, cards, at) is None
        and (kind := catalogue.types.get(held.card.type_id)) is not None
        and kind.desk.voice != ABOUT_OTHERS
    ]
    told = sorted(
        (one for one in told if one.names), key=lambda one: "plan_type" not in one.type.claims
    )
    coming = {
        (one.day, one.path, one.of, one.type.id): one
        for card in told
        for one in _days(card)
        if one.day >= today
    }
    return Situation(
        tuple(told),
        tuple(sorted(coming.values(), key=lambda one: (one.day, one.of or "", str(one.path)))),
    )


def _names(kind: CredentialType, claims: Mapping[str, object]) -> tuple[str, ...]:
    listed = [*kind.desk.quotes, *(one.claim for one in kind.desk.says)]
    return tuple(name for name in dict.fromkeys(listed) if name in claims)


def _days(card: Told) -> Iterator[Coming]:
    for name, claim in card.type.claims.items():
        held = card.held.claims.get(name)
        if claim.kind == "date" and (day := parse_date(held)) is not None:
            yield Coming(day, (name,), None, card.type)
        if claim.kind == "records" and isinstance(held, list):
            for record in held:
                if isinstance(record, Mapping):
                    yield from _days_of(card.type, name, record)


def _days_of(kind: CredentialType, name: str, record: Mapping[str, object]) -> Iterator[Coming]:
    """The days of one record; its first text says what it is."""
    members = kind.claims[name].members
    texts = [record.get(one) for one, member in members.items() if member.kind == "text"]
    of = next((one for one in texts if isinstance(one, str)), None)
    for one, member in members.items():
        if member.kind == "date" and (day := parse_date(record.get(one))) is not None:
            yield Coming(day, (name, None, one), of, kind)
