"""What the client has allowed whom: every showing, its receipt, and whether it still counts.

The wallet's own view of the catalogue's task ``client_consent_overview``. A consent counts until it
is withdrawn or its time is over. A showing whose later use rests on law counts for as long as the
receiver said that it keeps the data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue
from wallet_sim.deeds import KEPT, VIEW_ONLY, Approval, Deed, DeedKind, Terms, Told
from wallet_sim.held import HeldCard
from wallet_sim.logbook import terms_of
from wallet_sim.model import Kind, LogEntry, LoggedCard
from wallet_sim.receipts import SHOWINGS, WITHDRAWN, GivenReceipt, match, read_receipts

CONSENT_LASTS: Final = timedelta(days=730)
"""A consent without a day of its own ends with its receipt, after two years at most."""


class State(StrEnum):
    """Whether a showing still counts."""

    ACTIVE = "active"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One showing, as the client sees it.

    Attributes:
        id: by which the person names it: the log entry's id, or the receipt card's.
        names: the receiver's name by language.
        terms: what was agreed; None for what was shown unasked.
        cards: the names of what was shown.
        ends_on: the last day on which it counts, when it is active.
        entry: the showing in the log; None when only the receipt is here.
        receipt: None when none was given, or it was deleted.
    """

    id: str
    at: datetime
    names: Mapping[str, str]
    terms: Terms | None
    cards: tuple[LoggedCard, ...]
    state: State
    ends_on: date | None
    entry: LogEntry | None
    receipt: GivenReceipt | None

    def deed(self, kind: DeedKind) -> Deed | None:
        """Return the latest deed of this kind."""
        return self.entry.deed(kind) if self.entry else None

    def surplus(self) -> tuple[str, ...]:
        """Return names that the receipt lists beyond what the log says was shown."""
        return self.receipt.surplus(self.entry) if self.receipt and self.entry else ()


def permissions(
    log: Sequence[LogEntry], cards: Sequence[HeldCard], *, catalogue: Catalogue, at: datetime
) -> tuple[Permission, ...]:
    """Return every showing, the newest first; receipts without one in the log are among them."""
    receipts = read_receipts(cards)
    of = match(log, receipts)
    matched = {receipt.held.card.id for receipt in of.values()}
    found = [
        _of_entry(entry, of.get(entry.id), catalogue, at)
        for entry in log
        if entry.kind is Kind.PRESENT and entry.outcome in SHOWINGS
    ]
    found += [_of_receipt(one, at) for one in receipts if one.held.card.id not in matched]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def active(found: Sequence[Permission]) -> tuple[Permission, ...]:
    """Return those that still count."""
    return tuple(one for one in found if one.state is State.ACTIVE)


def _of_entry(
    entry: LogEntry, receipt: GivenReceipt | None, catalogue: Catalogue, at: datetime
) -> Permission:
    terms = entry.terms or _terms_then(entry, catalogue)
    ends_on = _ends_on(terms, entry.at, receipt)
    deed = entry.deed(DeedKind.WITHDRAWAL)
    withdrawn = deed is not None and deed.told is Told.WITHDRAWN
    return Permission(
        id=entry.id,
        at=entry.at,
        names=entry.party_names,
        terms=terms,
        cards=tuple(card for card in entry.cards if card.shown),
        state=_state(withdrawn or _says_withdrawn(receipt), ends_on, at),
        ends_on=ends_on,
        entry=entry,
        receipt=receipt,
    )


def _of_receipt(receipt: GivenReceipt, at: datetime) -> Permission:
    terms = Terms(
        approval=receipt.approval,
        task={},
        purpose=receipt.purpose,
        basis=receipt.basis,
        retention=KEPT if receipt.kept_until else VIEW_ONLY,
        kept_until=receipt.kept_until,
    )
    ends_on = _ends_on(terms, receipt.shown_at, receipt)
    return Permission(
        id=receipt.held.card.id,
        at=receipt.shown_at,
        names={"": receipt.receiver},
        terms=terms,
        cards=_by_type(receipt.shown),
        state=_state(_says_withdrawn(receipt), ends_on, at),
        ends_on=ends_on,
        entry=None,
        receipt=receipt,
    )


def _says_withdrawn(receipt: GivenReceipt | None) -> bool:
    return receipt is not None and receipt.status == WITHDRAWN


def _terms_then(entry: LogEntry, catalogue: Catalogue) -> Terms | None:
    """Entries of old wallets hold no terms: the task's of today serve."""
    profile = catalogue.profiles.get(entry.profile_id or "")
    return terms_of(profile, entry.at) if profile else None


def _ends_on(terms: Terms | None, shown_at: datetime, receipt: GivenReceipt | None) -> date | None:
    """Return the last day on which a showing counts, None when it ended with the talk."""
    if receipt is not None and receipt.kept_until is not None:
        return receipt.kept_until
    if terms is None:
        return None
    if terms.kept_until is None and terms.approval is Approval.GDPR_CONSENT:
        return (shown_at.astimezone(HELSINKI) + CONSENT_LASTS).date()
    return terms.kept_until


def _state(withdrawn: bool, ends_on: date | None, at: datetime) -> State:
    if withdrawn:
        return State.WITHDRAWN
    if ends_on is None or ends_on < at.astimezone(HELSINKI).date():
        return State.ENDED
    return State.ACTIVE


def _by_type(shown: Sequence[str]) -> tuple[LoggedCard, ...]:
    types: dict[str, list[str]] = {}
    for name in shown:
        type_id, _, claim = name.partition(".")
        types.setdefault(type_id, []).append(claim)
    return tuple(LoggedCard(type_id=one, shown=tuple(names)) for one, names in types.items())
