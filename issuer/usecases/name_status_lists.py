"""Name all status lists of an organisation."""

from credential_schemas.model import Catalogue
from issuer.ports import Store
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import OrganisationUnknown


class NameStatusLists:
    """Says where every list is, so that verifiers can fetch them ahead of any presentation."""

    def __init__(self, *, store: Store, catalogue: Catalogue, addresses: Addresses) -> None:
        self._store = store
        self._catalogue = catalogue
        self._addresses = addresses

    async def __call__(self, organisation: str) -> tuple[str, ...]:
        """Return the URIs, oldest list first; none before the first credential.

        Raises:
            OrganisationUnknown: nobody of this name issues anything here.
        """
        known = self._catalogue.organisations.get(organisation)
        if known is None or not known.types:
            raise OrganisationUnknown("issues nothing")
        newest = await self._store.read(lambda records: records.status_lists.newest(organisation))
        count = 0 if newest is None else newest.number
        return tuple(
            self._addresses.status_list(organisation, number) for number in range(1, count + 1)
        )
