"""Suspend, reinstate or revoke a credential."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from credential_schemas.model import Catalogue
from issuer.model import AuditEntry, Caller, Credential, RevocationRequest, Standing
from issuer.ports import Clock, Event, Records, Store, Vault
from issuer.usecases.failures import (
    ReasonUnknown,
    RevocationIsFinal,
    SecondPairNeeded,
    StatusChangeConflicts,
)
from issuer.usecases.finding import credential_of
from issuer.usecases.standing import set_standing


class StatusAction(StrEnum):
    """What an issuing system may do to a credential."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"


_TARGET: Mapping[StatusAction, Standing] = {
    StatusAction.SUSPEND: Standing.SUSPENDED,
    StatusAction.REINSTATE: Standing.VALID,
    StatusAction.REVOKE: Standing.REVOKED,
}
_REASONS: Mapping[StatusAction, str] = {
    StatusAction.SUSPEND: "suspension_reason",
    StatusAction.REVOKE: "revocation_reason",
}
_ASK = "ask_revocation"
_LISTED_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class FourEyes:
    """Where a revocation needs two pairs of eyes.

    Attributes:
        places: organisations, such as `kela`, or one type of theirs, such as
            `kela/authority_decision`.
    """

    places: frozenset[str] = frozenset()

    def are_needed(self, credential: Credential) -> bool:
        """Whether revoking this credential needs them."""
        organisation = credential.organisation
        return not self.places.isdisjoint({organisation, f"{organisation}/{credential.type_id}"})


@dataclass(frozen=True, slots=True)
class StatusWish:
    """What an issuing system wants, and why.

    Attributes:
        reason: a code of `suspension_reason` or `revocation_reason`; None to reinstate.
        person: the system's own opaque name for the person who decides. Only a keyed MAC of it is
            kept, and only while a revocation waits for a second pair of eyes.
    """

    action: StatusAction
    reason: str | None
    person: str | None = None


class ChangeStatus:
    """Changes statuses. The reason goes to the audit record only, never to the status list.

    Where four eyes are needed, the first who revokes suspends at once, and another system, or
    another person, revokes. Reinstating takes the first one's word back.
    """

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        clock: Clock,
        catalogue: Catalogue,
        four_eyes: FourEyes,
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._catalogue = catalogue
        self._four_eyes = four_eyes

    async def __call__(self, caller: Caller, credential_id: str, wish: StatusWish) -> Credential:
        """Change a credential's status; the status list shows it from its next reading on.

        Raises:
            ReasonUnknown: no such reason for this action.
            CredentialNotFound: the organisation has no such credential.
            TypeNotInScope: it has, but the key is not for its type.
            SecondPairNeeded: the same system, or the same person, asked for this revocation before.
            RevocationIsFinal, StatusChangeConflicts: the present status does not allow it.
        """
        now = self._clock.now()
        self._check_reason(wish)

        def change(records: Records) -> Credential:
            found = credential_of(records, caller, credential_id)
            if wish.action is StatusAction.REVOKE and self._four_eyes.are_needed(found):
                done = self._revoke_with_four_eyes(records, caller, found, wish, now)
            else:
                done = self._change(records, found, wish.action, now)
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=caller.organisation,
                    actor=caller.key_id,
                    action=done,
                    object_id=found.id,
                    reason=wish.reason,
                )
            )
            return credential_of(records, caller, credential_id)

        return await self._store.write(change)

    async def asked(self, caller: Caller) -> Collection[Credential]:
        """Return what waits for a second pair of eyes in the caller's scope, oldest first."""
        waiting = await self._store.read(
            lambda records: records.credentials.asked_revocations(
                caller.organisation, limit=_LISTED_AT_MOST
            )
        )
        return [one for one in waiting if one.type_id in caller.status_types]

    @staticmethod
    def _change(records: Records, found: Credential, action: StatusAction, now: datetime) -> str:
        if not set_standing(records, found, _TARGET[action], at=now):
            raise _conflict(records, found)
        if action is not StatusAction.SUSPEND:
            records.credentials.end_request(found.id)
        return action

    def _revoke_with_four_eyes(
        self, records: Records, caller: Caller, found: Credential, wish: StatusWish, now: datetime
    ) -> str:
        """Suspend as the first or revoke as the second; returns which it was."""
        person = wish.person
        person_mac = None if person is None else self._mac(caller, person)
        request = RevocationRequest(caller.system, person_mac, wish.reason or "", now)
        # 1. The first suspends at once.
        if records.credentials.ask_revocation(found.id, request):
            set_standing(records, found, Standing.SUSPENDED, at=now, only_from={Standing.VALID})
            records.events.tell(
                found.organisation,
                Event.CREDENTIAL_REVOCATION_ASKED,
                found.id,
                now,
                state=Standing.SUSPENDED,
            )
            return _ASK
        present = records.credentials.get(found.organisation, found.id)
        if present is None or present.revocation_request is None:
            raise _conflict(records, found)
        # 2. The second is somebody else.
        if not present.revocation_request.is_another(caller.system, person_mac):
            raise SecondPairNeeded("the same eyes")
        # 3. Of several second ones, one revokes.
        if not records.credentials.end_request(found.id):
            raise _conflict(records, found)
        return self._change(records, found, StatusAction.REVOKE, now)

    def _mac(self, caller: Caller, person: str) -> bytes:
        return self._vault.mac("deciding-person", caller.organisation, person)

    def _check_reason(self, wish: StatusWish) -> None:
        if wish.action not in _REASONS:
            if wish.reason is not None:
                raise ReasonUnknown("this action takes no reason")
            return
        code_list = _REASONS[wish.action]
        if wish.reason is None or wish.reason not in self._catalogue.code_lists[code_list]:
            raise ReasonUnknown(f"not in {code_list}")


def _conflict(records: Records, found: Credential) -> StatusChangeConflicts:
    present = records.credentials.get(found.organisation, found.id)
    standing = found.standing if present is None else present.standing
    if standing is Standing.REVOKED:
        return RevocationIsFinal("revoked before")
    return StatusChangeConflicts(f"already {standing}")
