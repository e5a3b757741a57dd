"""A client has lost the phone: everything on it stops counting, and new cards may be offered."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from credential_schemas.problems import ClaimsRejected
from issuer.model import (
    OFFER_NEXT,
    AuditEntry,
    Caller,
    Channel,
    Credential,
    Delivery,
    Offer,
    OfferState,
    Standing,
    sources_of,
)
from issuer.ports import Clock, Letter, LetterState, Records, Store, Vault
from issuer.ports.after import SubjectCall
from issuer.ports.letters import LETTER_KEPT_IN
from issuer.usecases.create_offer import CreatedOffer, CreateOffer, OfferWish
from issuer.usecases.ending import end_offer
from issuer.usecases.failures import IdempotencyKeyReused
from issuer.usecases.letters.create_letter import CreateLetter, LetterWish
from issuer.usecases.letters.making import MadeLetter
from issuer.usecases.standing import set_standing

REASON = "device_lost"
REMEMBER_FOR = timedelta(hours=24)
_Kept = Letter | Offer | Credential
_OPEN = sources_of(OfferState.WITHDRAWN, OFFER_NEXT)


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
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._create_offer = create_offer
        self._create_letter = create_letter

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
        stopped = _Stopping(records, caller, call, now)()
        records.audit.add(_entry(caller, now, "lost_phone", call.key_mac.hex()))
        if not records.subjects.remember(stopped, keep_until=now + REMEMBER_FOR):
            # An equal call was quicker; what it left, if anything, is stopped by now.
            return _same(records.subjects.remembered(call.key_mac), call)
        return stopped


@dataclass(slots=True)
class _Stopping:
    """One transaction's work, thing by thing."""

    records: Records
    caller: Caller
    call: SubjectCall
    now: datetime
    left: set[str] = field(default_factory=set)

    def __call__(self) -> SubjectCall:
        found, who = self.records.subjects, (self.call.organisation, self.call.subject_mac)
        # In this order: a letter makes offers, an offer makes credentials. Whoever is making one
        # now holds the row that is changed here, or finds it changed.
        letters = [
            letter.id
            for letter in self.records.letters.of_subject(*who)
            if letter.state in LETTER_KEPT_IN
            and self._may(letter, self.caller.types)
            and self._take_back_letter(letter.id)
        ]
        # Twice: an offer that was being made again while its row was waited for is new by then.
        withdrawn = [
            offer.id
            for _ in range(2)
            for offer in found.offers_of(*who)
            if offer.state in _OPEN
            and self._may(offer, self.caller.types)
            and self._withdraw(offer)
        ]
        revoked = [
            credential.id
            for credential in found.credentials_of(*who)
            if self._is_live(credential)
            and self._may(credential, self.caller.status_types)
            and self._revoke(credential)
        ]
        return replace(
            self.call,
            revoked=tuple(revoked),
            withdrawn=tuple(withdrawn),
            letters=tuple(letters),
            out_of_scope=len(self.left),
        )

    def _may(self, one: _Kept, scope: frozenset[str]) -> bool:
        """Whether the caller is for something live; notes what is left."""
        if one.type_id not in scope:
            self.left.add(one.id)
        return one.type_id in scope

    def _is_live(self, credential: Credential) -> bool:
        return credential.standing is not Standing.REVOKED and credential.expires_at > self.now

    def _take_back_letter(self, letter_id: str) -> bool:
        if not self.records.letters.move(letter_id, LetterState.WITHDRAWN):
            return False
        self.records.letters.erase(letter_id)
        self._note("withdraw_letter", letter_id)
        return True

    def _withdraw(self, offer: Offer) -> bool:
        if not end_offer(self.records, offer.id, OfferState.WITHDRAWN, at=self.now):
            return False
        self._note("withdraw_offer", offer.id)
        return True

    def _revoke(self, credential: Credential) -> bool:
        if credential.delivery is Delivery.RECORDED:
            # It is being signed now: the wallet that waits for it gets a refusal.
            self.records.credentials.deliver(credential.id, Delivery.REPLACED)
        if not set_standing(self.records, credential, Standing.REVOKED, at=self.now):
            return False
        self._note("revoke", credential.id)
        return True

    def _note(self, action: str, object_id: str) -> None:
        self.records.audit.add(_entry(self.caller, self.now, action, object_id))


def _entry(caller: Caller, now: datetime, action: str, object_id: str) -> AuditEntry:
    return AuditEntry(
        at=now,
        organisation=caller.organisation,
        actor=caller.key_id,
        action=action,
        object_id=object_id,
        reason=REASON,
    )


def _same(earlier: SubjectCall | None, call: SubjectCall) -> SubjectCall:
    if earlier is None or not hmac.compare_digest(earlier.body_mac, call.body_mac):
        raise IdempotencyKeyReused("the key stands for another request")
    return earlier
