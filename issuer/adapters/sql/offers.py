"""Offers, their sealed claims, and the grants that redeemed codes give."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from issuer.adapters.sql.lives_tables import deferrals
from issuer.adapters.sql.rows import insert_once, one
from issuer.adapters.sql.tables import grants, offers, sealed_claims
from issuer.model import (
    CLAIMS_KEPT_IN,
    OFFER_NEXT,
    Channel,
    Grant,
    Offer,
    OfferState,
    SealedClaims,
    sources_of,
)


class SqlOffers:
    """Offers through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, offer: Offer, sealed: SealedClaims | None) -> None:
        """Keep a new offer, with its claims if they are there."""
        self._connection.execute(
            insert(offers).values(
                id=offer.id,
                organisation=offer.organisation,
                type_id=offer.type_id,
                schema_version=offer.schema_version,
                state=offer.state,
                channel=offer.channel,
                has_pin=offer.has_pin,
                attempts=offer.attempts,
                subject_mac=offer.subject_mac,
                reference_mac=offer.reference_mac,
                code_mac=offer.code_mac,
                created_at=offer.created_at,
                expires_at=offer.expires_at,
            )
        )
        if sealed is not None:
            self.give_claims(offer.id, sealed)

    def get(self, organisation: str, offer_id: str) -> Offer | None:
        """Return an offer of that organisation."""
        return self._one(
            select(offers).where(offers.c.id == offer_id, offers.c.organisation == organisation)
        )

    def by_reference(self, organisation: str, reference_mac: bytes) -> Offer | None:
        """Return the offer whose link carries this reference."""
        return self._one(
            select(offers).where(
                offers.c.reference_mac == reference_mac, offers.c.organisation == organisation
            )
        )

    def by_code(self, organisation: str, code_mac: bytes) -> Offer | None:
        """Return the offer that this pre-authorized code belongs to."""
        return self._one(
            select(offers).where(
                offers.c.code_mac == code_mac, offers.c.organisation == organisation
            )
        )

    def count_attempt(self, offer_id: str, *, now: datetime, limit: int) -> int | None:
        """Count one redemption in one conditional write; None when the code is dead."""
        counted = self._connection.execute(
            update(offers)
            .where(
                offers.c.id == offer_id,
                offers.c.state == OfferState.OFFERED,
                offers.c.expires_at > now,
                offers.c.attempts < limit,
            )
            .values(attempts=offers.c.attempts + 1)
            .returning(offers.c.attempts)
        ).scalar_one_or_none()
        return None if counted is None else int(counted)

    def move(self, offer_id: str, target: OfferState) -> str | None:
        """Pass into `target` if the transition table allows; returns whose offer it is."""
        return self._connection.execute(
            update(offers)
            .where(offers.c.id == offer_id, offers.c.state.in_(sources_of(target, OFFER_NEXT)))
            .values(state=target)
            .returning(offers.c.organisation)
        ).scalar_one_or_none()

    def hold(self, offer_id: str) -> bool:
        """Lock an offer whose claims may be kept until the transaction ends; False for others."""
        held = self._connection.execute(
            update(offers)
            .where(offers.c.id == offer_id, offers.c.state.in_(CLAIMS_KEPT_IN))
            .values(state=offers.c.state)
        )
        return held.rowcount == 1

    def give_claims(self, offer_id: str, sealed: SealedClaims) -> bool:
        """Keep claims in one conditional insert; False when there are some."""
        values = {
            "offer_id": offer_id,
            "wrapped_key": sealed.wrapped_key,
            "ciphertext": sealed.ciphertext,
        }
        return insert_once(self._connection, sealed_claims, values)

    def sealed_claims(self, offer_id: str) -> SealedClaims | None:
        """Return the sealed claims while they exist."""
        row = one(
            self._connection, select(sealed_claims).where(sealed_claims.c.offer_id == offer_id)
        )
        if row is None:
            return None
        return SealedClaims(wrapped_key=row["wrapped_key"], ciphertext=row["ciphertext"])

    def erase_claims(self, offer_id: str) -> None:
        """Destroy the sealed claims and their data key."""
        self._connection.execute(delete(sealed_claims).where(sealed_claims.c.offer_id == offer_id))

    def expired(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return ids of offers that are past their end and still marked as offered."""
        statement = (
            select(offers.c.id)
            .where(offers.c.state == OfferState.OFFERED, offers.c.expires_at <= now)
            .order_by(offers.c.expires_at)
            .limit(limit)
        )
        return self._connection.execute(statement).scalars().all()

    def _one(self, statement: Select[tuple[object]]) -> Offer | None:
        row = one(self._connection, statement)
        return None if row is None else offer_from(row)


class SqlGrants:
    """Access tokens through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, grant: Grant, *, at: datetime) -> None:
        """Keep a new grant."""
        self._connection.execute(
            insert(grants).values(
                offer_id=grant.offer_id,
                token_mac=grant.token_mac,
                organisation=grant.organisation,
                type_id=grant.type_id,
                schema_version=grant.schema_version,
                given_at=at,
                expires_at=grant.expires_at,
                ended_at=grant.ended_at,
                client_id=grant.client_id,
                by_identifier=grant.by_identifier,
                dpop_jkt=grant.dpop_jkt,
                instance_thumbprint=grant.instance_thumbprint,
            )
        )

    def by_token(self, token_mac: bytes) -> Grant | None:
        """Return the grant of an access token, live or not."""
        return self._one(select(grants).where(grants.c.token_mac == token_mac))

    def of_offer(self, offer_id: str) -> Grant | None:
        """Return the grant on an offer, live or not."""
        return self._one(select(grants).where(grants.c.offer_id == offer_id))

    def _one(self, statement: Select[tuple[object]]) -> Grant | None:
        row = one(self._connection, statement)
        if row is None:
            return None
        return Grant(
            token_mac=row["token_mac"],
            offer_id=row["offer_id"],
            organisation=row["organisation"],
            type_id=row["type_id"],
            schema_version=row["schema_version"],
            expires_at=row["expires_at"],
            ended_at=row["ended_at"],
            client_id=row["client_id"],
            by_identifier=row["by_identifier"],
            dpop_jkt=row["dpop_jkt"],
            instance_thumbprint=row["instance_thumbprint"],
        )

    def hold(self, token_mac: bytes, *, now: datetime) -> bool:
        """Lock a live grant until the transaction ends; False when it is not live."""
        held = self._connection.execute(
            update(grants)
            .where(
                grants.c.token_mac == token_mac,
                grants.c.ended_at.is_(None),
                grants.c.expires_at > now,
            )
            .values(token_mac=token_mac)
        )
        return held.rowcount == 1

    def renew(self, offer_id: str, token_mac: bytes, *, now: datetime, until: datetime) -> bool:
        """Put another access token in place of the earlier one; False when the grant has ended."""
        renewed = self._connection.execute(
            update(grants)
            .where(grants.c.offer_id == offer_id, grants.c.ended_at.is_(None))
            .values(token_mac=token_mac, given_at=now, expires_at=until)
        )
        return renewed.rowcount == 1

    def token_again(
        self, offer_id: str, token_mac: bytes, *, now: datetime, until: datetime
    ) -> None:
        """Put another access token in place of the earlier one, of an ended grant, too."""
        self._connection.execute(
            update(grants)
            .where(grants.c.offer_id == offer_id)
            .values(token_mac=token_mac, given_at=now, expires_at=until)
        )

    def end(self, offer_id: str, *, at: datetime) -> None:
        """Let the grant give no more credentials."""
        self._connection.execute(
            update(grants)
            .where(grants.c.offer_id == offer_id, grants.c.ended_at.is_(None))
            .values(ended_at=at)
        )

    def run_out(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return offer ids whose grant is past its time and was never ended."""
        waiting = select(deferrals.c.offer_id).where(deferrals.c.expires_at > now)
        statement = (
            select(grants.c.offer_id)
            .where(
                grants.c.ended_at.is_(None),
                grants.c.expires_at <= now,
                grants.c.offer_id.not_in(waiting),
            )
            .order_by(grants.c.expires_at)
            .limit(limit)
        )
        return self._connection.execute(statement).scalars().all()


def offer_from(row: RowMapping) -> Offer:
    """Read a row of the table."""
    return Offer(
        id=row["id"],
        organisation=row["organisation"],
        type_id=row["type_id"],
        schema_version=row["schema_version"],
        state=OfferState(row["state"]),
        channel=Channel(row["channel"]),
        has_pin=row["has_pin"],
        attempts=row["attempts"],
        subject_mac=row["subject_mac"],
        reference_mac=row["reference_mac"],
        code_mac=row["code_mac"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
