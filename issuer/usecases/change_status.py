"""Suspend, reinstate or revoke a credential."""

from collections.abc import Mapping
from enum import StrEnum

from credential_schemas.model import Catalogue
from issuer.model import AuditEntry, Caller, Credential, Standing
from issuer.ports import Clock, Records, Store
from issuer.usecases.failures import ReasonUnknown, RevocationIsFinal, StatusChangeConflicts
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


class ChangeStatus:
    """Changes statuses. The reason goes to the audit record only, never to the status list."""

    def __init__(self, *, store: Store, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue

    async def __call__(
        self, caller: Caller, credential_id: str, action: StatusAction, reason: str | None
    ) -> Credential:
        """Change a credential's status; the status list shows it from its next reading on.

        Args:
            caller: who asks.
            credential_id: which credential.
            action: what is to happen.
            reason: a code of `suspension_reason` or `revocation_reason`; None to reinstate.

        Raises:
            ReasonUnknown: no such reason for this action.
            CredentialNotFound: the organisation has no such credential.
            TypeNotInScope: it has, but the key is not for its type.
            RevocationIsFinal, StatusChangeConflicts: the present status does not allow it.
        """
        now = self._clock.now()
        self._check_reason(action, reason)

        def change(records: Records) -> Credential:
            found = credential_of(records, caller, credential_id)
            if not set_standing(records, found, _TARGET[action], at=now):
                present = credential_of(records, caller, credential_id).standing
                if present is Standing.REVOKED:
                    raise RevocationIsFinal("revoked before")
                raise StatusChangeConflicts(f"already {present}")
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=caller.organisation,
                    actor=caller.key_id,
                    action=action,
                    object_id=found.id,
                    reason=reason,
                )
            )
            return credential_of(records, caller, credential_id)

        return await self._store.write(change)

    def _check_reason(self, action: StatusAction, reason: str | None) -> None:
        if action not in _REASONS:
            if reason is not None:
                raise ReasonUnknown("this action takes no reason")
            return
        if reason is None or reason not in self._catalogue.code_lists[_REASONS[action]]:
            raise ReasonUnknown(f"not in {_REASONS[action]}")
