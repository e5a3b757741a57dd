"""What one record of the evidence chain says, byte for byte, and how it is tied to the one before.

A record's content is canonical JSON: ASCII, no spaces, names in order. What is hashed is what is
stored, so a member that comes with a later version changes nothing about older records. Version 2
brought `assisted`, `on_behalf` and `wish`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar, Final, cast

from keys import strict_json
from keys.checks import CheckFailed, MalformedJson
from openid4vc.openid4vp.withdrawal import Wish
from verifier.model import (
    Check,
    CheckResult,
    Confirmation,
    Evidence,
    Identity,
    Mark,
    OnBehalf,
    Outcome,
    State,
)

VERSION: Final = 2
_READ: Final = frozenset({1, VERSION})
FIRST_PREVIOUS: Final = bytes(32)
"""What stands as the hash before the first record of a chain."""

_CONTEXT: Final = b"kykylompakko evidence record 1\x00"
_SEQUENCE_BYTES: Final = 8


class EvidenceUnreadable(CheckFailed):
    """A record, an exported file or a head is not in the form in which they are written."""

    code: ClassVar[str] = "evidence_unreadable"
    spec: ClassVar[str] = "Kykylompakko evidence chain: form"


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """One record in its place.

    Attributes:
        sequence: its number, 1 for the first that was ever sealed.
        previous: hash of the record before, 32 bytes.
        content: its canonical text.
        hash: what ties sequence, previous and content together, 32 bytes.
    """

    sequence: int
    previous: bytes
    content: str
    hash: bytes


def seal_record(sequence: int, previous: bytes, content: str) -> SealedRecord:
    """Return a record in its place, with its hash."""
    return SealedRecord(sequence, previous, content, record_hash(sequence, previous, content))


def record_hash(sequence: int, previous: bytes, content: str) -> bytes:
    """Return the hash of a record: SHA-256 over a context, number, hash before, content."""
    number = sequence.to_bytes(_SEQUENCE_BYTES, "big")
    return sha256(_CONTEXT + number + previous + content.encode()).digest()


def content_of(evidence: Evidence) -> str:
    """Return a record's canonical content."""
    return canonical(
        {
            "v": VERSION,
            "hour": int(evidence.hour.timestamp()),
            "profile": evidence.profile,
            "role": evidence.role,
            "ended": evidence.ended,
            "checks": [[one.check, one.mark, one.code] for one in evidence.checks],
            "outcome": evidence.outcome,
            "code": evidence.code,
            "identity": evidence.identity,
            "confirmation": evidence.confirmation,
            "trust_sequence": evidence.trust_sequence,
            "trust_age_hours": evidence.trust_age_hours,
            "status_age_hours": evidence.status_age_hours,
            "assisted": evidence.assisted,
            "on_behalf": evidence.on_behalf,
            "wish": evidence.wish,
        }
    )


def canonical(members: Mapping[str, object]) -> str:
    """Return an object as canonical text."""
    return json.dumps(members, sort_keys=True, separators=(",", ":"), allow_nan=False)


def evidence_from(content: str) -> Evidence:
    """Read a record's content.

    Raises:
        EvidenceUnreadable: it is none, or of a later version.
    """
    try:
        held = _members(content)
        checks = cast("Sequence[tuple[str, str, str | None]]", held["checks"])
        outcome, identity = held["outcome"], held["identity"]
        confirmation, wish = held["confirmation"], held.get("wish")
        on_behalf = held.get("on_behalf")
        return Evidence(
            hour=datetime.fromtimestamp(cast("int", held["hour"]), UTC),
            profile=cast("str", held["profile"]),
            role=cast("str", held["role"]),
            ended=State(str(held["ended"])),
            checks=tuple(CheckResult(Check(c), Mark(m), code) for c, m, code in checks),
            outcome=None if outcome is None else Outcome(str(outcome)),
            code=cast("str | None", held["code"]),
            identity=None if identity is None else Identity(str(identity)),
            confirmation=None if confirmation is None else Confirmation(str(confirmation)),
            trust_sequence=cast("int | None", held["trust_sequence"]),
            trust_age_hours=cast("int | None", held["trust_age_hours"]),
            status_age_hours=cast("int | None", held["status_age_hours"]),
            assisted=held.get("assisted") is True,
            on_behalf=None if on_behalf is None else OnBehalf(str(on_behalf)),
            wish=None if wish is None else Wish(str(wish)),
        )
    except (MalformedJson, KeyError, TypeError, ValueError, OverflowError) as failure:
        raise EvidenceUnreadable("content") from failure


def _members(content: str) -> Mapping[str, object]:
    held = strict_json.loads_object(content)
    if held.get("v") not in _READ:
        raise EvidenceUnreadable("of another version")
    return held
