"""Client keys and their access tokens."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from issuer.adapters.sql.client_tables import client_keys, system_tokens
from issuer.adapters.sql.rows import insert_once, one
from issuer.model import ClientKey, SystemToken


class SqlClients:
    """Client keys and access tokens through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: ClientKey) -> bool:
        """Keep a new key; False when its thumbprint is there already, live or not."""
        values = {
            "id": key.id,
            "organisation": key.organisation,
            "client": key.client,
            "jwk": json.dumps(dict(key.jwk), sort_keys=True),
            "thumbprint": key.thumbprint,
            "scopes": _joined(key.scopes),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        }
        return insert_once(self._connection, client_keys, values)

    def get(self, key_id: str) -> ClientKey | None:
        """Return a key by its id."""
        row = one(self._connection, select(client_keys).where(client_keys.c.id == key_id))
        return None if row is None else _client_key(row)

    def of_client(self, organisation: str, client: str) -> Sequence[ClientKey]:
        """Return every key of one client, oldest first."""
        statement = (
            select(client_keys)
            .where(client_keys.c.organisation == organisation, client_keys.c.client == client)
            .order_by(client_keys.c.created_at, client_keys.c.id)
        )
        return [_client_key(row) for row in self._connection.execute(statement).mappings()]

    def all(self) -> Sequence[ClientKey]:
        """Return every key, oldest first."""
        statement = select(client_keys).order_by(client_keys.c.created_at, client_keys.c.id)
        return [_client_key(row) for row in self._connection.execute(statement).mappings()]

    def revoke(self, key_id: str, *, at: datetime) -> bool:
        """End a key and its tokens; False when there is no such key or it was ended before."""
        ended = (
            update(client_keys)
            .where(client_keys.c.id == key_id, client_keys.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        if self._connection.execute(ended).rowcount != 1:
            return False
        self._connection.execute(delete(system_tokens).where(system_tokens.c.key_id == key_id))
        return True

    def add_token(self, token: SystemToken) -> None:
        """Keep a new access token."""
        self._connection.execute(
            insert(system_tokens).values(
                mac=token.mac,
                key_id=token.key_id,
                scopes=_joined(token.scopes),
                expires_at=token.expires_at,
            )
        )

    def token(self, mac: bytes) -> SystemToken | None:
        """Return an access token, live or not."""
        row = one(self._connection, select(system_tokens).where(system_tokens.c.mac == mac))
        if row is None:
            return None
        return SystemToken(
            mac=row["mac"],
            key_id=row["key_id"],
            scopes=frozenset(row["scopes"].split()),
            expires_at=row["expires_at"],
        )

    def forget_tokens(self, now: datetime) -> int:
        """Drop tokens past their time; returns how many."""
        gone = delete(system_tokens).where(system_tokens.c.expires_at <= now)
        return self._connection.execute(gone).rowcount


def _joined(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))


def _client_key(row: RowMapping) -> ClientKey:
    return ClientKey(
        id=row["id"],
        organisation=row["organisation"],
        client=row["client"],
        jwk=json.loads(row["jwk"]),
        thumbprint=row["thumbprint"],
        scopes=frozenset(row["scopes"].split()),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
