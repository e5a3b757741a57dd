"""Make a letter anew: the old link and PIN die in the same breath."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from credential_schemas.i18n import HELSINKI
from issuer.model import Caller
from issuer.ports import Letter, LetterState, Records
from issuer.ports.letters import LETTER_KEPT_IN, PinMedium
from issuer.usecases.letters import content
from issuer.usecases.letters.ending import end_letter
from issuer.usecases.letters.failures import LetterClaimsGone, LetterNotFound
from issuer.usecases.letters.finding import letter_of
from issuer.usecases.letters.making import (
    Facts,
    LetterTools,
    MadeLetter,
    audit,
    made,
    new_letter,
    refuse_closed,
)
from issuer.usecases.offered_claims import check_offered, offered_type


@dataclass(frozen=True, slots=True)
class ThisLetter:
    """The letter with this id."""

    letter_id: str


@dataclass(frozen=True, slots=True)
class LettersOfClient:
    """Every letter with a card of this type to the client whom the system calls so."""

    subject_ref: str
    type_id: str


@dataclass(frozen=True, slots=True)
class RenewWish:
    """What a new letter has of its own; the rest is the old one's.

    Attributes:
        claims: needed when the old letter has ended: its claims are erased then.
        recipient: another name or address.
        pin_medium: another way for the PIN.
    """

    which: ThisLetter | LettersOfClient
    claims: Mapping[str, object] | None = None
    recipient: tuple[str, ...] | None = None
    pin_medium: PinMedium | None = None


class RenewLetter:
    """Makes a letter in place of earlier ones: lost in the post, locked, out of date."""

    def __init__(self, tools: LetterTools) -> None:
        self._tools = tools

    async def __call__(self, caller: Caller, wish: RenewWish) -> MadeLetter:
        """End the earlier letters and make a new one, in one transaction.

        Raises:
            LetterNotFound: the organisation has no such letter.
            TypeUnknown, TypeNotIssuedHere, TypeNotInScope, TypeRefused: not this type.
            LetterClaimsGone: no letter is left that holds claims, and the call has none.
            ClaimsRejected: the claims do not fit, or have run out since.
            OrganisationClosed: the organisation issues nothing any more.
        """
        now = self._tools.clock.now()
        letter = await self._tools.store.write(
            lambda records: self._renew(records, caller, wish, now)
        )
        return made(self._tools, letter)

    def _renew(self, records: Records, caller: Caller, wish: RenewWish, now: datetime) -> Letter:
        tools = self._tools
        refuse_closed(records, caller)
        # 1. The earlier letters are found, the newest first.
        earlier = self._earlier(records, caller, wish.which)
        # 2. The claims are those of the call, or of the newest letter that has them still.
        sealable = self._content(records, earlier, wish, now)
        # 3. The caller may issue the type, and the claims are good today.
        newest = earlier[0]
        facts = Facts(
            credential_type=offered_type(tools.catalogue, caller, newest.type_id),
            subject_mac=newest.subject_mac,
            pin_medium=wish.pin_medium or newest.pin_medium,
            claims=sealable.claims,
        )
        check_offered(
            tools.catalogue,
            sealable.claims,
            organisation=caller.organisation,
            type_id=newest.type_id,
            today=now.astimezone(HELSINKI).date(),
        )
        # 4. The earlier letters end: their links and PINs open nothing, their offers neither.
        for each in earlier:
            if end_letter(records, each, LetterState.RENEWED, at=now):
                records.audit.add(audit(caller, "end_letter", each.id, at=now))
        # 5. The new letter is kept.
        letter = new_letter(tools, caller, facts, now=now)
        records.letters.add(letter, content.seal(tools.vault, letter, sealable))
        records.audit.add(audit(caller, "renew_letter", letter.id, at=now))
        return letter

    def _earlier(
        self, records: Records, caller: Caller, which: ThisLetter | LettersOfClient
    ) -> Sequence[Letter]:
        if isinstance(which, ThisLetter):
            return [letter_of(records, caller, which.letter_id)]
        mac = self._tools.vault.mac("subject", caller.organisation, which.subject_ref)
        found = [
            letter
            for letter in records.letters.of_subject(caller.organisation, mac)
            if letter.type_id == which.type_id
        ]
        if not found:
            raise LetterNotFound("no letter to this client with this type")
        return found

    def _content(
        self, records: Records, earlier: Sequence[Letter], wish: RenewWish, now: datetime
    ) -> content.Sealable:
        kept = next((one for one in earlier if one.state_at(now) in LETTER_KEPT_IN), None)
        if kept is not None:
            old = self._opened(records, kept)
        elif wish.claims is not None:
            old = content.Sealable(wish.claims, ())
        else:
            raise LetterClaimsGone("the earlier letter has ended")
        return content.Sealable(
            old.claims if wish.claims is None else wish.claims,
            old.recipient if wish.recipient is None else wish.recipient,
        )

    def _opened(self, records: Records, letter: Letter) -> content.Sealable:
        sealed = records.letters.sealed(letter.id)
        if sealed is None:
            raise LetterClaimsGone("the earlier letter is erased")
        return content.unseal(self._tools.vault, letter, sealed)
