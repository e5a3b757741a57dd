"""Do what a client asks with the receipt: erase, stop, put on record, tell the case system."""

from dataclasses import dataclass
from datetime import datetime

from credential_schemas.i18n import HELSINKI
from keys import strict_json
from keys.seal import NONCE_BYTES
from openid4vc.openid4vp.withdrawal import Done, Wish
from verifier.model import Evidence, Once, State, full_hour
from verifier.ports import Clock, Random
from verifier.usecases.check_receipt import CheckReceipt
from verifier.usecases.client_side_model import Act, GivenReceipt, GivenReceipts
from verifier.usecases.hand_on_ports import Delivery, DeliveryState
from verifier.usecases.hand_on_send import GIVE_UP_AFTER, ONE_ATTEMPT, CopySealer

FORMAT = "kykylompakko-erasure-1"
_ID_BYTES = 24
_NOTICE_OF = "erasure."  # so that no desk takes a notice for its copy


class ActOnReceipt:
    """See the module text. The caller has made sure that the receipt is in its holder's hands."""

    def __init__(
        self,
        *,
        given: GivenReceipts,
        sealer: CopySealer | None,
        clock: Clock,
        random: Random,
    ) -> None:
        """Take what it needs.

        Args:
            given: the receipts.
            sealer: seals what waits for the case system; None where there is no case system.
            clock: the time.
            random: for ids and nonces.
        """
        self._given = given
        self._sealer = sealer
        self._clock = clock
        self._random = random

    async def __call__(
        self, receipt: GivenReceipt, wish: Wish, *, once: Once | None = None
    ) -> Done:
        """Do it; a second time changes nothing and answers the same.

        Raises:
            InvitationOver: the nonce has been used; nothing changes.
        """
        now = self._clock.now()
        evidence = Evidence(
            hour=full_hour(now),
            profile=receipt.profile,
            role=receipt.role,
            ended=State.CLOSED,
            checks=(),
            outcome=None,
            code=None,
            identity=None,
            trust_sequence=None,
            trust_age_hours=None,
            status_age_hours=None,
            wish=wish,
        )
        notice = self._notice(receipt, wish, now)
        return await self._given.act(Act(receipt, wish, now, evidence, once, notice))

    def _notice(self, receipt: GivenReceipt, wish: Wish, now: datetime) -> Delivery | None:
        if self._sealer is None:
            return None
        told = {
            "format": FORMAT,
            "verification": receipt.verification_id,
            "profile": receipt.profile,
            "request": wish.value,
            "asked_on": now.astimezone(HELSINKI).date().isoformat(),
        }
        delivery_id = self._random.token(_ID_BYTES)
        nonce = self._random.bytes(NONCE_BYTES)
        sealed = self._sealer.seal(strict_json.dumps(told), delivery_id=delivery_id, nonce=nonce)
        return Delivery(
            id=delivery_id,
            verification_id=_NOTICE_OF + receipt.verification_id,
            state=DeliveryState.WAITING,
            sealed=sealed,
            attempts=0,
            next_at=now + ONE_ATTEMPT,  # a copy that is being sent right now arrives before it
            give_up_at=now + GIVE_UP_AFTER,
        )


@dataclass(frozen=True, slots=True)
class ReceiptWork:
    """What both ways of coming back with a receipt work with."""

    given: GivenReceipts
    check: CheckReceipt
    act: ActOnReceipt
