"""What a lost phone comes to in the records: everything of one client stops, in one transaction."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from issuer.model import (
    OFFER_NEXT,
    UNDELIVERED,
    AuditEntry,
    Caller,
    Credential,
    Delivery,
    Offer,
    OfferState,
    RevocationRequest,
    Standing,
    sources_of,
)
from issuer.ports import Event, Letter, LetterState, Records
from issuer.ports.after import SubjectCall
from issuer.ports.letters import LETTER_KEPT_IN
from issuer.usecases.change_status import FourEyes
from issuer.usecases.ending import end_offer
from issuer.usecases.standing import set_standing

REASON = "device_lost"
_Kept = Letter | Offer | Credential
_OPEN = sources_of(OfferState.WITHDRAWN, OFFER_NEXT)


def loss_entry(caller: Caller, now: datetime, action: str, object_id: str) -> AuditEntry:
    """Return what the audit record says of one thing that was done because of a loss."""
    return AuditEntry(
        at=now,
        organisation=caller.organisation,
        actor=caller.key_id,
        action=action,
        object_id=object_id,
        reason=REASON,
    )


@dataclass(slots=True)
class StopEverything:
    """One transaction's work, thing by thing: letters, then offers, then credentials."""

    records: Records
    caller: Caller
    call: SubjectCall
    now: datetime
    four_eyes: FourEyes
    waiting: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)

    def __call__(self) -> SubjectCall:
        """Stop everything; returns the call with what it did."""
        found, who = self.records.subjects, (self.call.organisation, self.call.subject_mac)
        # In this order: letters and authorizations make offers, an offer makes credentials.
        # Whoever is making one now holds the row that is changed here, or finds it changed.
        letters = [
            letter.id
            for letter in self.records.letters.of_subject(*who)
            if letter.state in LETTER_KEPT_IN
            and self._may(letter, self.caller.types)
            and self._take_back_letter(letter.id)
        ]
        self.records.authorizations.end_of_subject(*who, self.caller.types)
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
            and self._revoke(credential, withdrawn)
        ]
        return replace(
            self.call,
            revoked=tuple(revoked),
            withdrawn=tuple(withdrawn),
            letters=tuple(letters),
            awaiting=tuple(self.waiting),
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

    def _revoke(self, credential: Credential, withdrawn: Collection[str]) -> bool:
        if credential.delivery is Delivery.RECORDED:
            # It is being signed now: the wallet that waits for it gets a refusal.
            self.records.credentials.deliver(credential.id, Delivery.REPLACED)
        # A copy that nobody has confirmed goes with its offer, whoever takes that back.
        is_underway = credential.delivery in UNDELIVERED and credential.offer_id in withdrawn
        if self.four_eyes.are_needed(credential) and not is_underway:
            return self._revoke_with_four_eyes(credential)
        return self._set(credential, Standing.REVOKED, "revoke")

    def _revoke_with_four_eyes(self, credential: Credential) -> bool:
        """Suspend as the first, so that it stops counting at once, or revoke as the second."""
        request = RevocationRequest(self.caller.system, None, REASON, self.now)
        if self.records.credentials.ask_revocation(credential.id, request):
            self._set(credential, Standing.SUSPENDED, "ask_revocation")
            self.records.events.tell(
                credential.organisation,
                Event.CREDENTIAL_REVOCATION_ASKED,
                credential.id,
                self.now,
                state=Standing.SUSPENDED,
            )
        else:
            before = credential.revocation_request
            is_second = before is not None and before.is_another(self.caller.system, None)
            if is_second and self.records.credentials.end_request(credential.id):
                return self._set(credential, Standing.REVOKED, "revoke")
        self.waiting.append(credential.id)
        return False

    def _set(self, credential: Credential, target: Standing, action: str) -> bool:
        if not set_standing(self.records, credential, target, at=self.now):
            return False
        self._note(action, credential.id)
        return True

    def _note(self, action: str, object_id: str) -> None:
        self.records.audit.add(loss_entry(self.caller, self.now, action, object_id))
