"""Send a copy to the case system: sealed until it has arrived, sent again until it does.

It arrives at least once. Every attempt carries the same id, by which the case system takes it once.
"""

from datetime import timedelta

from keys import strict_json
from keys.checks import CheckFailed
from keys.seal import NONCE_BYTES, seal, unseal
from verifier.ports import Clock, Random
from verifier.usecases.hand_on_copy import MakeCopy
from verifier.usecases.hand_on_failures import HandOnNotAllowed
from verifier.usecases.hand_on_ports import CaseSystem, Deliveries, Delivery, DeliveryState
from verifier.usecases.read_result import Result

GIVE_UP_AFTER = timedelta(hours=24)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
ONE_ATTEMPT = timedelta(minutes=2)  # nobody else sends it meanwhile
_ROWS_KEPT = timedelta(hours=24)
_ID_BYTES = 24


class CopySealer:
    """Seals a copy at rest under the service's own key; the delivery's id is bound in.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, copy: bytes, *, delivery_id: str, nonce: bytes) -> bytes:
        """Return the sealed copy. `nonce` is 12 fresh random bytes."""
        return seal(self._key, copy, aad=_bound_to(delivery_id), nonce=nonce)

    def open(self, sealed: bytes, *, delivery_id: str) -> bytes:
        """Open a sealed copy.

        Raises:
            SealBroken: it was changed, or belongs to another delivery.
        """
        return unseal(self._key, sealed, aad=_bound_to(delivery_id))


class SendCopy:
    """Takes a copy in; `DeliverCopies` brings it there."""

    def __init__(
        self,
        *,
        make: MakeCopy,
        deliveries: Deliveries,
        sealer: CopySealer,
        clock: Clock,
        random: Random,
    ) -> None:
        self._make = make
        self._deliveries = deliveries
        self._sealer = sealer
        self._clock = clock
        self._random = random

    async def __call__(self, result: Result) -> None:
        """Take in a copy of what this desk sees now; a second time changes nothing.

        Raises:
            HandOnNotAllowed: see the class.
        """
        copy = strict_json.dumps(self._make(result))
        now = self._clock.now()
        delivery_id = self._random.token(_ID_BYTES)
        nonce = self._random.bytes(NONCE_BYTES)
        await self._deliveries.add(
            Delivery(
                id=delivery_id,
                verification_id=result.verification.id,
                state=DeliveryState.WAITING,
                sealed=self._sealer.seal(copy, delivery_id=delivery_id, nonce=nonce),
                attempts=0,
                next_at=now,
                give_up_at=now + GIVE_UP_AFTER,
            )
        )

    async def state(self, verification_id: str) -> DeliveryState | None:
        """Return how a verification's copy is doing, None when there is none."""
        delivery = await self._deliveries.of(verification_id)
        return None if delivery is None else delivery.state


class DeliverCopies:
    """Sends what is due, and erases what has waited for 24 hours."""

    def __init__(
        self,
        *,
        deliveries: Deliveries,
        sealer: CopySealer,
        case_system: CaseSystem | None,
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._sealer = sealer
        self._case_system = case_system
        self._clock = clock

    async def __call__(self) -> int:
        """Send once what is due.

        Returns:
            How many arrived.
        """
        now = self._clock.now()
        arrived = 0
        while (due := await self._deliveries.claim(at=now, until=now + ONE_ATTEMPT)) is not None:
            arrived += await self._bring(due)
        await self._deliveries.forget(now - _ROWS_KEPT)
        return arrived

    async def _bring(self, due: Delivery) -> bool:
        now = self._clock.now()
        if due.sealed is None or due.give_up_at <= now:
            await self._deliveries.end(due.id, DeliveryState.GIVEN_UP)
            return False
        try:
            await self._send(due, due.sealed)
        except CheckFailed:
            wait = min(_FIRST_WAIT * 2 ** min(due.attempts, 20), _LONGEST_WAIT)
            await self._deliveries.put_off(due.id, next_at=min(now + wait, due.give_up_at))
            return False
        await self._deliveries.end(due.id, DeliveryState.DELIVERED)
        return True

    async def _send(self, due: Delivery, sealed: bytes) -> None:
        if self._case_system is None:  # it was set up when this was taken in
            raise HandOnNotAllowed("no case system")
        copy = self._sealer.open(sealed, delivery_id=due.id)
        await self._case_system.send(due.id, copy, at=self._clock.now())


def _bound_to(delivery_id: str) -> bytes:
    return b"kykylompakko copy for a case system 1\x00" + delivery_id.encode("ascii")
