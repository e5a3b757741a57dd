"""How a desk asks its client: begin, look, and turn to another way while the request is open."""

from dataclasses import replace

from verifier.model import OPEN_STATES, Asking, NotAllowed, Verification
from verifier.ports import Askings, Clock
from verifier.usecases.receiver import Receiver
from verifier.usecases.renew_request import RenewRequest


class AskClient:
    """See the module text. The caller has made sure that the verification is its own."""

    def __init__(
        self, *, receiver: Receiver, askings: Askings, renew: RenewRequest, clock: Clock
    ) -> None:
        self._receiver = receiver
        self._askings = askings
        self._renew = renew
        self._clock = clock

    async def begin(self, verification: Verification, *, without_network: bool = False) -> None:
        """Begin to ask."""
        asking = Asking(
            verification_id=verification.id,
            until=verification.created_at + self._receiver.asks_for(assisted=False),
            without_network=without_network,
        )
        await self._askings.begin(asking, at=self._clock.now())

    async def look(self, verification: Verification) -> tuple[Verification, Asking]:
        """Return where it stands and how it is asked; the request is renewed when it must be."""
        asking = await self._asking(verification)
        return await self._renew(verification, asking), asking

    async def turn(
        self,
        verification: Verification,
        *,
        without_network: bool | None = None,
        assisted: bool | None = None,
    ) -> None:
        """Ask in another way; None leaves a thing as it is.

        Raises:
            NotAllowed: the request is no longer open.
        """
        if verification.state not in OPEN_STATES:
            raise NotAllowed
        before = await self._asking(verification)
        after = replace(
            before,
            without_network=before.without_network if without_network is None else without_network,
            assisted=before.assisted if assisted is None else assisted,
        )
        if after.assisted and not before.assisted:
            # What was granted is not taken back: the end moves out once and stays.
            until = verification.created_at + self._receiver.asks_for(assisted=True)
            after = replace(after, until=until)
        await self._askings.change(after)
        if after.until != before.until:
            await self._renew(verification, after, now_already=True)

    async def _asking(self, verification: Verification) -> Asking:
        found = await self._askings.find(verification.id)
        # One that came in over the interface is not renewed.
        return found or Asking(verification.id, until=verification.expires_at)
