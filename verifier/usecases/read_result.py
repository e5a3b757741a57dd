"""Read where a verification stands and, with the creator's result key, what was shown."""

from dataclasses import dataclass

from verifier.model import Outcome, ShownCard, State, Verification
from verifier.ports import Clock, Verifications
from verifier.usecases.failures import VerificationUnknown
from verifier.usecases.shown_values import only_the_person, open_values
from verifier.usecases.staff_access_log import RecordAccess
from verifier.usecases.staff_model import Shown
from verifier.usecases.sweep_expired import SweepExpired

_WITH_VALUES = frozenset({Outcome.ACCEPT, Outcome.CANNOT_CONFIRM})


@dataclass(frozen=True, slots=True)
class Result:
    """A verification and the cards that may be seen now.

    `cards` is None when there are none to see: not shown, rejected, erased, or no key was given.
    While the person is to be compared they hold the name and the birthdate only.
    """

    verification: Verification
    cards: tuple[ShownCard, ...] | None


class ReadResult:
    """See the module text."""

    def __init__(
        self,
        *,
        verifications: Verifications,
        record: RecordAccess,
        sweep: SweepExpired,
        clock: Clock,
    ) -> None:
        self._verifications = verifications
        self._record = record
        self._sweep = sweep
        self._clock = clock

    async def __call__(
        self,
        verification_id: str,
        *,
        owner: str,
        result_key: str | None = None,
        shown: Shown = Shown.VALUES,
    ) -> Result:
        """Read it. Whose values are about to be seen is noted first, or they are not returned.

        Args:
            verification_id: which.
            owner: public id of the caller's key; others see nothing.
            result_key: opens the values.
            shown: in which way they will be seen.

        Raises:
            VerificationUnknown: no such verification of this owner.
            ResultKeyWrong: the key does not open these values.
        """
        verification = await self._find(verification_id, owner)
        if await self._sweep.end(verification, at=self._clock.now()):
            verification = await self._find(verification_id, owner)
        if result_key is None or not _may_see(verification):
            return Result(verification, None)
        boxed = await self._verifications.boxed(verification.id)
        if boxed is None:
            return Result(verification, None)
        cards = open_values(boxed, result_key=result_key, verification_id=verification.id)
        if verification.state is State.IDENTITY_PENDING:
            cards, shown = only_the_person(cards), Shown.PERSON
        await self._record(verification, cards, viewer=owner, shown=shown)
        return Result(verification, cards)

    async def _find(self, verification_id: str, owner: str) -> Verification:
        verification = await self._verifications.find(verification_id)
        if verification is None or verification.owner != owner:
            raise VerificationUnknown
        return verification


def _may_see(verification: Verification) -> bool:
    if verification.state is State.IDENTITY_PENDING:
        return True
    return verification.state is State.DECIDED and verification.outcome in _WITH_VALUES
