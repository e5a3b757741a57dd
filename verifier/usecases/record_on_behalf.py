"""Record that somebody acts for the client: staff see who sits at the desk.

It is a kind of person, no name and no mandate: whether somebody may act is not checked here.
"""

from verifier.model import NotAllowed, OnBehalf
from verifier.ports import Verifications
from verifier.usecases.failures import VerificationUnknown


class RecordOnBehalf:
    """See the module text."""

    def __init__(self, *, verifications: Verifications) -> None:
        self._verifications = verifications

    async def __call__(
        self, verification_id: str, *, owner: str, on_behalf: OnBehalf | None
    ) -> None:
        """Write it down; None when the client acts alone.

        Raises:
            VerificationUnknown: no such verification of this owner.
            NotAllowed: there is an outcome already, and the evidence of it.
        """
        verification = await self._verifications.find(verification_id)
        if verification is None or verification.owner != owner:
            raise VerificationUnknown
        if not await self._verifications.say_on_behalf(verification_id, on_behalf):
            raise NotAllowed
