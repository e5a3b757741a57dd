"""A client has lost the phone: everything on it stops counting, and new cards may be offered."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from credential_schemas.problems import ClaimsRejected
from issuer.model import (
    Caller,
    Channel,
)
from issuer.ports import Clock, Records, Store, Vault
from issuer.ports.after import SubjectCall
from issuer.usecases.after.stop_everything import StopEverything, loss_entry
from issuer.usecases.change_status import FourEyes
from issuer.usecases.create_offer import CreatedOffer, CreateOffer, OfferWish
from issuer.usecases.failures import IdempotencyKeyReused
from issuer.usecases.letters.create_letter import CreateLetter, LetterWish
from issuer.usecases.letters.making import MadeLetter

REMEMBER_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Loss:
    """A lost phone.

    Attributes:
        subject_ref: the issuing system's own name for the client.
        again: what to offer anew, for the same client; may be empty.
    """

    subject_ref: str
    again: Sequence[OfferWish | LetterWish] = ()


@dataclass(frozen=True, slots=True)
class LossHandled:
    """What was done, and the new offers and letters, each in the order of the wishes."""

    done: SubjectCall
    offers: tuple[CreatedOffer, ...]
    letters: tuple[MadeLetter, ...]


class LosePhone:
    """Revokes, takes back and offers anew in one call, once for each Idempotency-Key.

    Whatever a wallet is doing at that moment: what it gets before is revoked here, and afterwards
    it gets nothing, as the grant is ended in the same transaction.
    """

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        clock: Clock,
        create_offer: CreateOffer,
        create_letter: CreateLetter,
        four_eyes: FourEyes,
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._create_offer = create_offer
        self._create_letter = create_letter
        self._four_eyes = four_eyes

    async def __call__(self, caller: Caller, loss: Loss, *, idempotency_key: str) -> LossHandled:
        """Handle a lost phone.

        Repeated under the same key, the call carries on where it broke off, and tells the same: a
        card that the client has got again in the meantime stays.

        Raises:
            TypeRefused, TypeUnknown, TypeNotIssuedHere, TypeNotInScope, ClaimsRejected,
            PinRequired: one of the wishes cannot be offered; then nothing has been done.
            IdempotencyKeyReused: the key stands for another request.
        """
        # 1. Everything that is wished can be offered.
        for number, wish in enumerate(loss.again):
            self._check(caller, wish, number)
        # 2. What is out there stops counting, at once and in one transaction.
        call = self._call(caller, loss, idempotency_key)
        now = self._clock.now()
        done = await self._store.write(lambda records: self._stop(records, caller, call, now))
        # 3. New offers and letters, each under a key that follows from the call's.
        offers: list[CreatedOffer] = []
        letters: list[MadeLetter] = []
        for number, wish in enumerate(loss.again):
            key = f"lost-phone {call.key_mac.hex()} {number}"
            if isinstance(wish, OfferWish):
                offers.append(await self._create_offer(caller, wish, idempotency_key=key))
            else:
                letters.append(await self._create_letter(caller, wish, idempotency_key=key))
        return LossHandled(done, tuple(offers), tuple(letters))

    def _check(self, caller: Caller, wish: OfferWish | LetterWish, number: int) -> None:
        if isinstance(wish, LetterWish):
            # What may be written in a letter is what may be offered in a message.
            wish = OfferWish(wish.type_id, wish.claims, wish.subject_ref, Channel.MESSAGE)
        try:
            self._create_offer.check(caller, wish)
        except ClaimsRejected as rejected:
            place = f"/again/{number}/claims"
            raise ClaimsRejected(rejected.problems, place=place) from None

    def _call(self, caller: Caller, loss: Loss, key: str) -> SubjectCall:
        body = json.dumps([loss.subject_ref, [wish.canonical() for wish in loss.again]])
        return SubjectCall(
            key_mac=self._vault.mac("lost-phone-key", caller.organisation, caller.system, key),
            organisation=caller.organisation,
            subject_mac=self._vault.mac("subject", caller.organisation, loss.subject_ref),
            body_mac=self._vault.mac("lost-phone-body", body),
        )

    def _stop(
        self, records: Records, caller: Caller, call: SubjectCall, now: datetime
    ) -> SubjectCall:
        records.subjects.forget(now)
        earlier = records.subjects.remembered(call.key_mac)
        if earlier is not None:
            return _same(earlier, call)
        stopped = StopEverything(records, caller, call, now, self._four_eyes)()
        records.audit.add(loss_entry(caller, now, "lost_phone", call.key_mac.hex()))
        if not records.subjects.remember(stopped, keep_until=now + REMEMBER_FOR):
            # An equal call was quicker; what it left, if anything, is stopped by now.
            return _same(records.subjects.remembered(call.key_mac), call)
        return stopped


def _same(earlier: SubjectCall | None, call: SubjectCall) -> SubjectCall:
    if earlier is None or not hmac.compare_digest(earlier.body_mac, call.body_mac):
        raise IdempotencyKeyReused("the key stands for another request")
    return earlier
