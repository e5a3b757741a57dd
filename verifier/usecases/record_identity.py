"""Record what staff found when they compared the person with an identity document."""

from credential_schemas.model import Catalogue
from verifier.model import Change, Identity, NotAllowed, Outcome, State, Step, Verification
from verifier.ports import Clock, Verifications
from verifier.usecases.decide import HoldTimes
from verifier.usecases.evidence import evidence_of_end
from verifier.usecases.failures import (
    IdentityCheckRequired,
    NotSamePerson,
    VerificationUnknown,
)


class RecordIdentity:
    """See the module text."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        verifications: Verifications,
        clock: Clock,
        hold: HoldTimes,
    ) -> None:
        self._catalogue = catalogue
        self._verifications = verifications
        self._clock = clock
        self._hold = hold

    async def __call__(self, verification_id: str, *, owner: str, identity: Identity) -> None:
        """Record it, and decide: the same person is accepted, another one rejected.

        Saying `NOT_NEEDED` about a profile that needs no comparing changes nothing: that
        verification was decided without it.

        Raises:
            VerificationUnknown: no such verification of this owner.
            IdentityCheckRequired: the profile asks for comparing.
            NotAllowed: nothing is waiting for this.
        """
        verification = await self._verifications.find(verification_id)
        if verification is None or verification.owner != owner:
            raise VerificationUnknown
        if identity is Identity.NOT_NEEDED:
            if self._catalogue.profiles[verification.profile].identity_check == "compare":
                raise IdentityCheckRequired
            return
        if not await self._decide(verification, identity):
            raise NotAllowed

    async def _decide(self, verification: Verification, identity: Identity) -> bool:
        now = self._clock.now()
        same = identity is Identity.COMPARED
        outcome = Outcome.ACCEPT if same else Outcome.REJECT
        code = None if same else NotSamePerson.code
        return await self._verifications.move(
            verification.id,
            Step(
                to=State.DECIDED,
                only_from=frozenset({State.IDENTITY_PENDING}),
                in_time_at=now,
                change=Change(
                    outcome=outcome,
                    code=code,
                    identity=identity,
                    decided_at=now,
                    erase_at=now + self._hold.values if same else None,
                    erase_values=not same,
                ),
                evidence=evidence_of_end(
                    verification,
                    State.DECIDED,
                    at=now,
                    outcome=outcome,
                    code=code,
                    identity=identity,
                ),
            ),
        )
