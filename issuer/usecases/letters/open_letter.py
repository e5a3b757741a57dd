"""Open a letter with its PIN: the one way from its page to an offer."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from issuer.model import AuditEntry, Channel, Offer, OfferState
from issuer.ports import Event, Letter, LetterState, Records
from issuer.usecases import secrets_of_offer as offer_secret
from issuer.usecases.letters import content
from issuer.usecases.letters import secrets_of_letter as secret
from issuer.usecases.letters.ending import take_back_offer
from issuer.usecases.letters.making import LetterTools
from keys import strict_json

ATTEMPTS_MAX = 5
_NOBODY = "0" * 32
_CLIENT = "client"  # who did it, in the audit record: nobody who has a name here


@dataclass(frozen=True, slots=True)
class Opened:
    """The PIN was right: here is a card to be taken, for a few minutes."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class PinWrong:
    """The PIN was wrong, and may be tried `left` more times."""

    left: int


@dataclass(frozen=True, slots=True)
class PinLocked:
    """The PIN was wrong too often, just now."""


@dataclass(frozen=True, slots=True)
class OpensNothing:
    """Nothing is here to be opened; whether there ever was is not told."""


Answer = Opened | PinWrong | PinLocked | OpensNothing


class OpenLetter:
    """Makes an offer of a letter for whoever has both its link and its PIN.

    Args:
        tools: what the calls about letters share.
        offer_lifetime: how long the offer can be redeemed. It asks for no PIN of its own: the
            PIN has just been given, and asking twice would teach people to type it anywhere.
    """

    def __init__(self, tools: LetterTools, *, offer_lifetime: timedelta) -> None:
        self._tools = tools
        self._offer_lifetime = offer_lifetime

    async def __call__(self, last_part: str, pin: str) -> Answer:
        """Try a PIN.

        Args:
            last_part: of the link, or the typed code; anything.
            pin: six digits, or not.
        """
        now = self._tools.clock.now()
        mac = secret.link_mac(self._tools.vault, last_part)
        return await self._tools.store.write(lambda records: self._try(records, mac, pin, now))

    def _try(self, records: Records, link_mac: bytes, pin: str, now: datetime) -> Answer:
        vault = self._tools.vault
        # 1. The attempt is counted in one conditional write, before anything is compared. What
        #    is unknown, ended or locked goes the same way, and counts nothing.
        letter = records.letters.count_attempt(link_mac, now=now, limit=ATTEMPTS_MAX)
        # 2. The PIN is compared in constant time, with nobody's where there is no letter.
        expected = secret.pin_of(vault, letter.id if letter else _NOBODY)
        is_right = hmac.compare_digest(expected.encode(), pin.encode())
        if letter is None:
            return OpensNothing()
        if not is_right:
            return self._refuse(records, letter, now)
        # 3. What is sealed in the letter is there.
        sealed = records.letters.sealed(letter.id)
        if sealed is None:
            return OpensNothing()
        claims = content.unseal(vault, letter, sealed).claims
        # 4. The earlier offer ends, so that one lives at a time; the new one holds the claims.
        take_back_offer(records, letter, at=now)
        offer = self._offer(letter, now)
        binding = offer_secret.binding_of(
            offer.organisation, offer.id, offer.type_id, offer.schema_version
        )
        records.offers.add(offer, vault.seal(strict_json.dumps(dict(claims)), binding=binding))
        records.letters.opened(letter.id, offer_id=offer.id)
        records.audit.add(_audit("open_letter", letter, now))
        return Opened(offer)

    def _refuse(self, records: Records, letter: Letter, now: datetime) -> Answer:
        left = ATTEMPTS_MAX - letter.attempts
        if left:
            return PinWrong(left)
        records.letters.move(letter.id, LetterState.LOCKED)
        records.events.tell(
            letter.organisation, Event.LETTER_LOCKED, letter.id, now, state=LetterState.LOCKED
        )
        records.audit.add(_audit("lock_letter", letter, now))
        return PinLocked()

    def _offer(self, letter: Letter, now: datetime) -> Offer:
        vault = self._tools.vault
        offer_id = self._tools.random.bytes(16).hex()
        reference = offer_secret.reference_of(vault, offer_id)
        return Offer(
            id=offer_id,
            organisation=letter.organisation,
            type_id=letter.type_id,
            schema_version=letter.schema_version,
            state=OfferState.OFFERED,
            channel=Channel.LETTER,
            has_pin=False,
            attempts=0,
            subject_mac=letter.subject_mac,
            reference_mac=offer_secret.reference_mac(vault, reference),
            code_mac=offer_secret.code_mac(vault, offer_secret.code_of(vault, offer_id)),
            created_at=now,
            expires_at=now + self._offer_lifetime,
        )


def _audit(action: str, letter: Letter, at: datetime) -> AuditEntry:
    return AuditEntry(
        at=at,
        organisation=letter.organisation,
        actor=_CLIENT,
        action=action,
        object_id=letter.id,
    )
