"""A holder wants to revoke an own card: give the wallet a request that it can answer."""

from credential_schemas.model import Catalogue
from issuer.ports import Clock, Store
from issuer.usecases.after.failures import RevocationNotOffered
from issuer.usecases.after.revocation_request import RevocationRequests
from issuer.usecases.failures import OrganisationUnknown, TypeNotIssuedHere


class StartRevocation:
    """Makes a request; it writes nothing, and tells nothing of any card.

    Args:
        requests: None when the service has no access certificate for revoking.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        catalogue: Catalogue,
        requests: RevocationRequests | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._requests = requests

    async def __call__(self, organisation: str, vct: str) -> str:
        """Return the link of a new request for a card of this type.

        Raises:
            OrganisationUnknown: no such organisation.
            TypeNotIssuedHere: it issues no such type.
            RevocationNotOffered: holders cannot revoke here, or the organisation has closed.
        """
        known = self._catalogue.organisations.get(organisation)
        if known is None:
            raise OrganisationUnknown("no such organisation")
        if vct not in {self._catalogue.types[one].vct for one in known.types}:
            raise TypeNotIssuedHere("no such type")
        if self._requests is None:
            raise RevocationNotOffered("no access certificate")
        closing = await self._store.read(lambda records: records.closings.get(organisation))
        if closing is not None:
            raise RevocationNotOffered("closed")
        return self._requests.link(organisation, vct, at=self._clock.now())
