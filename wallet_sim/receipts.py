"""Receipts that receivers gave, and which showing of the log each is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from wallet_sim.deeds import Approval
from wallet_sim.held import HeldCard
from wallet_sim.model import Kind, LogEntry, Outcome

TYPE_ID: Final = "consent_receipt"
WITHDRAWN: Final = "withdrawn"
SHOWINGS: Final = frozenset({Outcome.SHOWN, Outcome.SHOWN_ON_SCREEN, Outcome.UNCLEAR})
APART_AT_MOST: Final = timedelta(minutes=30)
"""Between the wallet's note of a showing and the receiver's: clocks, and codes read slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenReceipt:
    """What one receipt says. Names of data, never values.

    Attributes:
        held: the card itself; presenting it withdraws.
        receiver_id: the receiver's ``client_id`` of that day.
        receiver: the receiver's name.
        shown: ``type.claim`` names.
        on_behalf: whether somebody showed for the client.
    """

    held: HeldCard
    receipt_id: str
    receiver_id: str
    receiver: str
    profile_id: str | None
    purpose: Mapping[str, str]
    basis: Mapping[str, str]
    approval: Approval
    shown: tuple[str, ...]
    shown_at: datetime
    kept_until: date | None
    withdrawal_uri: str | None
    status: str
    on_behalf: bool

    def surplus(self, entry: LogEntry) -> tuple[str, ...]:
        """Return names that the receipt lists and that this wallet did not show by its log."""
        known = {f"{card.type_id}.{name}" for card in entry.cards for name in card.shown}
        return tuple(name for name in self.shown if not _covered(name, known))


def read_receipts(cards: Iterable[HeldCard]) -> tuple[GivenReceipt, ...]:
    """Return what the receipts among the cards say; they were checked when they came."""
    return tuple(_read(held) for held in cards if held.card.type_id == TYPE_ID)


def match(log: Sequence[LogEntry], receipts: Sequence[GivenReceipt]) -> Mapping[str, GivenReceipt]:
    """Return the receipt of each showing, by the log entry's id.

    A receipt belongs to the showing to the same receiver, for the same task, nearest in time and
    less than half an hour away. Each receipt belongs to one showing, and each showing has one.
    """
    pairs = sorted(
        (abs(receipt.shown_at - entry.at), place, entry.id, receipt)
        for place, (entry, receipt) in enumerate(
            (entry, receipt) for entry in log for receipt in receipts if _same(entry, receipt)
        )
    )
    found: dict[str, GivenReceipt] = {}
    taken: set[str] = set()
    for _, _, entry_id, receipt in pairs:
        if entry_id not in found and receipt.held.card.id not in taken:
            found[entry_id] = receipt
            taken.add(receipt.held.card.id)
    return found


def _same(entry: LogEntry, receipt: GivenReceipt) -> bool:
    if entry.kind is not Kind.PRESENT or entry.outcome not in SHOWINGS:
        return False
    if receipt.profile_id not in (None, entry.profile_id):
        return False
    named = receipt.receiver in entry.party_names.values()
    known = entry.client_id == receipt.receiver_id if entry.client_id else named
    return (known or named) and abs(receipt.shown_at - entry.at) <= APART_AT_MOST


def _covered(name: str, known: set[str]) -> bool:
    """Say whether a name was shown, alone or as a part of something that was shown."""
    steps = name.split(".")
    return any(".".join(steps[:count]) in known for count in range(2, len(steps) + 1))


def _read(held: HeldCard) -> GivenReceipt:
    claims = held.claims
    until = claims.get("retention_until")
    return GivenReceipt(
        held=held,
        receipt_id=_text(claims, "receipt_id"),
        receiver_id=_text(claims, "verifier_id"),
        receiver=_text(claims, "verifier_name"),
        profile_id=_text(claims, "request_profile") or None,
        purpose=_words(claims.get("purpose")),
        basis=_words(claims.get("legal_basis")),
        approval=Approval(_text(claims, "approval_kind")),
        shown=tuple(str(name) for name in _list(claims.get("disclosed_claims"))),
        shown_at=datetime.fromisoformat(_text(claims, "presented_at")),
        kept_until=date.fromisoformat(until) if isinstance(until, str) else None,
        withdrawal_uri=_text(claims, "withdrawal_uri") or None,
        status=_text(claims, "receipt_status"),
        on_behalf=claims.get("on_behalf_of") is True,
    )


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _words(value: object) -> Mapping[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
