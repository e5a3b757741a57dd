"""Tell an issuing system how a credential stands."""

from issuer.model import Caller, Credential
from issuer.ports import Store
from issuer.usecases.finding import credential_of


class ReadCredential:
    """Reads what the issuer remembers of a credential; never a claim."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def __call__(self, caller: Caller, credential_id: str) -> Credential:
        """Return what is known of a credential.

        Raises:
            CredentialNotFound: the organisation has no such credential.
            TypeNotInScope: it has, but the key is not for its type.
        """
        return await self._store.read(lambda records: credential_of(records, caller, credential_id))
