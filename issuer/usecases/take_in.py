"""Mark a credential as taken in: a receiver acts on it, and nobody can act on it again."""

from dataclasses import dataclass
from datetime import datetime

from credential_schemas.model import Catalogue
from issuer.model import AuditEntry, Caller, Credential, Standing, StatusPlace
from issuer.ports import Clock, Event, Records, Store
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import (
    AlreadyTakenIn,
    ReferenceUnknown,
    RevocationIsFinal,
    StatusChangeConflicts,
    TypeNotInScope,
)
from issuer.usecases.standing import set_standing

_REASON = "used"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """That it is taken in, since when, and whether an earlier call of the same receiver did so."""

    at: datetime
    was_before: bool


class TakeIn:
    """Takes credentials in by their status reference alone; who may is said by their type."""

    def __init__(
        self, *, store: Store, clock: Clock, catalogue: Catalogue, addresses: Addresses
    ) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._addresses = addresses

    async def __call__(self, caller: Caller, uri: str, index: int) -> TakenIn:
        """Mark the credential of a status list's entry as used; the list shows it as revoked.

        The same receiver may repeat its call. The issuing organisation is told that it was taken
        in; the receiver learns nothing about the credential that it does not hold already.

        Args:
            caller: a system of the receiver.
            uri: the status list's address.
            index: the entry in it.

        Raises:
            ReferenceUnknown: no such entry, or none that this receiver may take in; one answer.
            TypeNotInScope: the receiver may, but its key is not for the type.
            AlreadyTakenIn: another receiver was there before.
            RevocationIsFinal, StatusChangeConflicts: it is revoked or suspended.
        """
        now = self._clock.now()
        place = self._addresses.status_place(uri, index)
        if place is None:
            raise ReferenceUnknown("no status list of ours")

        def take(records: Records) -> TakenIn:
            found = self._found(records, caller, place)
            if found.taken_in_at is not None:
                return _taken_before(found, caller)
            if not records.credentials.take_in(found.id, by=caller.organisation, at=now):
                return _taken_before(self._found(records, caller, place), caller)
            if not set_standing(
                records, found, Standing.REVOKED, at=now, only_from={Standing.VALID}
            ):
                if self._found(records, caller, place).standing is Standing.REVOKED:
                    raise RevocationIsFinal("revoked before")
                raise StatusChangeConflicts("suspended")
            records.events.tell(
                found.organisation, Event.CREDENTIAL_TAKEN_IN, found.id, now, state=Standing.REVOKED
            )
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=found.organisation,
                    actor=caller.key_id,
                    action="take_in",
                    object_id=found.id,
                    reason=_REASON,
                )
            )
            return TakenIn(at=now, was_before=False)

        return await self._store.write(take)

    def _found(self, records: Records, caller: Caller, place: StatusPlace) -> Credential:
        found = records.credentials.at_place(place)
        if found is None or not self._catalogue.may_take_in(caller.organisation, found.type_id):
            raise ReferenceUnknown("not this receiver's to take in")
        if found.type_id not in caller.status_types:
            raise TypeNotInScope("the caller is not for this type")
        return found


def _taken_before(found: Credential, caller: Caller) -> TakenIn:
    if found.taken_in_by != caller.organisation or found.taken_in_at is None:
        raise AlreadyTakenIn("by another receiver")
    return TakenIn(at=found.taken_in_at, was_before=True)
