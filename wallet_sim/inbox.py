"""What awaits the person: cards that ended or will, days to come, what was not delivered.

Decided from what the wallet holds, the most pressing first; nothing is fetched here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue
from wallet_sim.content_files import NextStep, matters, next_steps
from wallet_sim.deeds import Deed, Told
from wallet_sim.held import HeldCard
from wallet_sim.model import Card, Contents, LogEntry, Standing

SOON: Final = timedelta(days=30)


class Matter(StrEnum):
    """Why something is in the inbox, the most pressing first."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    NOT_DELIVERED = "not_delivered"
    PENDING = "pending"
    COMES_LATER = "comes_later"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    DAY_TO_COME = "day_to_come"
    REPLACED = "replaced"
    NEXT_STEP = "next_step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that awaits the person.

    Attributes:
        card: which card it is about, if it is about one.
        on: the day it is about: an end, a day to come, until when a card can be fetched.
        claim: of a day to come, the name of the claim that holds it.
        entry: of what was not delivered, the entry of the log.
        deed: of what was not delivered, the deed.
        newer: of a replaced or an ended card, the card that is in its place.
        step: of a next step, what it is.
        type_id: of a card that comes later, its type.
    """

    matter: Matter
    card: Card | None = None
    on: date | None = None
    claim: str = ""
    entry: LogEntry | None = None
    deed: Deed | None = None
    newer: Card | None = None
    step: NextStep | None = None
    type_id: str = ""


def inbox(
    contents: Contents, cards: Sequence[HeldCard], *, catalogue: Catalogue, at: datetime
) -> tuple[Item, ...]:
    """Return what awaits the person at this time."""
    found = [
        *_undelivered(contents.log),
        *_pending(contents, at),
        *(item for held in cards for item in _of_card(held, cards, at)),
        *_days(cards, catalogue, at),
        *_steps(cards, at),
    ]
    order = list(Matter)
    return tuple(sorted(found, key=lambda item: (order.index(item.matter), item.on or date.max)))


def newer_of(held: HeldCard, cards: Sequence[HeldCard], at: datetime) -> HeldCard | None:
    """Return the newest valid card about the same matter by the same issuer, if it is another."""
    if held.card.type_id in matters().many_at_once:
        return None
    same = [one for one in cards if _matter(one) == _matter(held)]
    # Of two that came at the same time, the later in the wallet is the newer.
    behind = [one for one in same[same.index(held) + 1 :] if one.made_at == held.made_at]
    newer = [one for one in same if one.made_at > held.made_at] + behind
    return max(
        (one for one in newer if in_force(one, at)), key=lambda one: one.made_at, default=None
    )


def in_force(held: HeldCard, at: datetime) -> bool:
    """Say whether a card is valid by what the wallet knows."""
    checked = held.card.checked
    return not held.expired(at) and (checked is None or checked.standing is Standing.VALID)


def _of_card(held: HeldCard, cards: Sequence[HeldCard], at: datetime) -> Iterator[Item]:
    """At most one item for a card: what has happened to it."""
    card, newer = held.card, newer_of(held, cards, at)
    standing = card.checked.standing if card.checked else None
    place = newer.card if newer else None
    last = _last_day(card)
    if standing is Standing.REVOKED:
        yield Item(matter=Matter.REVOKED, card=card, newer=place)
    elif held.expired(at):
        yield Item(matter=Matter.EXPIRED, card=card, on=last, newer=place)
    elif standing is Standing.SUSPENDED:
        yield Item(matter=Matter.SUSPENDED, card=card, newer=place)
    elif place is not None:
        yield Item(matter=Matter.REPLACED, card=card, newer=place)
    elif last is not None and card.expires_at is not None and card.expires_at - at <= SOON:
        yield Item(matter=Matter.EXPIRING, card=card, on=last)


def _undelivered(log: Sequence[LogEntry]) -> Iterator[Item]:
    for entry in log:
        for deed in entry.deeds:
            if deed.told is Told.NOT_DELIVERED:
                yield Item(matter=Matter.NOT_DELIVERED, entry=entry, deed=deed)


def _pending(contents: Contents, at: datetime) -> Iterator[Item]:
    for one in contents.unfinished:
        if one.expires_at > at:
            yield Item(matter=Matter.PENDING, on=one.expires_at.astimezone(HELSINKI).date())
    for later in contents.pending:
        yield Item(matter=Matter.COMES_LATER, type_id=later.type_id)


def _days(cards: Sequence[HeldCard], catalogue: Catalogue, at: datetime) -> Iterator[Item]:
    today = at.astimezone(HELSINKI).date()
    for held in cards:
        if held.card.type_id not in catalogue.types or not in_force(held, at):
            continue
        if newer_of(held, cards, at) is not None:
            continue
        for name in matters().days_to_come:
            day = _day(held.claims.get(name))
            if day is not None and today <= day <= today + SOON:
                yield Item(matter=Matter.DAY_TO_COME, card=held.card, on=day, claim=name)


def _steps(cards: Sequence[HeldCard], at: datetime) -> Iterator[Item]:
    """The next step of each self-assessment that is in force and not replaced."""
    for held in cards:
        step = step_of(held)
        if step is None or step.link is None or not in_force(held, at):
            continue
        if newer_of(held, cards, at) is None:
            yield Item(matter=Matter.NEXT_STEP, card=held.card, step=step)


def step_of(held: HeldCard) -> NextStep | None:
    """Return the next step that a card suggests, in words."""
    code = held.claims.get("recommended_next_step")
    return next_steps().get(code) if isinstance(code, str) else None


def _matter(held: HeldCard) -> tuple[object, ...]:
    card = held.card
    names = matters().same_matter.get(card.type_id, ())
    return (card.type_id, card.issuer_id, *(str(held.claims.get(name)) for name in names))


def _last_day(card: Card) -> date | None:
    """The last whole day of validity: issuers end it at midnight UTC."""
    if card.expires_at is None:
        return None
    return (card.expires_at - timedelta(microseconds=1)).date()


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
