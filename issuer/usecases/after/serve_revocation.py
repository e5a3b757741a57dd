"""Show a wallet the signed request behind a link, as often as it asks."""

from issuer.ports import Clock
from issuer.usecases.after.failures import RevocationNotOffered
from issuer.usecases.after.revocation_request import RevocationRequests


class ServeRevocation:
    """Reads the request out of its address; nothing changes by it."""

    def __init__(self, *, clock: Clock, requests: RevocationRequests | None) -> None:
        self._clock = clock
        self._requests = requests

    def __call__(self, organisation: str, reference: str) -> str:
        """Return the signed request object.

        Raises:
            RevocationNotOffered: holders cannot revoke here.
            RevocationRequestUnknown: no such request, or its time is over.
        """
        if self._requests is None:
            raise RevocationNotOffered("no access certificate")
        opened = self._requests.open(organisation, reference, at=self._clock.now())
        return self._requests.sign(opened, reference)
