"""Find out which issuing system is calling."""

from issuer.model import Caller
from issuer.ports import ApiKeyForm, Clock, Store
from issuer.usecases.failures import ApiKeyOfAnotherOrganisation, ApiKeyRefused


class CheckApiKey:
    """Turns an API key into the caller that it stands for."""

    def __init__(self, *, store: Store, form: ApiKeyForm, clock: Clock) -> None:
        self._store = store
        self._form = form
        self._clock = clock

    async def __call__(self, key: str, *, organisation: str) -> Caller:
        """Return the caller behind a key.

        Raises:
            ApiKeyRefused: not a key, unknown, expired or revoked; one answer for all of these.
            ApiKeyOfAnotherOrganisation: a live key, but not for this organisation.
        """
        key_id = self._form.id_of(key)
        if key_id is None:
            raise ApiKeyRefused("not of the form of a key")
        found = await self._store.read(lambda records: records.api_keys.get(key_id))
        if found is None or not self._form.is_same(key, found.mac):
            raise ApiKeyRefused("no such key")
        if not found.is_live(self._clock.now()):
            raise ApiKeyRefused("expired or revoked")
        if found.organisation != organisation:
            raise ApiKeyOfAnotherOrganisation("the key belongs to another organisation")
        return Caller(
            key_id=found.id,
            organisation=found.organisation,
            system=found.system,
            types=found.types,
            status_types=found.types,
        )
