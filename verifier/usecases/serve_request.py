"""Serve the signed request to a wallet.

Reading a request is idempotent by design (DESK-07): until it is answered, declined, closed or
expired, every read gets the very same bytes, because wallets do read twice. The QR code is
therefore worth one response, not one read; a second response is refused in `accept_response`.
"""

from verifier.model import OPEN_STATES, State, Step
from verifier.ports import Clock, Verifications
from verifier.usecases.failures import RequestOver, RequestUnknown
from verifier.usecases.request_secrets import SecretSealer


class ServeRequest:
    """See the module text."""

    def __init__(self, *, verifications: Verifications, sealer: SecretSealer, clock: Clock) -> None:
        self._verifications = verifications
        self._sealer = sealer
        self._clock = clock

    async def __call__(self, ref: str) -> str:
        """Return the signed request object behind a wallet URL.

        Raises:
            RequestUnknown: no such request.
            RequestOver: it is answered, closed or out of time.
        """
        now = self._clock.now()
        verification = await self._verifications.find_by_ref(ref)
        if verification is None:
            raise RequestUnknown
        if verification.state not in OPEN_STATES or verification.expires_at <= now:
            raise RequestOver
        sealed = await self._verifications.secrets(verification.id)
        if sealed is None:
            raise RequestOver
        if verification.state is State.REQUESTED:
            # Whoever loses this race still gets the same bytes.
            await self._verifications.move(verification.id, Step(to=State.FETCHED, in_time_at=now))
        return self._sealer.open(sealed, verification_id=verification.id).signed_request
