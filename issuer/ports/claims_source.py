"""Where the claims come from when a person asks for a card: the organisation's own system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from credential_schemas.model import Lang
from issuer.ports.sign_in import Person


@dataclass(frozen=True, slots=True)
class Ready:
    """The claims are there, and fit the type's schema.

    Attributes:
        subject_ref: the system's own opaque name for the person.
        claims: parsed JSON.
    """

    subject_ref: str = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Later:
    """The person is known and will have a card; its claims come later, by the request's id."""

    subject_ref: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing for this person, and nothing is on its way."""


class ClaimsSource(Protocol):
    """Asks an organisation's own system for claims about a person."""

    def serves(self, organisation: str, type_id: str) -> bool:
        """Whether the organisation's system can be asked for a type at all."""

    async def fetch(
        self,
        organisation: str,
        type_id: str,
        person: Person,
        *,
        request_id: str,
        language: Lang,
    ) -> Ready | Later | Nothing:
        """Ask for the claims of one card.

        Args:
            organisation: whose system.
            type_id: a type that the organisation issues.
            person: who signed in.
            request_id: the id that the offer has, or will have: claims that come later are put to
                `/api/v1/{org}/offers/{request_id}/claims`. The same id is the same request.
            language: what the person reads, for claims in words.

        Raises:
            ClaimsSourceMissing: no system of the organisation can be asked.
            ClaimsSourceUnavailable: it did not answer, or not in time.
            ClaimsSourceAnswerInvalid: it answered something else than docs/pull-api.md says, or
                claims that do not fit the type.
        """
