"""What a receiver asks, checked: over the network or by a challenge on a desk's screen."""

from dataclasses import dataclass

from credential_schemas.model import RequestProfile
from keys.trust import RelyingParty
from openid4vc.dcql.query import Query
from wallet_sim.consent import Choice, Part, Wish, can_be_answered, choose


@dataclass(frozen=True, slots=True)
class Asking:
    """Something that may be shown to the person, who then decides.

    Attributes:
        party: who asks, as the trust list names them.
        client_id: the same, as they name themselves.
        profile: the task, from our own catalogue.
        query: what is asked.
        parts: the same, with the cards that could answer.
    """

    party: RelyingParty
    client_id: str
    profile: RequestProfile
    query: Query
    parts: tuple[Part, ...]

    def can_be_answered(self) -> bool:
        """Say whether the wallet holds fitting cards for everything that is required."""
        return can_be_answered(self.query, self.parts)

    def choices(self, wish: Wish | None = None) -> tuple[Choice, ...]:
        """Return what would leave; raises as ``consent.choose``."""
        return choose(self.query, self.parts, self.profile, wish or Wish())
