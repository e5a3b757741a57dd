"""The last good list of wallet providers."""

from sqlalchemy import Connection, select, update

from issuer.adapters.sql.proving_tables import trusted_lists
from issuer.adapters.sql.rows import insert_once, one

_KIND = "wallet-providers"


class SqlWalletProviderLists:
    """`ports.proving.WalletProviderLists` through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def highest(self) -> int:
        """Return the highest sequence number kept so far; 0 before the first list."""
        kept = trusted_lists.c
        row = one(self._connection, select(kept.sequence).where(kept.kind == _KIND))
        return 0 if row is None else int(row["sequence"])

    def newest(self) -> str | None:
        """Return the list kept, as its operator signed it."""
        kept = trusted_lists.c
        row = one(self._connection, select(kept.text).where(kept.kind == _KIND))
        return None if row is None else str(row["text"])

    def keep(self, text: str, *, sequence: int) -> None:
        """Keep a list in place of the one before, unless that has a higher number."""
        values = {"kind": _KIND, "sequence": sequence, "text": text}
        if insert_once(self._connection, trusted_lists, values):
            return
        kept = trusted_lists.c
        self._connection.execute(
            update(trusted_lists)
            .where(kept.kind == _KIND, kept.sequence <= sequence)
            .values(sequence=sequence, text=text)
        )
