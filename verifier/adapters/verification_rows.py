"""A verification and its row: times as whole seconds, enumerations as their values."""

from datetime import UTC, datetime

from sqlalchemy import RowMapping

from verifier.adapters.held_verdicts import (
    age_of,
    checks_of,
    checks_text,
    verdict_of,
    verdict_text,
    whole,
)
from verifier.model import (
    Change,
    Confirmation,
    Identity,
    OnBehalf,
    Outcome,
    State,
    Verification,
)


def seconds(at: datetime) -> int:
    """Return a time as whole seconds since 1970."""
    return int(at.timestamp())


def moment(value: int) -> datetime:
    """Return whole seconds since 1970 as an aware time in UTC."""
    return datetime.fromtimestamp(value, UTC)


def changed(change: Change) -> dict[str, object]:
    """Return the columns that a change writes."""
    values: dict[str, object] = {}
    if (verdict := change.verdict) is not None:
        values |= {
            "checks": checks_text(verdict.checks),
            "trust_sequence": verdict.trust_sequence,
            "trust_age": whole(verdict.trust_age),
            "status_age": whole(verdict.status_age),
            "issuer": verdict.issuer,
        }
    if (awaited := change.awaited) is not None:
        values |= {
            "code_mac": awaited.mac,
            "tries_left": awaited.tries,
            "held": verdict_text(awaited.held),
        }
    given = {
        "outcome": change.outcome and change.outcome.value,
        "code": change.code,
        "identity": change.identity and change.identity.value,
        "confirmation": change.confirmation and change.confirmation.value,
        "on_behalf": change.on_behalf and change.on_behalf.value,
        "boxed": change.boxed,
        "cards": change.cards,
        "checked_at": change.checked_at and seconds(change.checked_at),
        "decided_at": change.decided_at and seconds(change.decided_at),
        "expires_at": change.expires_at and seconds(change.expires_at),
        "erase_at": change.erase_at and seconds(change.erase_at),
    }
    values |= {name: value for name, value in given.items() if value is not None}
    if change.erase_secrets:
        values["secrets"] = None
    if change.erase_values:
        values |= {"boxed": None, "box_public": None, "erase_at": None}
    return values


def verification_of(row: RowMapping) -> Verification:
    """Return the verification that a row holds."""
    return Verification(
        id=row["id"],
        ref=row["ref"],
        owner=row["owner"],
        role=row["role"],
        profile=row["profile"],
        state=State(row["state"]),
        created_at=moment(row["created_at"]),
        expires_at=moment(row["expires_at"]),
        erase_at=None if row["erase_at"] is None else moment(row["erase_at"]),
        checks=checks_of(row["checks"]),
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        code=row["code"],
        identity=None if row["identity"] is None else Identity(row["identity"]),
        cards=row["cards"],
        trust_sequence=row["trust_sequence"],
        trust_age=age_of(row["trust_age"]),
        status_age=age_of(row["status_age"]),
        issuer=row["issuer"],
        checked_at=None if row["checked_at"] is None else moment(row["checked_at"]),
        decided_at=None if row["decided_at"] is None else moment(row["decided_at"]),
        confirmation=_confirmation(row),
        tries_left=row["tries_left"],
        held=verdict_of(row["held"]),
        on_behalf=on_behalf_of(row["on_behalf"]),
    )


def on_behalf_of(value: str | None) -> OnBehalf | None:
    """Return who acted for the client; None for the client."""
    return None if value is None else OnBehalf(value)


def _confirmation(row: RowMapping) -> Confirmation | None:
    return None if row["confirmation"] is None else Confirmation(row["confirmation"])
