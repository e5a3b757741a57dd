"""Serve the signed request to a wallet.

Reading a request is idempotent by design (DESK-07): until it is answered, declined, closed or
expired, every read gets the very same bytes, because wallets do read twice. The QR code is
therefore worth one response, not one read; a second response is refused in `accept_response`.
A wallet that gives a nonce of its own gets the same request signed with it (OpenID4VP 5.10).
"""

from datetime import datetime

from verifier.model import OPEN_STATES, State, Step, Verification
from verifier.ports import Clock, Random, Verifications
from verifier.usecases.failures import RequestOver, RequestUnknown
from verifier.usecases.receiver import Receiver
from verifier.usecases.request_secrets import RequestSecrets, SecretSealer
from verifier.usecases.write_request import RequestWriter


class ServeRequest:
    """See the module text."""

    def __init__(
        self,
        *,
        verifications: Verifications,
        sealer: SecretSealer,
        receiver: Receiver,
        random: Random,
        clock: Clock,
    ) -> None:
        self._receiver = receiver
        self._writer = RequestWriter(receiver=receiver, random=random)
        self._verifications = verifications
        self._sealer = sealer
        self._clock = clock

    async def __call__(self, ref: str, *, wallet_nonce: str | None = None) -> str:
        """Return the signed request object behind a wallet URL.

        Args:
            ref: the address's own part.
            wallet_nonce: what the wallet sent; it stands in the request then.

        Raises:
            RequestUnknown: no such request.
            RequestOver: it is answered, closed or out of time.
        """
        now = self._clock.now()
        verification, secrets = await self._open(ref, now)
        if verification.state is State.REQUESTED:
            # Whoever loses this race still gets the same bytes.
            await self._verifications.move(verification.id, Step(to=State.FETCHED, in_time_at=now))
        if wallet_nonce is None:
            return secrets.signed_request
        return self._writer.signed(verification, secrets, at=now, wallet_nonce=wallet_nonce)

    async def link(self, ref: str) -> str:
        """Return what the QR code of an open request holds, in the way in which it was started.

        Raises:
            RequestUnknown, RequestOver: as when it is read.
        """
        verification, secrets = await self._open(ref, self._clock.now())
        return self._receiver.request_link(
            verification.ref, client_id=secrets.way.client_id, method=secrets.way.method
        )

    async def _open(self, ref: str, now: datetime) -> tuple[Verification, RequestSecrets]:
        verification = await self._verifications.find_by_ref(ref)
        if verification is None:
            raise RequestUnknown
        if verification.state not in OPEN_STATES or verification.expires_at <= now:
            raise RequestOver
        sealed = await self._verifications.secrets(verification.id)
        if sealed is None:
            raise RequestOver
        return verification, self._sealer.open(sealed, verification_id=verification.id)
