"""Signed copies and their states."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from issuer.adapters.sql.rows import one
from issuer.adapters.sql.status_lists import SqlStatusLists
from issuer.adapters.sql.tables import credential_copies, credentials
from issuer.model import (
    DELIVERY_NEXT,
    STANDING_NEXT,
    Credential,
    Delivery,
    RevocationRequest,
    Standing,
    StatusPlace,
    sources_of,
)


class SqlCredentials:
    """Credentials through one connection."""

    def __init__(self, connection: Connection, *, status_lists: SqlStatusLists) -> None:
        self._connection = connection
        self._status_lists = status_lists

    def add(self, credential: Credential, *, more: Sequence[StatusPlace] = ()) -> None:
        """Record the intent to sign, and the entries of its further copies."""
        self._connection.execute(
            insert(credentials).values(
                id=credential.id,
                organisation=credential.organisation,
                type_id=credential.type_id,
                offer_id=credential.offer_id,
                subject_mac=credential.subject_mac,
                notification_mac=credential.notification_mac,
                delivery=credential.delivery,
                standing=credential.standing,
                list_number=credential.place.number,
                list_index=credential.place.index,
                recorded_at=credential.recorded_at,
                expires_at=credential.expires_at,
            )
        )
        copies = [_copy(place, credential.id) for place in more]
        if copies:
            self._connection.execute(insert(credential_copies), copies)

    def get(self, organisation: str, credential_id: str) -> Credential | None:
        """Return a credential of that organisation."""
        row = one(
            self._connection,
            select(credentials).where(
                credentials.c.id == credential_id, credentials.c.organisation == organisation
            ),
        )
        return None if row is None else credential_from(row)

    def by_notification(self, organisation: str, notification_mac: bytes) -> Credential | None:
        """Return the credential that a notification id stands for."""
        row = one(
            self._connection,
            select(credentials).where(
                credentials.c.notification_mac == notification_mac,
                credentials.c.organisation == organisation,
            ),
        )
        return None if row is None else credential_from(row)

    def at_place(self, place: StatusPlace) -> Credential | None:
        """Return the credential that an entry of a status list belongs to."""
        return credential_at(self._connection, place)

    def ask_revocation(self, credential_id: str, request: RevocationRequest) -> bool:
        """Keep a first request in one conditional write; False when there is one, or no use."""
        asked = self._connection.execute(
            update(credentials)
            .where(
                credentials.c.id == credential_id,
                credentials.c.asked_by.is_(None),
                credentials.c.standing != Standing.REVOKED,
            )
            .values(
                asked_by=request.system,
                asked_person_mac=request.person_mac,
                asked_reason=request.reason,
                asked_at=request.at,
            )
        )
        return asked.rowcount == 1

    def end_request(self, credential_id: str) -> bool:
        """Forget a request: carried out or taken back; False when there was none."""
        ended = self._connection.execute(
            update(credentials)
            .where(credentials.c.id == credential_id, credentials.c.asked_by.is_not(None))
            .values(asked_by=None, asked_person_mac=None, asked_reason=None, asked_at=None)
        )
        return ended.rowcount == 1

    def asked_revocations(self, organisation: str, *, limit: int) -> Sequence[Credential]:
        """Return the credentials whose revocation waits for a second pair of eyes, oldest first."""
        statement = (
            select(credentials)
            .where(
                credentials.c.organisation == organisation,
                credentials.c.standing != Standing.REVOKED,
                credentials.c.asked_by.is_not(None),
            )
            .order_by(credentials.c.asked_at, credentials.c.id)
            .limit(limit)
        )
        return [credential_from(row) for row in self._connection.execute(statement).mappings()]

    def take_in(self, credential_id: str, *, by: str, at: datetime) -> bool:
        """Note who acted on it in one conditional write; False when somebody had before."""
        taken = self._connection.execute(
            update(credentials)
            .where(credentials.c.id == credential_id, credentials.c.taken_in_at.is_(None))
            .values(taken_in_at=at, taken_in_by=by)
        )
        return taken.rowcount == 1

    def of_offer(self, offer_id: str) -> Sequence[Credential]:
        """Return every copy made for an offer, oldest first."""
        statement = (
            select(credentials)
            .where(credentials.c.offer_id == offer_id)
            .order_by(credentials.c.recorded_at, credentials.c.id)
        )
        return [credential_from(row) for row in self._connection.execute(statement).mappings()]

    def deliver(self, credential_id: str, target: Delivery) -> bool:
        """Pass into `target` if the transition table allows; says whether it did."""
        moved = self._connection.execute(
            update(credentials)
            .where(
                credentials.c.id == credential_id,
                credentials.c.delivery.in_(sources_of(target, DELIVERY_NEXT)),
            )
            .values(delivery=target)
        )
        return moved.rowcount == 1

    def stand(
        self, credential_id: str, target: Standing, *, only_from: Collection[Standing] | None = None
    ) -> bool:
        """Pass into `target` if the transition table allows, and show it for every copy."""
        sources = sources_of(target, STANDING_NEXT)
        if only_from is not None:
            sources &= frozenset(only_from)
        row = one(
            self._connection,
            update(credentials)
            .where(
                credentials.c.id == credential_id,
                credentials.c.standing.in_(sources),
            )
            .values(standing=target)
            .returning(credentials),
        )
        if row is None:
            return False
        for place in (credential_from(row).place, *self._copies_of(row)):
            self._status_lists.show(place, target)
        return True

    def _copies_of(self, row: RowMapping) -> Sequence[StatusPlace]:
        statement = (
            select(credential_copies)
            .where(credential_copies.c.credential_id == row["id"])
            .order_by(credential_copies.c.number, credential_copies.c.entry)
        )
        return [
            StatusPlace(copy["organisation"], copy["number"], copy["entry"])
            for copy in self._connection.execute(statement).mappings()
        ]


def credential_at(connection: Connection, place: StatusPlace) -> Credential | None:
    """Return the credential one of whose copies has its status there."""
    copy = credential_copies.c
    of_copy = select(copy.credential_id).where(
        copy.organisation == place.organisation,
        copy.number == place.number,
        copy.entry == place.index,
    )
    of_first = (
        (credentials.c.organisation == place.organisation)
        & (credentials.c.list_number == place.number)
        & (credentials.c.list_index == place.index)
    )
    for where in (of_first, credentials.c.id.in_(of_copy)):
        row = one(connection, select(credentials).where(where))
        if row is not None:
            return credential_from(row)
    return None


def _copy(place: StatusPlace, credential_id: str) -> dict[str, object]:
    return {
        "organisation": place.organisation,
        "number": place.number,
        "entry": place.index,
        "credential_id": credential_id,
    }


def credential_from(row: RowMapping) -> Credential:
    """Read a row of the table."""
    return Credential(
        id=row["id"],
        organisation=row["organisation"],
        type_id=row["type_id"],
        offer_id=row["offer_id"],
        subject_mac=row["subject_mac"],
        notification_mac=row["notification_mac"],
        delivery=Delivery(row["delivery"]),
        standing=Standing(row["standing"]),
        place=StatusPlace(row["organisation"], row["list_number"], row["list_index"]),
        recorded_at=row["recorded_at"],
        expires_at=row["expires_at"],
        taken_in_at=row["taken_in_at"],
        taken_in_by=row["taken_in_by"],
        revocation_request=_request(row),
    )


def _request(row: RowMapping) -> RevocationRequest | None:
    if row["asked_by"] is None:
        return None
    return RevocationRequest(
        system=row["asked_by"],
        person_mac=row["asked_person_mac"],
        reason=row["asked_reason"],
        at=row["asked_at"],
    )
