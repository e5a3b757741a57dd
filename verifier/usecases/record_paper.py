"""Record a check of a paper document in place of a card: what staff saw, and nothing it says."""

from enum import StrEnum

from credential_schemas.model import Catalogue
from verifier.model import Change, Identity, NotAllowed, Outcome, State, Step, Verification
from verifier.ports import Clock, Verifications
from verifier.usecases.evidence import evidence_of_end
from verifier.usecases.failures import IdentityCheckRequired, NotSamePerson

PAPER = "paper_document"
"""Code of an outcome that staff came to by hand."""


class Paper(StrEnum):
    """What staff saw."""

    IN_ORDER = "in_order"  # it covers the task, is in force and looks genuine
    UNSURE = "unsure"
    NOT_SHOWN = "not_shown"


_OUTCOMES = {
    Paper.IN_ORDER: Outcome.ACCEPT,
    Paper.UNSURE: Outcome.CANNOT_CONFIRM,
    Paper.NOT_SHOWN: Outcome.NOT_SHOWN,
}


class RecordPaper:
    """See the module text."""

    def __init__(self, *, catalogue: Catalogue, verifications: Verifications, clock: Clock) -> None:
        self._catalogue = catalogue
        self._verifications = verifications
        self._clock = clock

    async def __call__(
        self, verification: Verification, *, paper: Paper, identity: Identity | None
    ) -> None:
        """End a verification of the caller's own with what the paper came to.

        Args:
            verification: not answered, or answered with nothing.
            paper: what staff saw.
            identity: what comparing the person gave; None when it was not compared.

        Raises:
            IdentityCheckRequired: the profile asks for comparing, and it was not done.
            NotAllowed: the client's wallet has answered meanwhile, or it is closed.
        """
        compare = self._catalogue.profiles[verification.profile].identity_check == "compare"
        if paper is Paper.NOT_SHOWN:
            identity = None
        elif identity is None and compare:
            raise IdentityCheckRequired
        other_person = identity is Identity.NOT_SAME
        outcome = Outcome.REJECT if other_person else _OUTCOMES[paper]
        code = NotSamePerson.code if other_person else PAPER
        change = Change(
            outcome=outcome, code=code, identity=identity, erase_secrets=True, erase_values=True
        )
        evidence = evidence_of_end(
            verification,
            State.ON_PAPER,
            at=self._clock.now(),
            outcome=outcome,
            code=code,
            identity=identity,
        )
        step = Step(
            to=State.ON_PAPER,
            only_from=frozenset({verification.state}),
            change=change,
            evidence=evidence,
        )
        if not await self._verifications.move(verification.id, step):
            raise NotAllowed
