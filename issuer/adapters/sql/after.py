"""Cards by their end, their successors, and closed organisations, through one connection."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Tuple,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from issuer.adapters.sql.after_tables import closed_organisations, expiry_reminders, successors
from issuer.adapters.sql.credentials import credential_at, credential_from
from issuer.adapters.sql.letter_tables import letters
from issuer.adapters.sql.rows import insert_once, one
from issuer.adapters.sql.tables import Moment, credentials, offers, status_lists
from issuer.model import (
    OFFER_NEXT,
    Credential,
    Delivery,
    OfferState,
    Standing,
    StatusPlace,
    sources_of,
)
from issuer.ports.after import Closing, ExpiryQuery
from issuer.ports.letters import LETTER_KEPT_IN

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDER = (credentials.c.expires_at, credentials.c.id)
_IN_WALLETS = (Delivery.ISSUED, Delivery.ACCEPTED)


class SqlExpiries:
    """See `ports.after.Expiries`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def expiring(self, query: ExpiryQuery) -> Sequence[Credential]:
        """Return valid cards that wallets have, the first to end first."""
        where = [
            credentials.c.organisation == query.organisation,
            credentials.c.type_id.in_(sorted(query.types)),
            *_ending(query.now, query.until),
        ]
        if query.after is not None:
            where.append(tuple_(*_ORDER) > self._place_of(query.organisation, query.after))
        return self._found(where, query.limit)

    def unreminded(self, now: datetime, *, until: datetime, limit: int) -> Sequence[Credential]:
        """Return valid cards that end by then and of which nobody was reminded."""
        told = select(expiry_reminders.c.credential_id)
        return self._found([*_ending(now, until), credentials.c.id.not_in(told)], limit)

    def reminded(self, credential_id: str, *, at: datetime) -> bool:
        """Note a reminder in one conditional insert; False when there was one before."""
        values = {"credential_id": credential_id, "at": at}
        return insert_once(self._connection, expiry_reminders, values)

    def follow(self, offer_id: str, credential_id: str) -> None:
        """Note that what is offered takes the place of an earlier card."""
        self._connection.execute(
            insert(successors).values(offer_id=offer_id, credential_id=credential_id)
        )

    def followed_by(self, offer_id: str) -> str | None:
        """Return the id of the card whose place the offered one takes."""
        row = one(self._connection, select(successors).where(successors.c.offer_id == offer_id))
        return None if row is None else str(row["credential_id"])

    def at_place(self, place: StatusPlace) -> Credential | None:
        """Return the card whose status is kept there."""
        return credential_at(self._connection, place)

    def _place_of(self, organisation: str, credential_id: str) -> Tuple:
        """Return where in the order a card stands; the beginning for one that is not there."""
        row = one(
            self._connection,
            select(credentials.c.expires_at).where(
                credentials.c.id == credential_id, credentials.c.organisation == organisation
            ),
        )
        ends = _EPOCH if row is None else row["expires_at"]
        return tuple_(literal(ends, Moment), literal(credential_id))

    def _found(self, where: Sequence[ColumnElement[bool]], limit: int) -> Sequence[Credential]:
        statement = select(credentials).where(*where).order_by(*_ORDER).limit(limit)
        return [credential_from(row) for row in self._connection.execute(statement).mappings()]


class SqlClosings:
    """See `ports.after.Closings`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, closing: Closing) -> bool:
        """Keep a closing once, and let every list be signed once more; False when it was closed."""
        values = {
            "organisation": closing.organisation,
            "closed_at": closing.closed_at,
            "lists_until": closing.lists_until,
        }
        if not insert_once(self._connection, closed_organisations, values):
            return False
        self._connection.execute(
            update(status_lists)
            .where(status_lists.c.organisation == closing.organisation)
            .values(version=status_lists.c.version + 1)
        )
        return True

    def get(self, organisation: str) -> Closing | None:
        """Return when an organisation closed; None while it has not."""
        row = one(
            self._connection,
            select(closed_organisations).where(closed_organisations.c.organisation == organisation),
        )
        return None if row is None else Closing(**row)

    def open_offers(self, organisation: str, *, limit: int) -> Sequence[str]:
        """Return ids of its offers that still lead to a card."""
        statement = (
            select(offers.c.id)
            .where(
                offers.c.organisation == organisation,
                offers.c.state.in_(sources_of(OfferState.WITHDRAWN, OFFER_NEXT)),
            )
            .limit(limit)
        )
        return self._connection.execute(statement).scalars().all()

    def open_letters(self, organisation: str, *, limit: int) -> Sequence[str]:
        """Return ids of its letters that still lead to an offer."""
        statement = (
            select(letters.c.id)
            .where(letters.c.organisation == organisation, letters.c.state.in_(LETTER_KEPT_IN))
            .limit(limit)
        )
        return self._connection.execute(statement).scalars().all()

    def last_end(self, organisation: str) -> datetime | None:
        """Return when the last of its cards ends that is not revoked."""
        statement = select(func.max(credentials.c.expires_at)).where(
            credentials.c.organisation == organisation,
            credentials.c.standing != Standing.REVOKED,
        )
        found: datetime | None = self._connection.execute(statement).scalar_one()
        return found


def _ending(now: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        credentials.c.expires_at > now,
        credentials.c.expires_at <= until,
        credentials.c.standing == Standing.VALID,
        credentials.c.delivery.in_(_IN_WALLETS),
    )
