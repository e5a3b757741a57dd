"""Offers that wait for their claims, through one connection."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from issuer.adapters.sql.lives_tables import deferrals
from issuer.adapters.sql.rows import one
from issuer.model import SealedClaims
from issuer.ports.lives import Deferral

_D = deferrals.c


class SqlDeferrals:
    """Redeemed offers that wait."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, deferral: Deferral) -> None:
        """Let an offer wait."""
        self._connection.execute(
            insert(deferrals).values(
                offer_id=deferral.offer_id,
                generation=deferral.generation,
                in_use=deferral.in_use,
                expires_at=deferral.expires_at,
            )
        )

    def get(self, offer_id: str) -> Deferral | None:
        """Return how an offer waits; None when it does not."""
        row = one(self._connection, select(deferrals).where(_D.offer_id == offer_id))
        if row is None:
            return None
        sealed = row["holder_wrapped_key"], row["holder_ciphertext"]
        return Deferral(
            offer_id=row["offer_id"],
            generation=row["generation"],
            in_use=row["in_use"],
            transaction_mac=row["transaction_mac"],
            holder=None if None in sealed else SealedClaims(*sealed),
            expires_at=row["expires_at"],
        )

    def turn(self, offer_id: str, *, generation: int) -> bool:
        """Pass on from that generation in one conditional write; says whether it was the newest."""
        turned = self._connection.execute(
            update(deferrals)
            .where(_D.offer_id == offer_id, _D.generation == generation)
            .values(generation=generation + 1, in_use=False)
        )
        return turned.rowcount == 1

    def use(self, offer_id: str) -> None:
        """Note that the newest generation is in use."""
        self._connection.execute(
            update(deferrals).where(_D.offer_id == offer_id).values(in_use=True)
        )

    def await_claims(self, offer_id: str, *, transaction_mac: bytes, holder: SealedClaims) -> None:
        """Remember what the wallet asked for; an earlier transaction is forgotten."""
        self._connection.execute(
            update(deferrals)
            .where(_D.offer_id == offer_id)
            .values(
                transaction_mac=transaction_mac,
                holder_wrapped_key=holder.wrapped_key,
                holder_ciphertext=holder.ciphertext,
            )
        )

    def collect(self, offer_id: str, transaction_mac: bytes) -> bool:
        """Use a transaction up in one conditional write; False when it is not the present one."""
        collected = self._connection.execute(
            update(deferrals)
            .where(_D.offer_id == offer_id, _D.transaction_mac == transaction_mac)
            .values(transaction_mac=None, holder_wrapped_key=None, holder_ciphertext=None)
        )
        return collected.rowcount == 1

    def shorten(self, offer_id: str, until: datetime) -> None:
        """Let it wait no longer than until then."""
        self._connection.execute(
            update(deferrals)
            .where(_D.offer_id == offer_id, _D.expires_at > until)
            .values(expires_at=until)
        )

    def end(self, offer_id: str) -> None:
        """Let it wait no more."""
        self._connection.execute(delete(deferrals).where(_D.offer_id == offer_id))
