"""Let a desk's request go on by itself, so that nobody is hurried and nobody must ask again.

A request that no wallet has read is replaced: new address, nonce and keys. One that a wallet has
read is prolonged and keeps them, so that the client who is deciding can still answer it.
"""

from dataclasses import replace
from datetime import timedelta

from verifier.model import OPEN_STATES, Asking, Renewal, State, Verification
from verifier.ports import Askings, Clock, Random, Verifications
from verifier.usecases.receiver import Receiver
from verifier.usecases.request_secrets import SEAL_NONCE_BYTES, RequestSecrets, SecretSealer
from verifier.usecases.write_request import SECRET_BYTES, RequestWriter

RENEWED_WHEN_LEFT = timedelta(seconds=45)


class RenewRequest:
    """See the module text."""

    def __init__(
        self,
        *,
        receiver: Receiver,
        verifications: Verifications,
        askings: Askings,
        sealer: SecretSealer,
        clock: Clock,
        random: Random,
    ) -> None:
        self._receiver = receiver
        self._verifications = verifications
        self._askings = askings
        self._sealer = sealer
        self._clock = clock
        self._random = random
        self._writer = RequestWriter(receiver=receiver, random=random)

    async def __call__(
        self, verification: Verification, asking: Asking, *, now_already: bool = False
    ) -> Verification:
        """Renew it when its end is near; return it as it stands then.

        Args:
            verification: as it was just read.
            asking: how the desk asks it; past `asking.until` nothing is renewed.
            now_already: do not wait for the end to come near.
        """
        now = self._clock.now()
        left = verification.expires_at - now
        if verification.state not in OPEN_STATES or left <= timedelta(0):
            return verification
        until = min(now + self._receiver.life(assisted=asking.assisted), asking.until)
        near = left <= RENEWED_WHEN_LEFT or now_already
        if not near or until <= verification.expires_at:
            return verification
        sealed = await self._verifications.secrets(verification.id)
        if sealed is not None:
            secrets = self._sealer.open(sealed, verification_id=verification.id)
            await self._renew(verification, secrets, replace(verification, expires_at=until))
        return await self._verifications.find(verification.id) or verification

    async def _renew(
        self, before: Verification, secrets: RequestSecrets, after: Verification
    ) -> None:
        now = self._clock.now()
        if before.state is State.REQUESTED:
            after = replace(after, ref=self._random.token(SECRET_BYTES))
            written = self._writer.new(after, secrets.query, way=secrets.way, at=now)
        else:
            written = self._writer.again(after, secrets, at=now)
        sealed = self._sealer.seal(
            written,
            verification_id=after.id,
            nonce=self._random.bytes(SEAL_NONCE_BYTES),
        )
        await self._askings.renew(before, Renewal(after.ref, sealed, after.expires_at))
