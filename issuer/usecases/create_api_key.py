"""Give an issuing system a key."""

from collections.abc import Collection
from datetime import timedelta

from credential_schemas.model import Catalogue
from issuer.model import ApiKey, AuditEntry
from issuer.ports import ApiKeyForm, Clock, Records, Store
from issuer.usecases.failures import (
    OrganisationClosed,
    OrganisationUnknown,
    TooManyApiKeys,
    TypeNotIssuedHere,
    TypeUnknown,
)

LIVE_AT_A_TIME = 2


class CreateApiKey:
    """Makes a key for one system of one organisation; two may be live, so that one can follow."""

    def __init__(
        self, *, store: Store, form: ApiKeyForm, clock: Clock, catalogue: Catalogue
    ) -> None:
        self._store = store
        self._form = form
        self._clock = clock
        self._catalogue = catalogue

    async def __call__(
        self, *, organisation: str, system: str, types: Collection[str], lifetime: timedelta
    ) -> tuple[ApiKey, str]:
        """Return the new key's record and the key itself, which is shown this once.

        Raises:
            OrganisationUnknown: no such organisation.
            OrganisationClosed: it has closed.
            TypeUnknown: a type that does not exist.
            TypeNotIssuedHere: a type that the organisation may not issue.
            TooManyApiKeys: the system has two live keys.
        """
        known = self._catalogue.organisations.get(organisation)
        if known is None:
            raise OrganisationUnknown("no such organisation")
        for type_id in types:
            if type_id not in self._catalogue.types:
                raise TypeUnknown("no such type")
            takes_in = self._catalogue.may_take_in(organisation, type_id)
            if type_id not in known.types and not takes_in:
                raise TypeNotIssuedHere("the organisation neither issues nor takes in this type")
        now = self._clock.now()
        key_id, text = self._form.make()
        key = ApiKey(
            id=key_id,
            organisation=organisation,
            system=system,
            types=frozenset(types),
            mac=self._form.mac(text),
            created_at=now,
            expires_at=now + lifetime,
            revoked_at=None,
        )

        def add(records: Records) -> None:
            if records.closings.get(organisation) is not None:
                raise OrganisationClosed("closed")
            live = [
                other
                for other in records.api_keys.all()
                if (other.organisation, other.system) == (organisation, system)
                and other.is_live(now)
            ]
            if len(live) >= LIVE_AT_A_TIME:
                raise TooManyApiKeys("revoke one first")
            records.api_keys.add(key)
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=organisation,
                    actor="operator",
                    action="create_api_key",
                    object_id=key_id,
                )
            )

        await self._store.write(add)
        return key, text
