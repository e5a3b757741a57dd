"""Take a letter back."""

from issuer.model import Caller
from issuer.ports import LetterState, Records
from issuer.usecases.letters.ending import end_letter
from issuer.usecases.letters.failures import LetterNotOpen
from issuer.usecases.letters.finding import letter_of
from issuer.usecases.letters.making import LetterTools, audit


class WithdrawLetter:
    """Withdraws letters: link and PIN open nothing, what is sealed is erased."""

    def __init__(self, tools: LetterTools) -> None:
        self._tools = tools

    async def __call__(self, caller: Caller, letter_id: str) -> None:
        """End the letter at once, and the offer made of it.

        Raises:
            LetterNotFound: the organisation has no such letter.
            TypeNotInScope: it has, but the caller is not for its type.
            LetterNotOpen: it has ended already; its detail is the state.
        """
        now = self._tools.clock.now()

        def withdraw(records: Records) -> None:
            letter = letter_of(records, caller, letter_id)
            if not end_letter(records, letter, LetterState.WITHDRAWN, at=now):
                raise LetterNotOpen(letter.state)
            records.audit.add(audit(caller, "withdraw_letter", letter_id, at=now))

        await self._tools.store.write(withdraw)
