"""Letters and what is sealed in them, through one connection."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, delete, insert, or_, select, update

from issuer.adapters.sql.letter_tables import letter_seals, letters
from issuer.adapters.sql.rows import insert_once, one
from issuer.model import SealedClaims
from issuer.ports.letters import (
    LETTER_KEPT_IN,
    LETTER_NEXT,
    Letter,
    LetterState,
    PinMedium,
)


class SqlLetters:
    """Letters through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, letter: Letter, sealed: SealedClaims) -> bool:
        """Keep a new letter; False, and nothing kept, when its `call_mac` is in use."""
        values = {
            "id": letter.id,
            "organisation": letter.organisation,
            "type_id": letter.type_id,
            "schema_version": letter.schema_version,
            "state": letter.state,
            "pin_medium": letter.pin_medium,
            "attempts": letter.attempts,
            "subject_mac": letter.subject_mac,
            "reference_mac": letter.reference_mac,
            "code_mac": letter.code_mac,
            "offer_id": letter.offer_id,
            "created_at": letter.created_at,
            "expires_at": letter.expires_at,
            "call_mac": letter.call_mac,
            "call_body_mac": letter.call_body_mac,
        }
        if not insert_once(self._connection, letters, values):
            return False
        self._connection.execute(
            insert(letter_seals).values(
                letter_id=letter.id, wrapped_key=sealed.wrapped_key, ciphertext=sealed.ciphertext
            )
        )
        return True

    def get(self, organisation: str, letter_id: str) -> Letter | None:
        """Return a letter of that organisation."""
        return self._one(
            select(letters).where(letters.c.id == letter_id, letters.c.organisation == organisation)
        )

    def by_call(self, call_mac: bytes) -> Letter | None:
        """Return the letter that a call made."""
        return self._one(select(letters).where(letters.c.call_mac == call_mac))

    def by_offer(self, offer_id: str) -> Letter | None:
        """Return the letter whose newest offer this is."""
        return self._one(select(letters).where(letters.c.offer_id == offer_id))

    def of_subject(self, organisation: str, subject_mac: bytes) -> Sequence[Letter]:
        """Return every letter to a client, the newest first."""
        statement = (
            select(letters)
            .where(letters.c.organisation == organisation, letters.c.subject_mac == subject_mac)
            .order_by(letters.c.created_at.desc(), letters.c.id)
        )
        return [_letter(row) for row in self._connection.execute(statement).mappings()]

    def count_attempt(self, link_mac: bytes, *, now: datetime, limit: int) -> Letter | None:
        """Count one PIN tried in one conditional write; None when nothing opens."""
        counted = (
            update(letters)
            .where(
                or_(letters.c.reference_mac == link_mac, letters.c.code_mac == link_mac),
                letters.c.state == LetterState.SENT,
                letters.c.expires_at > now,
                letters.c.attempts < limit,
            )
            .values(attempts=letters.c.attempts + 1)
            .returning(letters)
        )
        row = self._connection.execute(counted).mappings().one_or_none()
        return None if row is None else _letter(row)

    def opened(self, letter_id: str, *, offer_id: str) -> None:
        """Start the attempts anew, and name the newest offer."""
        self._connection.execute(
            update(letters).where(letters.c.id == letter_id).values(attempts=0, offer_id=offer_id)
        )

    def offered_again(self, offer_id: str, again: str) -> None:
        """Note that another offer took the place of the one that was made of a letter, if any."""
        self._connection.execute(
            update(letters).where(letters.c.offer_id == offer_id).values(offer_id=again)
        )

    def move(self, letter_id: str, target: LetterState) -> bool:
        """Pass into `target` if the transition table allows; says whether it did."""
        sources = [state for state, following in LETTER_NEXT.items() if target in following]
        moved = self._connection.execute(
            update(letters)
            .where(letters.c.id == letter_id, letters.c.state.in_(sources))
            .values(state=target)
        )
        return moved.rowcount == 1

    def sealed(self, letter_id: str) -> SealedClaims | None:
        """Return what is sealed in the letter while it exists."""
        row = one(
            self._connection, select(letter_seals).where(letter_seals.c.letter_id == letter_id)
        )
        if row is None:
            return None
        return SealedClaims(wrapped_key=row["wrapped_key"], ciphertext=row["ciphertext"])

    def erase(self, letter_id: str) -> None:
        """Destroy what is sealed in the letter, and its data key."""
        self._connection.execute(delete(letter_seals).where(letter_seals.c.letter_id == letter_id))

    def expired(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return ids of letters that are past their end and not marked so."""
        statement = (
            select(letters.c.id)
            .where(letters.c.state.in_(LETTER_KEPT_IN), letters.c.expires_at <= now)
            .order_by(letters.c.expires_at)
            .limit(limit)
        )
        return self._connection.execute(statement).scalars().all()

    def forget_calls(self, before: datetime) -> None:
        """Drop what stands for the Idempotency-Keys of letters made by then."""
        self._connection.execute(
            update(letters)
            .where(letters.c.call_mac.is_not(None), letters.c.created_at <= before)
            .values(call_mac=None, call_body_mac=None)
        )

    def _one(self, statement: Select[tuple[object]]) -> Letter | None:
        row = one(self._connection, statement)
        return None if row is None else _letter(row)


def _letter(row: RowMapping) -> Letter:
    return Letter(
        id=row["id"],
        organisation=row["organisation"],
        type_id=row["type_id"],
        schema_version=row["schema_version"],
        state=LetterState(row["state"]),
        pin_medium=PinMedium(row["pin_medium"]),
        attempts=row["attempts"],
        subject_mac=row["subject_mac"],
        reference_mac=row["reference_mac"],
        code_mac=row["code_mac"],
        offer_id=row["offer_id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        call_mac=row["call_mac"],
        call_body_mac=row["call_body_mac"],
    )
