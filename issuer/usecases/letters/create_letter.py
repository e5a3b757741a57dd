"""Take claims from an issuing system, seal them and make a letter of them."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from credential_schemas.i18n import HELSINKI
from issuer.model import Caller
from issuer.ports import Letter, Records
from issuer.ports.letters import PinMedium
from issuer.usecases.failures import IdempotencyKeyReused
from issuer.usecases.letters import content
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

_REMEMBER_CALLS_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LetterWish:
    """What an issuing system asks for.

    Attributes:
        claims: parsed JSON; checked by the type's schema.
        subject_ref: the system's own name for the client; only a keyed MAC of it is kept.
        pin_medium: how the system will give the PIN.
        recipient: name and address for the envelope's window; none when the window is left free.
    """

    type_id: str
    claims: Mapping[str, object]
    subject_ref: str
    pin_medium: PinMedium
    recipient: tuple[str, ...] = ()

    def canonical(self) -> str:
        """Return the wish as one text, the same for equal wishes."""
        wish = [self.type_id, self.claims, self.subject_ref, self.pin_medium, self.recipient]
        return json.dumps(wish, sort_keys=True, ensure_ascii=True)


class CreateLetter:
    """Makes letters: a link that leads to a page, and a PIN that opens it."""

    def __init__(self, tools: LetterTools) -> None:
        self._tools = tools

    async def __call__(
        self, caller: Caller, wish: LetterWish, *, idempotency_key: str | None = None
    ) -> MadeLetter:
        """Check, seal and keep a letter; the same call under the same key makes it once.

        Raises:
            TypeRefused, TypeUnknown, TypeNotIssuedHere, TypeNotInScope: not this type.
            ClaimsRejected: the claims do not fit the type; lists every problem, never a value.
            IdempotencyKeyReused: the key stands for another request.
            OrganisationClosed: the organisation issues nothing any more.
        """
        tools, now = self._tools, self._tools.clock.now()
        # 1. The caller may issue this type.
        credential_type = offered_type(tools.catalogue, caller, wish.type_id)
        # 2. The claims fit the type, name this organisation, and are not over yet.
        check_offered(
            tools.catalogue,
            wish.claims,
            organisation=caller.organisation,
            type_id=wish.type_id,
            today=now.astimezone(HELSINKI).date(),
        )
        # 3. Claims and address are sealed under a data key of this letter.
        facts = Facts(
            credential_type=credential_type,
            subject_mac=tools.vault.mac("subject", caller.organisation, wish.subject_ref),
            pin_medium=wish.pin_medium,
            claims=wish.claims,
        )
        letter = self._called(
            new_letter(tools, caller, facts, now=now), caller, wish, idempotency_key
        )
        sealed = content.seal(tools.vault, letter, content.Sealable(wish.claims, wish.recipient))

        # 4. The letter is kept, or an earlier equal call's letter found.
        def keep(records: Records) -> Letter:
            refuse_closed(records, caller)
            if letter.call_mac is not None:
                records.letters.forget_calls(now - _REMEMBER_CALLS_FOR)
            if not records.letters.add(letter, sealed):
                return _made_before(records, letter)
            records.audit.add(audit(caller, "create_letter", letter.id, at=now))
            return letter

        return made(tools, await tools.store.write(keep))

    def _called(self, letter: Letter, caller: Caller, wish: LetterWish, key: str | None) -> Letter:
        if key is None:
            return letter
        mac = self._tools.vault.mac
        return replace(
            letter,
            call_mac=mac("letter-idempotency-key", caller.organisation, caller.system, key),
            call_body_mac=mac("letter-call-body", wish.canonical()),
        )


def _made_before(records: Records, letter: Letter) -> Letter:
    earlier = records.letters.by_call(letter.call_mac or b"")
    if earlier is None or not hmac.compare_digest(
        earlier.call_body_mac or b"", letter.call_body_mac or b""
    ):
        raise IdempotencyKeyReused("the key stands for another request")
    return earlier
