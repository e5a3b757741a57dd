"""One-time values, remembered calls, API keys and the audit record."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from issuer.adapters.sql.rows import insert_once, one
from issuer.adapters.sql.tables import (
    api_keys,
    audit_entries,
    one_time_values,
    remembered_calls,
)
from issuer.model import ApiKey, AuditEntry, RememberedCall


class SqlOneTimeValues:
    """Values that count once, through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def consume(self, purpose: str, mac: bytes, *, keep_until: datetime) -> bool:
        """Take a value in one conditional insert; False when it was taken before."""
        values = {"purpose": purpose, "mac": mac, "keep_until": keep_until}
        return insert_once(self._connection, one_time_values, values)

    def forget(self, now: datetime) -> int:
        """Drop what nobody can present any more; returns how many."""
        gone = delete(one_time_values).where(one_time_values.c.keep_until <= now)
        return self._connection.execute(gone).rowcount


class SqlRememberedCalls:
    """Calls made under an Idempotency-Key, through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def remember(self, key_mac: bytes, call: RememberedCall, *, keep_until: datetime) -> bool:
        """Keep a call in one conditional insert; False when the key is in use."""
        values = {
            "key_mac": key_mac,
            "body_mac": call.body_mac,
            "offer_id": call.offer_id,
            "keep_until": keep_until,
        }
        return insert_once(self._connection, remembered_calls, values)

    def get(self, key_mac: bytes) -> RememberedCall | None:
        """Return the call made under a key."""
        row = one(
            self._connection,
            select(remembered_calls).where(remembered_calls.c.key_mac == key_mac),
        )
        if row is None:
            return None
        return RememberedCall(body_mac=row["body_mac"], offer_id=row["offer_id"])

    def forget(self, now: datetime) -> int:
        """Drop calls past their time; returns how many."""
        gone = delete(remembered_calls).where(remembered_calls.c.keep_until <= now)
        return self._connection.execute(gone).rowcount


class SqlApiKeys:
    """API keys through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        self._connection.execute(
            insert(api_keys).values(
                id=key.id,
                organisation=key.organisation,
                system=key.system,
                types=json.dumps(sorted(key.types)),
                mac=key.mac,
                created_at=key.created_at,
                expires_at=key.expires_at,
                revoked_at=key.revoked_at,
            )
        )

    def get(self, key_id: str) -> ApiKey | None:
        """Return a key by its public id."""
        row = one(self._connection, select(api_keys).where(api_keys.c.id == key_id))
        return None if row is None else _api_key(row)

    def all(self) -> Sequence[ApiKey]:
        """Return every key, oldest first."""
        statement = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
        return [_api_key(row) for row in self._connection.execute(statement).mappings()]

    def revoke(self, key_id: str, *, at: datetime) -> bool:
        """End a key; False when there is no such live key."""
        ended = (
            update(api_keys)
            .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        return self._connection.execute(ended).rowcount == 1


class SqlAudit:
    """The audit record through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditEntry) -> None:
        """Append an entry."""
        self._connection.execute(
            insert(audit_entries).values(
                at=entry.at,
                organisation=entry.organisation,
                actor=entry.actor,
                action=entry.action,
                object_id=entry.object_id,
                reason=entry.reason,
            )
        )


def _api_key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        organisation=row["organisation"],
        system=row["system"],
        types=frozenset(json.loads(row["types"])),
        mac=row["mac"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
